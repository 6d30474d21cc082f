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

ALL = "all"
"""Every route that the app declares."""

_JWT = ("issuer", "audience", "routes", "jwks")


@dataclass(frozen=True, kw_only=True)
class ApiArgs(ComponentArgs):
    """How an API runs on Google, besides what its declaration says.

    `functions` is "one": a single public function with the router in it, the links of all routes, and the most memory
    and time of any; `function` are the arguments (`FunctionArgs`) of that one. Or it is "per-route": a private function
    for each, behind API Gateway, which alone may call them. Only there, `jwt` asks for a token: `{"issuer": …,
    "audience": […], "routes": ["POST /orders"], "jwks": …}`, on all routes where it names none; `jwks` is the address
    of the issuer's keys, where that is not `<issuer>/.well-known/jwks.json`. `region` is the gateway's, where it is not
    that of the functions: there is none in some regions.
    """

    functions: Literal["one", "per-route"] = "one"
    region: str = ""
    function: Mapping[str, Any] = field(default_factory=lambda: {})
    jwt: Mapping[str, Any] = field(default_factory=lambda: {})


def check(api: Api, args: ApiArgs) -> None:
    """Refuse what API Gateway would refuse, or nobody would look at."""
    if args.jwt and args.functions == "one":
        raise TransformError(
            f"jwt of api {api.name!r}: nothing stands before its one function that could look at a token; "
            "with functions='per-route' API Gateway does"
        )
    if args.jwt:
        _check_jwt(api, args.jwt)


def guarded(api: Api, jwt: Mapping[str, Any]) -> Sequence[str]:
    """Return the declared routes that ask for a token."""
    asked: Any = jwt.get("routes", ALL) if jwt else ()
    if asked == ALL:
        return [f"{route.method} {route.path}" for route in api.routes]
    return asked if is_list(asked) else [asked]


def _check_jwt(api: Api, jwt: Mapping[str, Any]) -> None:
    what = f"jwt of api {api.name!r}"
    if "scopes" in jwt:
        raise TransformError(f"{what}: API Gateway looks at no scopes: look at the claims in the handler")
    for name in jwt:
        if name not in _JWT:
            raise TransformError(f"{what} has no {name!r}: {did_you_mean(str(name), _JWT)}")
    issuer = jwt.get("issuer")
    if not (is_text(issuer) and issuer.startswith("https://")) or not _texts(jwt.get("audience")):
        raise TransformError(f"{what} names its issuer (an https:// address) and its audience (a list of texts)")
    known = [f"{route.method} {route.path}" for route in api.routes]
    for route in guarded(api, jwt):
        if route not in known:
            raise TransformError(f"{what}: there is no route {shown(route)}: {did_you_mean(str(route), known)}")


def _texts(value: Any) -> bool:
    return is_list(value) and len(value) > 0 and all(is_text(entry) for entry in value)
