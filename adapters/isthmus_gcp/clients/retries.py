"""How often, and for how long, Google is asked again: the libraries' own defaults go on for minutes."""

from __future__ import annotations

from isthmus._typing import Any

FIRST = 0.1
"""The most seconds before the second attempt; doubled each time."""

MOST = 4.0
"""The most seconds between two attempts."""


def patient(deadline: float) -> dict[str, Any]:
    """Return the `retry` and `timeout` of a call that may be made twice: what may pass is tried until the deadline.

    The same errors that Google's own client tries a publish again for:
    https://github.com/googleapis/googleapis/blob/master/google/pubsub/v1/pubsub_grpc_service_config.json
    """
    from importlib import import_module

    exceptions: Any = import_module("google.api_core.exceptions")
    library: Any = import_module("google.api_core.retry")
    transient = library.if_exception_type(
        exceptions.Aborted,
        exceptions.Cancelled,
        exceptions.DeadlineExceeded,
        exceptions.InternalServerError,
        exceptions.ResourceExhausted,
        exceptions.ServiceUnavailable,
        exceptions.Unknown,
    )
    retry = library.Retry(predicate=transient, initial=FIRST, maximum=MOST, multiplier=2.0, timeout=deadline)
    return {"retry": retry, "timeout": deadline}
