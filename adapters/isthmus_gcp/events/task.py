"""Calls of a function by another, by a workflow, or by Cloud Tasks, which starts it later: the body is the payload.

A handler that raises is told of by a status in the 500s and the body `{"error": {"type": …, "message": …}}`, with the
name of the exception's class, so that a workflow can catch it by that (`e.body.error.type`). The status is 500, which
Workflows' own `http.default_retry` does not try again, and neither do load balancers: whether an error of the app is
worth another attempt is the workflow's to say. 504 says that the handler took longer than its time, 400 that it was not
called at all, since the body is no JSON. https://cloud.google.com/workflows/docs/reference/syntax/catching-errors
"""

from __future__ import annotations

from isthmus._typing import Any, Json
from isthmus.envelope import CORRELATION_ID, Envelope, valid_correlation_id, valid_traceparent
from isthmus.errors import IsthmusError
from isthmus.payload import dumps
from isthmus_gcp.events.posted import Posted, posted
from isthmus_gcp.wire import CALL_HEADER

RETRIES_HEADER = "HTTP_X_CLOUDTASKS_TASKRETRYCOUNT"
"""The header of Cloud Tasks that counts the attempts before this one, as WSGI writes it.

https://cloud.google.com/tasks/docs/creating-http-target-tasks#handler
"""

TASK_HEADER = "HTTP_X_CLOUDTASKS_TASKNAME"
"""The header of Cloud Tasks with the task's name, which is the id of a start."""

_CORRELATION_HEADER = "HTTP_" + CORRELATION_ID.upper().replace("-", "_")
_TRACEPARENT_HEADER = "HTTP_TRACEPARENT"
_CALL_HEADER = "HTTP_" + CALL_HEADER.upper().replace("-", "_")


class NamedFailureError(IsthmusError):
    """What fails a call by a name that is no class's: `type`, as an integration of the States Language has it."""

    def __init__(self, type: str, message: str) -> None:
        super().__init__(message)
        self.type = type


class TaskCodec:
    """A payload is what the handler gets, and its result, as JSON, the answer."""

    __slots__ = ()

    def decode(self, raw: Any, /) -> Json:
        """Return the payload of a request; `BadEventError` where its body is no JSON."""
        return payload_of(posted(raw))

    def encode(self, result: Any, /) -> bytes:
        """Return the body of the answer."""
        return dumps(result)


def payload_of(request: Posted) -> Json:
    """Return the payload: none at all is null."""
    payload: Json = None if request.is_empty else request.document()
    return payload


def envelope_of(request: Posted) -> Envelope:
    """Return the envelope that a caller sent along in headers: see `wire.headers`."""
    return Envelope(
        correlation_id=valid_correlation_id(request.headers.get(_CORRELATION_HEADER)),
        traceparent=valid_traceparent(request.headers.get(_TRACEPARENT_HEADER)),
    )


def attempt_of(request: Posted) -> int:
    """Return the attempt that Cloud Tasks makes, from 1."""
    return _number(request.header(RETRIES_HEADER)) + 1


def retry_of(request: Posted) -> int:
    """Return the attempt that a workflow makes, from 1."""
    return _number(request.header(_CALL_HEADER)) or 1


def _number(told: str) -> int:
    return int(told) if told.isascii() and told.isdecimal() and len(told) < 8 else 0
