"""What a contract handler saw, kept where a test finds it by a public door: the table `Seen`."""

from __future__ import annotations

import secrets
import time

from isthmus._typing import Any, Mapping
from isthmus.context import current
from isthmus.resource import Resource


class Poisoned(Exception):  # noqa: N818 - it is the handler's fault to be, and no error of Isthmus
    """What a handler raises because the event told it to."""


def record(case: str, **saw: Any) -> None:
    """Keep one row of what the running handler `saw`; the rows of one `case` sort by the time they were written."""
    context = current.get()
    surroundings = (
        {
            "function": context.function,
            "request": context.request_id,
            "correlation": context.correlation_id,
            "traceparent": context.traceparent,
            "remaining": context.remaining(),
        }
        if context
        else {}
    )
    row = {"case": case, "id": f"{time.time_ns():020d}-{secrets.token_hex(4)}", **surroundings, **saw}
    Resource.Seen.put(row)


def obey(order: Mapping[str, Any], attempt: int) -> None:
    """Do what the event asks for: `pause` seconds, then `fail` on its first so many attempts."""
    time.sleep(order.get("pause", 0))
    if attempt <= order.get("fail", 0):
        raise Poisoned(f"told to fail, attempt {attempt}")
