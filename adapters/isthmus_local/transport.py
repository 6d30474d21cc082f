"""What a linked client asks of the supervisor: `call(op, resource, *args)`, over the worker's socket."""

from __future__ import annotations

import itertools
import os
from _thread import allocate_lock

from isthmus._typing import Any
from isthmus.errors import ServiceError
from isthmus_local import wire_errors
from isthmus_local.channel import ANSWER, CALL, INVOKE, Frames, pack, unpack

_READ = 256 * 1024
_EVENTS = 0  # the id under which whoever waits for the next event waits; calls count from 1


class _Waiter:
    """A thread that waits for a frame: it sleeps on its own lock, so that nobody else is woken with it."""

    __slots__ = ("frame", "lock")

    def __init__(self) -> None:
        self.frame: tuple[int, bytes] | None = None
        self.lock = allocate_lock()
        self.lock.acquire()

    def wake(self) -> None:
        """Let the thread go on; nothing happens where it is not asleep."""
        if self.lock.locked():
            self.lock.release()


class SocketTransport:
    """Calls the supervisor; any number of threads may call at once: one of those that wait reads the answers of all."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self._sending = allocate_lock()
        self._reading = allocate_lock()
        self._frames = Frames()
        self._waiters: dict[int, _Waiter] = {}
        self._events: list[tuple[int, bytes]] = []
        self._ids = itertools.count(1)
        self._closed = False
        self._process = os.getpid()

    def send(self, frame: bytes) -> None:
        """Write a whole frame; `ServiceError` in a process that a handler forked: it would answer in our place."""
        if os.getpid() != self._process:
            raise ServiceError("a process that a handler forked has no link to anything: let it end with os._exit")
        with self._sending:
            self._stream.sendall(frame)

    def call(self, op: str, resource: str, *args: Any) -> Any:
        """Return what the operation returns, or raise its error; `ServiceError` where the supervisor is gone."""
        id = next(self._ids) & 0x7FFFFFFF or next(self._ids)
        waiter = self._waiters[id] = _Waiter()
        try:
            self.send(pack(id, CALL, (op, resource, args)))
            worked, value = unpack(self._await(waiter)[1])
        finally:
            del self._waiters[id]
        if not worked:
            raise wire_errors.decode(value)
        return value

    def next_event(self) -> tuple[int, bytes] | None:
        """Wait for the next event that comes on this stream; None where the supervisor hung up."""
        waiter = self._waiters[_EVENTS] = _Waiter()
        try:
            return self._events.pop(0) if self._events else self._await(waiter)
        except ServiceError:
            return None
        finally:
            del self._waiters[_EVENTS]

    def _await(self, waiter: _Waiter) -> tuple[int, bytes]:
        """Return the frame for `waiter`: read until it has come, or sleep while another thread reads."""
        while waiter.frame is None:
            if self._reading.acquire(False):
                try:
                    while waiter.frame is None:
                        self._read()
                finally:
                    self._reading.release()
                    self._appoint()
            else:
                waiter.lock.acquire()
        return waiter.frame

    def _appoint(self) -> None:
        """Wake one of those that still wait, to read in our place."""
        for waiter in tuple(self._waiters.values()):
            if waiter.frame is None:
                waiter.wake()
                return

    def _read(self) -> None:
        data = b"" if self._closed else self._stream.recv(_READ)
        if not data:
            self._closed = True
            raise ServiceError("the supervisor closed the connection")
        for id, kind, payload in self._frames.feed(data):
            if kind == ANSWER:
                self._deliver(self._waiters.get(id), (id, payload))
            elif kind == INVOKE:
                waiter = self._waiters.get(_EVENTS)
                if waiter is None or waiter.frame is not None:
                    self._events.append((id, payload))
                else:
                    self._deliver(waiter, (id, payload))

    @staticmethod
    def _deliver(waiter: _Waiter | None, frame: tuple[int, bytes]) -> None:
        if waiter is not None:  # whoever was interrupted waits no more
            waiter.frame = frame
            waiter.wake()
