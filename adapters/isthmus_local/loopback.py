"""A server on a free port of the loopback address that costs nothing until somebody connects."""

from __future__ import annotations

import asyncio
import socket
from typing import TYPE_CHECKING

from isthmus_local.asgi_client import AsgiApp

if TYPE_CHECKING:
    import uvicorn

HOST = "127.0.0.1"


class Loopback:
    """An HTTP server for an ASGI app, started by its first connection; made and used on the event loop's thread."""

    def __init__(self) -> None:
        self._socket = socket.create_server((HOST, 0), backlog=128)
        self._socket.setblocking(False)
        self.port: int = self._socket.getsockname()[1]
        self._server: uvicorn.Server | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def origin(self) -> str:
        """Where it can be reached."""
        return f"http://{HOST}:{self.port}"

    def serve(self, app: AsgiApp) -> None:
        """Answer connections from now on."""
        asyncio.get_running_loop().add_reader(self._socket, self._begin, app)

    def _begin(self, app: AsgiApp) -> None:
        import uvicorn

        loop = asyncio.get_running_loop()
        loop.remove_reader(self._socket)
        config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, timeout_graceful_shutdown=2)
        self._server = uvicorn.Server(config)
        self._task = loop.create_task(self._server.serve(sockets=[self._socket]))

    async def close(self) -> None:
        """Let what is being answered end, and close the port."""
        asyncio.get_running_loop().remove_reader(self._socket)
        if self._server is not None and self._task is not None:
            self._server.should_exit = True
            await self._task
        self._socket.close()
