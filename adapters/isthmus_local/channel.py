"""Frames between the supervisor and a worker: a small header, then a value in marshal's form.

`marshal` is the quickest codec of the standard library, and safe here alone: both ends are one interpreter, and nothing
else can write to these sockets.
"""

from __future__ import annotations

import marshal
import struct
import sys

from isthmus._typing import Any

HEADER = struct.Struct("<IIB")
"""The payload's length, the id of the invocation or call, and what the frame is (one of the numbers below)."""

INVOKE, RESULT, REPORT, CALL, ANSWER, READY, BROKEN = range(7)
"""Supervisor → worker: INVOKE, ANSWER. Worker → supervisor: READY or BROKEN once, then RESULT of an invocation, REPORT
of one record of a batch as soon as it is known, CALL of an operation."""

PACKETS = sys.platform == "linux"
"""Whether invocations travel in packets (SOCK_SEQPACKET): then the supervisor can take back those not yet begun."""

LARGEST_PACKET = 128 * 1024
"""Bytes of a frame that still fit a socket's buffer; a larger one travels in an anonymous file."""

LARGEST_FRAME = 512 * 1024 * 1024
"""Bytes that a frame may announce: less than any four letters would, which a handler might write to our socket."""

_MARSHAL_VERSION = 2  # the later ones look for shared objects, which costs more than it saves on small values


def pack(id: int, kind: int, value: Any) -> bytes:
    """Return the frame of `value`; ValueError where it holds something other than plain builtin values."""
    payload = marshal.dumps(value, _MARSHAL_VERSION)
    return HEADER.pack(len(payload), id, kind) + payload


def unpack(payload: bytes) -> Any:
    """Return the value of a frame's payload."""
    return marshal.loads(payload)


def frame_id(frame: bytes) -> int:
    """Return the id that a frame carries."""
    return int(HEADER.unpack_from(frame)[1])


class Frames:
    """Cuts a stream of bytes into frames; linear in the bytes, however small the pieces and large the frames.

    ValueError for bytes that are no frame, as far as that can be told.
    """

    __slots__ = ("_needed", "_rest")

    def __init__(self) -> None:
        self._rest = bytearray()
        self._needed = 0

    def feed(self, data: bytes) -> list[tuple[int, int, bytes]]:
        """Take the next bytes and return what they complete: (id, kind, payload) of each frame."""
        if self._rest:
            self._rest += data
            if len(self._rest) < self._needed:
                return []
            data = bytes(self._rest)
            self._rest.clear()
        frames: list[tuple[int, int, bytes]] = []
        start, end, header = 0, len(data), HEADER.size
        self._needed = header
        while end - start >= header:
            length, id, kind = HEADER.unpack_from(data, start)
            if length > LARGEST_FRAME or kind > BROKEN:
                raise ValueError(f"no frame: kind {kind}, {length:,} bytes")
            stop = start + header + length
            if stop > end:
                self._needed = stop - start
                break
            frames.append((id, kind, data[start + header : stop]))
            start = stop
        if start < end:
            self._rest += data[start:]
        return frames
