"""What keeps an instance warm: it is answered before the handler, whatever the kinds of the function are."""

from __future__ import annotations

from isthmus_gcp.events.faults import MISSHAPEN
from isthmus_gcp.events.posted import Posted, parsed

PING = {"isthmus": "ping"}
"""The body, as JSON."""

PONG = b'{"isthmus":"pong"}'
"""The answer to it."""

_LONGEST = 64


def is_ping(request: Posted) -> bool:
    """Tell whether a request is such a call, and nothing else."""
    body = request.body
    if len(body) > _LONGEST or b'"ping"' not in body:
        return False
    try:
        found: bool = parsed(body) == PING
    except MISSHAPEN:
        return False
    return found
