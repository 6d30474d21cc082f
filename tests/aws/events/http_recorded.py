"""HTTP events of each service, in the form that its documentation shows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "http_events"

SERVICES = ("http_api", "http_api_1", "function_url", "rest", "balancer", "balancer_multiple")
"""The recorded requests, which are all of one request: `POST /orders/a%20b%C3%A9`."""


def recorded(name: str, **changes: Any) -> dict[str, Any]:
    """Return a recorded event with some of its fields changed; those within `requestContext` by `context={…}`."""
    event: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_bytes())
    context = changes.pop("context", {})
    event.update(changes)
    if context:
        event["requestContext"] = {**event["requestContext"], **context}
    return event
