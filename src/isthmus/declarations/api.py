"""An HTTP API: routes, each with its function, and one owner of CORS."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Unpack

from isthmus.declarations.function import Function
from isthmus.declarations.options import FunctionOptions, checked
from isthmus.declarations.problem import Problem, caller
from isthmus.declarations.resource import Deployed, Resource
from isthmus.declarations.subscription import declare_function

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY")
"""What a route may start with; ANY takes every method that has no route of its own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cors:
    """Who may call an api from a browser: `origins` such as `https://example.com`, or `*` for all.

    `headers` are the request headers allowed, `expose` the response headers shown, `max_age` in seconds. With
    `credentials`, browsers refuse `*` as an origin, and so does `plan`.
    """

    origins: Sequence[str]
    methods: Sequence[str] = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")
    headers: Sequence[str] = ("content-type", "authorization")
    expose: Sequence[str] = ()
    credentials: bool = False
    max_age: int = 600


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Route:
    """One method and path of an api, such as `GET /orders/{id}` or `GET /files/{path+}`, and its function."""

    method: str
    path: str
    function: Function
    where: str = field(default_factory=caller, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Api(Resource):
    """An HTTP API. `body_limit` is in bytes: a larger body is answered with 413."""

    kind: ClassVar[str] = "api"

    cors: Cors | None = None
    body_limit: int = 6 * 1024 * 1024
    routes: list[Route] = field(default_factory=lambda: [], repr=False)

    @property
    def url(self) -> Deployed:
        """The address that it is reached at, known once it runs: for `app.output`."""
        return Deployed(self, "url")

    @checked
    def route(self, route: str, handler: str | Function, **function: Unpack[FunctionOptions]) -> Function:
        """Answer `route` ("GET /orders/{id}") with `handler`; returns the function."""
        target = declare_function(self.app, handler, function)  # first: what is wrong with it is told as well
        method, _, path = str(route).partition(" ")
        if method not in METHODS or not path.startswith("/"):
            self.app.problems.append(
                Problem(caller(), f"route {route!r} must read like 'GET /orders/{{id}}'; methods: {', '.join(METHODS)}")
            )
            return target
        self.routes.append(Route(method=method, path=path, function=target))
        return target
