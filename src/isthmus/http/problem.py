"""Problem documents (RFC 9457): how every error of an api looks to its client."""

from __future__ import annotations

from isthmus.errors import HttpError
from isthmus.http.response import HttpResponse

_OURS = ("title", "status", "detail", "correlationId")


def problem_response(error: HttpError, *, correlation_id: str = "") -> HttpResponse:
    """Return the answer to an `HttpError`: its title, status, detail and members, and the correlation id to ask about.

    A member may set `type` or `instance`, but none of the others.
    """
    members = {name: value for name, value in error.members.items() if name not in _OURS}
    if correlation_id:
        members["correlationId"] = correlation_id
    return HttpResponse.problem(error.status, error.title, detail=error.detail, headers=error.headers, members=members)
