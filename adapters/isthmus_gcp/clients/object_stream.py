"""An object as a file that is open for reading: its bytes come from Cloud Storage as they are read."""

from __future__ import annotations

import io

from isthmus._typing import Any, Callable

BUFFER = 256 * 1024
"""How many bytes are taken from the connection at a time."""

RESUMES = 3
"""How often a connection that breaks is made anew, at the byte where it broke."""


class _Body(io.RawIOBase):
    """The body of an answer; `opened(offset, generation)` asks for the rest, `failed` makes the error to raise."""

    def __init__(
        self, answer: Any, opened: Callable[[int, str], Any], failed: Callable[[Exception], Exception | None]
    ) -> None:
        super().__init__()
        self._answer = answer
        self._opened = opened
        self._failed = failed
        self._generation: str = answer.headers.get("x-goog-generation", "")
        self._checksum = _Checksum(answer.headers.get("x-goog-hash", ""))
        self._resumes = RESUMES
        self._offset = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data = self._read(len(buffer))
        except Exception as error:
            failed = self._failed(error)
            if failed is None:
                raise
            raise failed from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._answer.close()
        super().close()

    def _read(self, size: int) -> bytes:
        while True:
            try:
                data: bytes = self._answer.raw.read(size, decode_content=False)  # as it is stored
            except Exception:
                if not self._resumes or not self._generation:
                    raise
                self._resume()
                continue
            self._offset += len(data)
            self._checksum.add(data)
            return data

    def _resume(self) -> None:
        self._resumes -= 1
        self._answer.close()
        self._answer = self._opened(self._offset, self._generation)


class _Checksum:
    """The CRC32C of what has been read, which is that of the header `x-goog-hash` at the end.

    https://cloud.google.com/storage/docs/data-validation
    """

    def __init__(self, hashes: str) -> None:
        from importlib import import_module

        named = dict(pair.strip().split("=", 1) for pair in hashes.split(",") if "=" in pair)
        self._expected = named.get("crc32c", "")
        self._sum: Any = import_module("google_crc32c").Checksum()

    def add(self, data: bytes) -> None:
        """Take in what was read; at the end (no bytes), raise where something else was stored."""
        if data:
            self._sum.update(data)
        elif self._expected and self._told() != self._expected:
            from importlib import import_module

            damaged: Any = import_module("google.api_core.exceptions").DataLoss
            raise damaged("the object was damaged on its way: its checksum is another")

    def _told(self) -> str:
        from binascii import b2a_base64

        return b2a_base64(self._sum.digest(), newline=False).decode()


def open_body(
    answer: Any, opened: Callable[[int, str], Any], failed: Callable[[Exception], Exception | None]
) -> io.BufferedReader:
    """Return the body of an answer as a file: `read(n)`, lines, `with`, but no `seek`."""
    return io.BufferedReader(_Body(answer, opened, failed), BUFFER)
