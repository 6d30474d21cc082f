"""What Cloud Tasks does later: one HTTP request, made again until it succeeds.

https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues.tasks
"""

from __future__ import annotations

import time

from isthmus._typing import Any, Mapping
from isthmus.errors import ServiceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

QUEUE = "ISTHMUS_TASKS"
"""The variable with the full name of the app's queue of tasks."""

LONGEST = "1800s"
"""How long Cloud Tasks waits for an answer: the most that it does, since the function has a timeout of its own."""


def tasks_queue(services: Services) -> str:
    """Return the full name of the app's queue of tasks; `ServiceError` where nobody has told it."""
    queue = services.variable(QUEUE)
    if not queue:
        raise ServiceError(f"the variable {QUEUE} is missing, so nothing can be sent later: deploy the app again")
    return queue


def create_task(
    services: Services,
    queue: str,
    url: str,
    body: bytes,
    *,
    headers: Mapping[str, str],
    delay: float = 0,
    audience: str | None = None,
    deadline: float | None = None,
) -> str:
    """Have `body` posted to `url` after `delay` seconds, at least once, and return the task's id once that is durable.

    The request is signed by this function's own account: for a function by an identity token for `audience`, for one
    of Google's APIs (`audience` None) by an access token.
    """
    from binascii import b2a_base64

    request = {
        "url": url,
        "httpMethod": "POST",
        "headers": dict(headers),
        "body": b2a_base64(body, newline=False).decode(),
        **_token(services.account, audience),
    }
    task: dict[str, Any] = {"httpRequest": request, "dispatchDeadline": LONGEST}
    if delay > 0:
        task["scheduleTime"] = instant(time.time() + delay)
    made = services.tasks().post(f"/v2/{queue}/tasks", {"task": task}, deadline=deadline)
    return str(made["name"]).rpartition("/")[2]


def instant(seconds: float) -> str:
    """Return epoch seconds as Google's APIs write a time, to the microsecond."""
    whole, fraction = divmod(round(seconds * 1_000_000), 1_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{fraction:06}Z"


def _token(account: str, audience: str | None) -> dict[str, Any]:
    if not account:
        return {}
    if audience is None:
        return {"oauthToken": {"serviceAccountEmail": account}}
    return {"oidcToken": {"serviceAccountEmail": account, "audience": audience}}
