"""A function of events in this process, under the real functions framework, and what is posted to it."""

from __future__ import annotations

import json
import logging
import os
from base64 import b64encode
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import functions_framework

from isthmus.links import VARIABLE, Identity, encode
from isthmus.sources import Source

HANDLERS = "tests.gcp.event_handlers"
PROJECT = "isthmus"
MAIN = "from isthmus_gcp.function import start\n\nhandle = start()\n"
"""What a deployed bundle's `main.py` comes to."""

KINDS = ("queue", "topic", "stream", "table", "bucket", "schedule", "task")


def function(handler: str, *triggers: str, **options: Any) -> Identity:
    """Return a function of these triggers."""
    known: dict[str, Any] = {"timeout": 10, "region": "europe-west1", **options}
    return Identity(
        app="shop",
        stage="dev",
        provider="gcp",
        function="Tested",
        handler=f"{HANDLERS}.{handler}",
        triggers=triggers,
        account=PROJECT,
        **known,
    )


class Served:
    """What a served function answers."""

    def __init__(self, app: Any) -> None:
        self._client = app.test_client()

    def post(self, body: Any = b"", headers: Mapping[str, str] | None = None, method: str = "POST") -> Any:
        """Send a request; a body that is not bytes is sent as JSON."""
        if type(body) is not bytes:
            body, headers = json.dumps(body).encode(), {"content-type": "application/json", **(headers or {})}
        return self._client.open("/", method=method, data=body, headers=headers)

    def push(self, body: Any, *, subscription: str = "sub", attempt: int | None = 1, **message: Any) -> Any:
        """Push a message as Pub/Sub does."""
        return self.post(pushed(body, subscription=subscription, attempt=attempt, **message))


def pushed(body: Any, *, subscription: str = "sub", attempt: int | None = 1, **message: Any) -> dict[str, Any]:
    """Return the JSON of a push: https://cloud.google.com/pubsub/docs/push#receive_push."""
    data = body if type(body) is bytes else json.dumps(body).encode()
    given = {
        "data": b64encode(data).decode(),
        "messageId": "136969346945",
        "message_id": "136969346945",
        "publishTime": "2026-09-29T11:32:00.123Z",
        "publish_time": "2026-09-29T11:32:00.123Z",
        **message,
    }
    counted = {} if attempt is None else {"deliveryAttempt": attempt}
    return {"message": given, "subscription": f"projects/{PROJECT}/subscriptions/{subscription}", **counted}


@contextmanager
def serving(identity: Identity, **variables: str) -> Generator[Served]:
    """Serve a function in this process, with these variables of the environment besides its own."""
    kept, root = dict(os.environ), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    with TemporaryDirectory() as folder:
        source = Path(folder, "main.py")
        source.write_text(MAIN)
        os.environ.update({VARIABLE: encode(identity), **variables})
        try:
            yield Served(cast("Any", functions_framework).create_app("handle", str(source), "http"))
        finally:
            os.environ.clear()
            os.environ.update(kept)
            root.handlers[:], root.level = handlers, level


def queue(*, attempts: int = 3, dead: str = "", ordered: bool = False, kind: str = "queue") -> Source:
    """Return a source for tests."""
    return Source(kind, "Work", dead, attempts, ordered=ordered)
