"""Requests whose handlers take too long: they are answered, though no thread can be stopped from outside."""

from __future__ import annotations

import threading
import time
from itertools import count

from isthmus._typing import Any, Callable
from isthmus.http.response import HttpResponse
from isthmus_gcp.held import end_process

SOCKET = "gunicorn.socket"
"""Where gunicorn, by which the functions framework serves, puts the connection of a request."""

_NONE = 0
_TICK = 0.1
"""Seconds between two looks, and so how late an answer may be."""


class Overdue:
    """Answers each request that is not done when it should be, on its connection, in place of its handler.

    A handler that is late goes on, as Cloud Run says of requests that it gives up itself
    (https://cloud.google.com/run/docs/configuring/request-timeout); what it returns at last goes nowhere. To let each
    request be handled on one thread and waited for on another would cost more than all else that is ours, so one
    thread looks after all of them, ten times a second while there are any. Another server than gunicorn shows no
    connection; there the platform's own time limit is all.

    Where late handlers hold all of the `threads`, nobody could be answered any more: the process ends, and gunicorn
    starts the next.
    """

    __slots__ = ("_answering", "_keys", "_late", "_lock", "_some", "_threads", "_watched", "_watches")

    def __init__(self, threads: int = 0) -> None:
        self._threads = threads
        self._keys = count(1)
        self._watched: dict[int, tuple[float, Any, Callable[[], HttpResponse]]] = {}
        self._late: set[int] = set()
        self._some = threading.Event()
        self._lock = threading.Lock()
        self._answering = threading.Lock()
        self._watches = False

    def begin(self, connection: Any, due: float, late: Callable[[], HttpResponse]) -> int:
        """Look after a request until `end`: at the time `due` (epoch seconds) it is answered with what `late` makes."""
        if connection is None:
            return _NONE
        key = next(self._keys)
        self._watched[key] = (due, connection, late)
        if not self._some.is_set():
            self._some.set()
        if not self._watches:
            self._start()
        return key

    def end(self, key: int) -> None:
        """Tell that a request is done; where it has been answered already, its connection takes nothing any more."""
        if self._watched.pop(key, None) is None and key != _NONE:
            with self._answering:  # two answers at once would be read as one another's
                self._late.discard(key)

    def _start(self) -> None:
        with self._lock:
            if not self._watches:
                self._watches = True
                threading.Thread(target=self._watch, name="isthmus-overdue", daemon=True).start()

    def _watch(self) -> None:
        was_held = False
        while True:
            self._some.wait()
            time.sleep(_TICK)  # before the look: else this thread would run beside each request, and for nothing
            self._look(time.time())
            is_held = 0 < self._threads <= len(self._late)
            if is_held and was_held:  # at the first look, those that wait for their clients may be about to go
                end_process(self._threads)
            was_held = is_held

    def _look(self, now: float) -> None:
        watched = self._watched.copy()
        for key, (due, _, _) in watched.items():
            if due <= now:
                self._give_up(key)
        if not watched and not self._late:
            self._some.clear()
            if self._watched:  # it came between the look and the clearing
                self._some.set()

    def _give_up(self, key: int) -> None:
        with self._answering:
            taken = self._watched.pop(key, None)  # whoever takes it out, here or in `end`, is the one that answers
            if taken is None:
                return
            self._late.add(key)
            _, connection, late = taken
            try:
                _answer(connection, late())
            except Exception:  # all others still need this thread
                _log().exception("a request that is overdue was not answered")


def _answer(connection: Any, response: HttpResponse) -> None:
    """Send an answer and close the connection, so that nothing can follow it."""
    import socket
    from contextlib import suppress

    with suppress(OSError):  # the client has gone, or does not read: it holds up nobody else
        connection.send(_bytes_of(response), socket.MSG_DONTWAIT)
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def _bytes_of(response: HttpResponse) -> bytes:
    """Return an answer as HTTP/1.1."""
    from email.utils import formatdate

    headers = dict(response.wire_headers())  # of a problem document, and of cross-origin rules: none comes twice
    headers.setdefault("content-length", str(len(response.body)))
    lines = [f"HTTP/1.1 {response.status} {_reason(response.status)}", f"date: {formatdate(usegmt=True)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "connection: close", "", ""]).encode("latin-1") + response.body


def _reason(status: int) -> str:
    from http import HTTPStatus

    return HTTPStatus(status).phrase


def _log() -> Any:
    import logging

    return logging.getLogger("isthmus")
