"""HTTP on Lambda: routes, the limit of a body, and an answer before Lambda would end the function."""

from __future__ import annotations

import time

from isthmus import handler as handlers
from isthmus._typing import Any, Callable
from isthmus.context import Context, current
from isthmus.envelope import valid_correlation_id
from isthmus.errors import HttpError, MethodNotAllowedError, NotFoundError, PayloadTooLargeError
from isthmus.http import serving
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.http.segments import check_path, segments
from isthmus.invocations import Invocations
from isthmus.links import Identity
from isthmus.parts import part
from isthmus.serve import Handle
from isthmus_aws.events.http import HttpCodec
from isthmus_aws.events.http_request import AwsRequest
from isthmus_aws.overrun import Alarm, OverrunError, tidy

ROUTER = "isthmus.http.router:Router"
"""What finds the handler of a request in a function that serves several routes, as "module:class"."""

RESPONSE_LIMIT = 6 * 1024 * 1024
"""The most bytes that Lambda returns: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html."""

_FITS = 512 * 1024
"""So many bytes of a body are within it in any case: JSON makes one byte six at most."""

_CODEC = HttpCodec()


class Web:
    """Answers the requests of one function: by its handler, or by that of the route where it serves a whole api."""

    __slots__ = ("_alarm", "_handle", "_invocations", "_limit", "_loaded", "_router")

    def __init__(self, identity: Identity, invocations: Invocations, handler: Handle | None, alarm: Alarm) -> None:
        self._alarm = alarm
        self._invocations = invocations
        self._limit = identity.body_limit
        self._loaded: dict[str, Handle] = {}
        self._router: Any = _router(identity) if identity.routes else None
        self._handle: Callable[[Any, Context], Any] = self._routed if self._router else _given(handler)

    def answer(self, event: Any, context: Any) -> dict[str, Any]:
        """Return the answer to an event of HTTP, in the form that fits it."""
        request = _CODEC.decode(event)
        end = time.time() + context.get_remaining_time_in_millis() / 1000
        running = self._invocations.context(
            request.envelope(), request_id=context.aws_request_id, deadline=end, raw=context
        )
        token = current.set(running)
        try:
            response = serving.answer(self._limited, request, running)
        finally:
            current.reset(token)
        # As `serving.http`, but that the id is added to the answer and not to a copy of the response, which a handler
        # may give to several requests: that copy takes a tenth of the whole time. What Lambda made is a sound id.
        told = running.correlation_id
        answer = request.respond(response, told if told is context.aws_request_id else valid_correlation_id(told))
        if len(response.body) > _FITS and not _is_small(answer):
            return self._too_large(request, running)
        return answer

    def _limited(self, request: HttpRequest, context: Context) -> Any:
        """Let the handler answer; a body over the limit is refused, and a handler that takes too long given up."""
        if request.params:
            check_path(request.path)  # the gateway follows any
        if "//" in request.path:
            _check_route(request)
        if self._limit:
            self._check_body(request)
        try:
            self._alarm.start(time.time(), context.deadline)
            try:
                return self._handle(request, context)
            finally:
                self._alarm.stop()
        except OverrunError:
            tidy()
            raise HttpError(
                f"{context.function} took longer than the time it has", status=504, title="Gateway Timeout"
            ) from None

    def _check_body(self, request: HttpRequest) -> None:
        text = request.raw.get("body")
        if text and len(text) * 4 > self._limit and len(request.body) > self._limit:
            raise PayloadTooLargeError(f"the body is over the {self._limit:,} bytes that this api takes")

    def _routed(self, request: HttpRequest, context: Context) -> Any:
        try:
            path, request.params = self._router.match(request.method, request.path)
        except MethodNotAllowedError:
            if request.method != "OPTIONS":
                raise
            return HttpResponse.empty(headers={"allow": ", ".join(self._router.allowed(request.path))})
        if not path:  # the gateway has sent here what it has no route for, though it looks like one of them
            raise NotFoundError("there is nothing at this address")
        handle = self._loaded.get(path) or self._load(path)
        return handle(request, context)

    def _load(self, path: str) -> Handle:
        handle = self._loaded[path] = handlers.load(path).__call__
        return handle

    def _too_large(self, request: AwsRequest, context: Context) -> dict[str, Any]:
        def refuse(_request: Any, _context: Context) -> Any:
            raise ResponseTooLargeError(
                f"the response of {context.function} is over the {RESPONSE_LIMIT:,} bytes that Lambda returns: "
                "put it into a bucket, and answer with presign_get's address"
            )

        return _CODEC.encode(serving.http(refuse, request, context), request)


class ResponseTooLargeError(ValueError):
    """A handler's response does not fit into what Lambda returns."""


def _is_small(answer: dict[str, Any]) -> bool:
    """Tell whether Lambda returns an answer; a text that it takes only without the escapes of JSON becomes base64.

    The runtime of Python 3.11 escapes all that is not ASCII; those of later ones do not.
    """
    import json

    if len(json.dumps(answer)) <= RESPONSE_LIMIT:
        return True
    if not answer["isBase64Encoded"] and "multiValueHeaders" not in answer and "statusDescription" not in answer:
        from binascii import b2a_base64

        answer["body"] = b2a_base64(answer["body"].encode(), newline=False).decode()
        answer["isBase64Encoded"] = True
        return len(json.dumps(answer)) <= RESPONSE_LIMIT
    return False


def _router(identity: Identity) -> Any:
    rows = [(*route.split(" ", 1), path) for route, path in identity.routes.items()]
    return part(ROUTER)((method, pattern, path) for methods, pattern, path in rows for method in methods.split(","))


def _check_route(request: HttpRequest) -> None:
    """Answer 404 where the gateway has left out an empty segment to find a route: no other provider does."""
    pattern = request.raw.get("routeKey", "").partition(" ")[2]
    if not pattern:
        return
    declared, found = pattern.split("/")[1:], segments(request.path)
    longer = len(found) > len(declared) and not declared[-1].endswith("+}")
    if longer or any(name and not segment for name, segment in zip(declared, found, strict=False)):
        raise NotFoundError("there is nothing at this address")


def _given(handler: Handle | None) -> Handle:
    if handler is None:
        raise RuntimeError("a function that answers requests has neither a handler nor routes")
    return handler
