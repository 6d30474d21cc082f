"""What the tests of deliveries share: a Pub/Sub."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tests.emulators.gcp.parts.pubsub import pubsub
from tests.gcp import event_handlers

__all__ = ["pubsub"]


@pytest.fixture
def seen() -> Iterator[list[Any]]:
    """What handlers of this process were given since the test began, as (event, context)."""
    event_handlers.SEEN.clear()
    yield event_handlers.SEEN
    event_handlers.SEEN.clear()


class Tasks:
    """What stands for Cloud Tasks: it makes no task, and remembers what was asked of it."""

    def __init__(self) -> None:
        self.made: list[tuple[str, Any]] = []
        made = self.made

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                made.append((self.path, json.loads(body)))
                answer = json.dumps({"name": f"{self.path.removeprefix('/v2/')}/1"}).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.variables = {"CLOUD_TASKS_EMULATOR_HOST": f"127.0.0.1:{self.server.server_port}"}


@pytest.fixture
def tasks() -> Iterator[Tasks]:
    """Cloud Tasks, as far as it is asked to make tasks."""
    found = Tasks()
    thread = threading.Thread(target=found.server.serve_forever, daemon=True)
    thread.start()
    yield found
    found.server.shutdown()
    found.server.server_close()
    thread.join()
