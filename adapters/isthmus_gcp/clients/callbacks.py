"""Task tokens: on Google a token is the address at which a workflow waits to be called back.

https://cloud.google.com/workflows/docs/creating-callback-endpoints
"""

from __future__ import annotations

import re

from isthmus._typing import Any, Mapping
from isthmus.workflow_errors import TaskTokenError
from isthmus_gcp.rest import RestError

_PART = r"(?!\.{1,2}(?:/|$))[A-Za-z0-9_.:-]+"
_TOKEN = re.compile(
    r"https?://[^/?#@]+"
    rf"(?P<path>/v1/projects/{_PART}/locations/{_PART}/workflows/(?P<workflow>{_PART})"
    rf"/executions/{_PART}/callbacks/{_PART})"
)

_GONE = (400, 404, 409, 410, 429)
"""What Workflows answers where the execution, or the callback, waits no more; 429 where it was called already."""


def call_back(executions: Any, token: str, workflow: str, document: Mapping[str, Any]) -> None:
    """Complete what waits at `token`; `TaskTokenError` where nothing does.

    What is asked is the path of the token at the service's own address: whatever host a token names, no other than
    Workflows is told who we are.
    """
    path = path_of(token, workflow)
    try:
        executions.post(path, document)
    except RestError as error:
        if error.status in _GONE:
            raise TaskTokenError(token) from error
        raise


def path_of(token: Any, workflow: str) -> str:
    """Return the path of a token of a workflow, by its physical name; `TaskTokenError` where it is none."""
    found = _TOKEN.fullmatch(token) if isinstance(token, str) else None
    if found is None or found["workflow"] != workflow:
        raise TaskTokenError(str(token))
    return found["path"]
