"""What AWS may answer and an emulator never does, through botocore's own parser: `answers(client, "GetItem", …)`."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from typing import Any

from isthmus_aws.services import Services

Answer = tuple[int, Mapping[str, Any]]
"""A status, and a body."""


class _Body(BytesIO):
    """A body as urllib3 has it."""

    def stream(self, **_: object) -> Iterator[bytes]:
        """Yield it, whole."""
        yield self.read()


@contextmanager
def answers(services: Services, operation: str, planned: Iterable[Answer | None]) -> Generator[list[Any]]:
    """Let the next requests of a DynamoDB operation be answered as planned, None by the server; yield the requests."""
    client = services.client("dynamodb")
    remaining = iter(planned)
    seen: list[Any] = []
    response_of: Any = import_module("botocore.awsrequest").AWSResponse

    def answer(request: Any, **_: object) -> Any:
        seen.append(json.loads(request.body))
        planned_one = next(remaining, None)
        if planned_one is None:
            return None
        status, body = planned_one
        return response_of(request.url, status, {"x-amzn-requestid": "1"}, _Body(json.dumps(body).encode()))

    event = f"before-send.dynamodb.{operation}"
    client.meta.events.register(event, answer)
    try:
        yield seen
    finally:
        client.meta.events.unregister(event, answer)


def fault(code: str, message: str = "said so", **more: Any) -> Answer:
    """Return an error as DynamoDB sends it."""
    return 400, {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": message, **more}
