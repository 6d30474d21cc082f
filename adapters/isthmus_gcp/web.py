"""HTTP on Cloud Functions: routes, the limit of a body, cross-origin rules, and an answer in time."""

from __future__ import annotations

import os
import time

from isthmus import handler as handlers
from isthmus._typing import Any, Mapping
from isthmus.context import Context
from isthmus.errors import HttpError, MethodNotAllowedError
from isthmus.http import serving
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.invocations import Invocations
from isthmus.links import Identity
from isthmus.parts import part
from isthmus.serve import Handle, log_fault
from isthmus_gcp.events.http import HttpCodec
from isthmus_gcp.events.http_request import GcpRequest
from isthmus_gcp.framework import take_all
from isthmus_gcp.held import threads
from isthmus_gcp.overdue import SOCKET, Overdue
from isthmus_gcp.request_ids import RequestIds
from isthmus_gcp.serial import one_at_a_time

ROUTER = "isthmus.http.router:Router"
"""What finds the handler of a request in a function that serves several routes, as "module:class"."""

CROSS_ORIGIN = "isthmus_gcp.cross_origin:CrossOrigin"
"""What keeps the rules of an api that browsers may call from other origins."""

GATEWAY = "ISTHMUS_GATEWAY"
"""The variable that is "1" where API Gateway is the only one that may call the function."""

RESPONSE_LIMIT = 32 * 1024 * 1024
"""The most bytes of an answer: https://cloud.google.com/run/quotas#request_limits."""


class Web:
    """Answers the requests of one function, on several threads: by its handler, or by that of the route."""

    __slots__ = (
        "_codec",
        "_cors",
        "_handle",
        "_identity",
        "_ids",
        "_invocations",
        "_loaded",
        "_overdue",
        "_router",
    )

    def __init__(self, identity: Identity, invocations: Invocations, handler: Handle | None) -> None:
        if handler is None and not identity.routes:
            raise RuntimeError("a function that answers requests has neither a handler nor routes")
        self._identity = identity
        self._invocations = invocations
        self._ids = RequestIds()
        self._codec = HttpCodec(behind_gateway=os.environ.get(GATEWAY) == "1")
        self._router: Any = _router(identity.routes) if identity.routes else None
        self._cors: Any = part(CROSS_ORIGIN)(identity.cors) if identity.cors else None
        self._handle = None if handler is None else _with_body(handler, identity.body_limit)
        self._loaded: dict[str, Handle] = {}
        self._overdue = Overdue(threads())
        take_all(self.answer)

    def answer(self, raw: Any) -> Any:
        """Return Flask's response to a Flask request."""
        request = self._codec.decode(raw)
        if self._cors is not None and self._cors.is_preflight(request):
            request.ignore()
            return self._codec.encode(self._cors.preflight(request), request)
        return self._codec.encode(self._respond(request), request)

    def _respond(self, request: GcpRequest) -> HttpResponse:
        handle, seconds = self._found(request)
        due = time.time() + seconds
        context = self._invocations.context(
            request.envelope(), request_id=self._ids.next(), deadline=due, raw=request.raw
        )
        watched = self._overdue.begin(
            request.environ.get(SOCKET), due, lambda: self._answer(_late(seconds), request, context)
        )
        try:
            response = self._answer(handle, request, context)
            if len(response.body) > RESPONSE_LIMIT:
                response = self._answer(_too_large, request, context)
        finally:
            self._overdue.end(watched)
        return response

    def _answer(self, handle: Handle, request: GcpRequest, context: Context) -> HttpResponse:
        try:
            response = serving.http(handle, request, context)
        except KeyboardInterrupt as error:  # nobody interrupts a server like that: the handler has raised it
            response = serving.http(_failing(error), request, context)
        if self._cors is not None:
            self._cors.apply(request, response)
        return response

    def _found(self, request: GcpRequest) -> tuple[Handle, float]:
        """Return what answers a request, and how many seconds it has."""
        seconds = self._identity.timeout
        if self._handle is not None and self._router is None:
            return self._handle, seconds
        try:
            path, request.params = self._router.match(request.method, request.path)
        except MethodNotAllowedError as error:
            if request.method != "OPTIONS":
                return _refusing(error), seconds
            return _allowing(self._router.allowed(request.path)), seconds
        except HttpError as error:
            return _refusing(error), seconds
        return self._loaded.get(path) or self._first(path), self._identity.timeouts.get(path, seconds)

    def _first(self, path: str) -> Handle:
        """Return what handles the first request of a route: the import is done in the request's time."""

        def handle(request: Any, context: Context) -> Any:
            return self._load(path)(request, context)

        return handle

    def _load(self, path: str) -> Handle:
        """Return the handler of a route, which is imported; what is serial runs one at a time."""
        handler: Handle = handlers.load(path)
        if path in self._identity.serial:
            handler = one_at_a_time(handler)
        return self._loaded.setdefault(path, _with_body(handler, self._identity.body_limit))


def _router(routes: Mapping[str, str]) -> Any:
    rows = [(*route.split(" ", 1), path) for route, path in routes.items()]
    return part(ROUTER)((method, pattern, path) for methods, pattern, path in rows for method in methods.split(","))


def _with_body(handler: Handle, limit: int) -> Handle:
    """Return a handler that is called when the body is there, as a whole, and not over the limit."""

    def handle(request: Any, context: Context) -> Any:
        request.load(limit)
        return handler(request, context)

    return handle


def _refusing(error: HttpError) -> Handle:
    def refuse(request: Any, _context: Context) -> Any:
        request.drop()
        raise error

    return refuse


def _allowing(methods: list[str]) -> Handle:
    def allow(request: Any, _context: Context) -> Any:
        request.drop()
        return HttpResponse.empty(headers={"allow": ", ".join(methods)})

    return allow


def _failing(error: BaseException) -> Handle:
    def fail(_request: HttpRequest, _context: Context) -> Any:
        raise RuntimeError(f"the handler raised {type(error).__name__}") from error

    return fail


def _late(seconds: float) -> Handle:
    def be_late(request: Any, context: Context) -> Any:
        if request.is_coming:
            raise HttpError("the body did not come in time", status=408, title="Request Timeout")
        log_fault(TimeoutError(f"it took longer than the {seconds:g} s that it has"), context)
        raise HttpError("the function took longer than its timeout", status=504, title="Gateway Timeout")

    return be_late


def _too_large(_request: HttpRequest, context: Context) -> Any:
    raise ResponseTooLargeError(
        f"the response of {context.function} is over the {RESPONSE_LIMIT:,} bytes that Cloud Run sends: "
        "put it into a bucket, and answer with presign_get's address"
    )


class ResponseTooLargeError(ValueError):
    """A handler's response is more than the platform sends."""
