"""A port of this machine, and the ASGI app that answers on it for the time being."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import Generator
from time import monotonic

import uvicorn

from isthmus_local.gateway import AsgiApp, Receive, Scope, Send
from isthmus_local.protocol import LimitedProtocol

HOST = "127.0.0.1"
"""Nobody but this machine is served."""

_BACKLOG = 1024


class _Server(uvicorn.Server):
    """A server that leaves the signals to whoever runs it."""

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        yield


class ApiServer:
    """Serves a bound socket; requests wait while there is no app, such as between two versions of it."""

    def __init__(self, listening: socket.socket, *, drain: float = 5.0) -> None:
        self.port: int = listening.getsockname()[1]
        self._socket = listening
        self._app: AsgiApp | None = None
        self._changed = asyncio.Event()
        self._server = _Server(_config(self._call, drain))
        self._task: asyncio.Task[None] | None = None
        self._answering = 0

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://localhost:{self.port}"

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._server.server_state.connections)

    def start(self) -> None:
        """Begin to accept connections, unless it does already."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._server.serve(sockets=[self._socket]))

    def switch(self, app: AsgiApp | None) -> None:
        """Let `app` answer from now on."""
        self._app = app
        self._changed.set() if app is not None else self._changed.clear()

    async def _call(self, scope: Scope, receive: Receive, send: Send) -> None:
        while (app := self._app) is None:
            await self._changed.wait()
        self._answering += 1
        try:
            await app(scope, receive, send)
        finally:
            self._answering -= 1

    async def quiet(self, seconds: float) -> None:
        """Wait until every request that an app has been given is answered, or for so long."""
        end = monotonic() + seconds
        while self._answering and monotonic() < end:
            await asyncio.sleep(0.01)

    def discard(self) -> None:
        """Give the port back; it has not been started."""
        self._socket.close()

    async def stop(self) -> None:
        """Accept nothing new, and let what is being answered end."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task
        self._socket.close()


def _config(app: AsgiApp, drain: float) -> uvicorn.Config:
    logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)  # whatever it would say, the client is told
    return uvicorn.Config(
        app,
        http=LimitedProtocol,
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=int(drain),
        backlog=_BACKLOG,
    )


def listen(port: int) -> socket.socket:
    """Return a socket that is bound to `port` of the loopback address; OSError where it is taken."""
    return socket.create_server((HOST, port), backlog=_BACKLOG)
