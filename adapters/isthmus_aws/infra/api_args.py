"""The arguments of an HTTP API, and what an API can be asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from isthmus.components.arguments import ComponentArgs
from isthmus.declarations.api import Api
from isthmus.declarations.options import did_you_mean
from isthmus.shapes import is_list, is_text, shown
from isthmus.transforms import TransformError
from isthmus_aws.infra.days import Days

ALL = "all"
"""Every route that the app declares."""

_JWT = ("issuer", "audience", "routes", "scopes")


@dataclass(frozen=True, kw_only=True)
class ApiArgs(ComponentArgs):
    """How API Gateway runs an API, besides what its declaration says.

    `functions` is "per-route", or "one": a single function with the router in it, the links of all of them, and the
    most memory and time of any. `function` are the arguments (`FunctionArgs`) of that one, and of the one that answers
    for what has no route. `jwt` asks for a token: `{"issuer": …, "audience": […], "routes": ["POST /orders"]}`, on all
    routes where it names none, with `scopes` if any. `burst` and `rate` (a second) limit each route; both or none.
    Taken back they stay, since the provider leaves alone what is left out: give others, such as the account's own.
    `log_retention` of the access log is in days.
    """

    functions: Literal["per-route", "one"] = "per-route"
    function: Mapping[str, Any] = field(default_factory=lambda: {})
    jwt: Mapping[str, Any] = field(default_factory=lambda: {})
    burst: int | None = None
    rate: float | None = None
    log_retention: Days = 30


@dataclass(frozen=True, kw_only=True)
class GatewayRoute:
    """A route as API Gateway has it: `key` is its own, `declared` the one that it serves, `function` who answers."""

    key: str
    declared: str
    method: str
    path: str
    function: str


def routes_of(api: Api) -> list[GatewayRoute]:
    """Return the routes of an API: the declared ones, and a HEAD beside each GET that has none.

    API Gateway sends HEAD to no GET: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html.
    """
    declared = {f"{route.method} {route.path}": route for route in api.routes}
    heads = {
        f"HEAD {route.path}": route
        for route in api.routes
        if route.method == "GET" and f"HEAD {route.path}" not in declared
    }
    return [
        GatewayRoute(
            key=key,
            declared=f"{route.method} {route.path}",
            method=key.partition(" ")[0],
            path=route.path,
            function=route.function.name,
        )
        for key, route in {**declared, **heads}.items()
    ]


def check(api: Api, args: ApiArgs) -> None:
    """Refuse what API Gateway would refuse."""
    if (args.burst is None) != (args.rate is None):  # API Gateway takes what is left out for 0, and answers 429 to all
        raise TransformError(f"api {api.name!r}: burst and rate are given together, or neither is")
    if args.jwt:
        _check_jwt(api, args.jwt)


def _check_jwt(api: Api, jwt: Mapping[str, Any]) -> None:
    what = f"jwt of api {api.name!r}"
    for name in jwt:
        if name not in _JWT:
            raise TransformError(f"{what} has no {name!r}: {did_you_mean(str(name), _JWT)}")
    issuer = jwt.get("issuer")
    if not (is_text(issuer) and issuer.startswith("https://")) or not _texts(jwt.get("audience")):
        raise TransformError(f"{what} names its issuer (an https:// address) and its audience (a list of texts)")
    if jwt.get("scopes") and not _texts(jwt["scopes"]):
        raise TransformError(f"{what}: scopes is a list of texts, not {shown(jwt['scopes'])}")
    known = [f"{route.method} {route.path}" for route in api.routes]
    for route in guarded(api, jwt):
        if route not in known:
            raise TransformError(f"{what}: there is no route {shown(route)}: {did_you_mean(str(route), known)}")


def guarded(api: Api, jwt: Mapping[str, Any]) -> Sequence[str]:
    """Return the declared routes that ask for a token."""
    asked: Any = jwt.get("routes", ALL) if jwt else ()
    if asked == ALL:
        return [f"{route.method} {route.path}" for route in api.routes]
    return asked if is_list(asked) else [asked]


def _texts(value: Any) -> bool:
    return is_list(value) and len(value) > 0 and all(is_text(entry) for entry in value)
