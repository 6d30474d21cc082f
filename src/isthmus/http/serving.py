"""From a request to a handler and back to a response: what every provider's entry point calls for requests."""

from __future__ import annotations

from isthmus import context as contexts
from isthmus.context import Context
from isthmus.envelope import CORRELATION_HEADER, valid_correlation_id
from isthmus.errors import HttpError
from isthmus.http.problem import problem_response
from isthmus.http.request import HttpRequest
from isthmus.http.response import JSON_ALONE, HttpResponse, as_response
from isthmus.serve import Handle, log_fault


def http(handler: Handle, request: HttpRequest, context: Context) -> HttpResponse:
    """Return the handler's response; a handler's fault becomes one too, and only KeyboardInterrupt passes.

    Every response carries the correlation id; the answer to HEAD keeps its headers and loses its body.
    """
    token = contexts.current.set(context)
    try:
        response = answer(handler, request, context)
    finally:
        contexts.current.reset(token)
    return _finished(response, context.correlation_id, head=request.method == "HEAD")


def answer(handler: Handle, request: HttpRequest, context: Context) -> HttpResponse:
    """Return the response to one request, whatever the handler does: a result, an `HttpError`, or a fault (logged)."""
    try:
        try:
            return as_response(handler(request, context))
        except HttpError as error:
            return problem_response(error)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        log_fault(error, context)
        return problem_response(HttpError(), correlation_id=context.correlation_id)


def _finished(response: HttpResponse, correlation_id: str, *, head: bool) -> HttpResponse:
    """Return a copy with our headers: a handler may give one and the same response to several requests at a time."""
    is_told = response.header_pairs() is not JSON_ALONE and CORRELATION_HEADER in response.headers
    tell = not is_told and valid_correlation_id(correlation_id)
    extra = [(CORRELATION_HEADER, correlation_id)] if tell else []
    if not head:
        return response.copy(extra=extra)
    if response.body and "content-length" not in response.headers:
        extra.append(("content-length", str(len(response.body))))
    finished = response.copy(extra=extra)
    finished.body = b""
    return finished
