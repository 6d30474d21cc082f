"""Paths of requests: what each service has decoded, or put before the api's own path.

A REST API, a function URL and a load balancer hand a path on as the client sent it. An HTTP API decodes it, before it
looks for a route: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html.
"""

from __future__ import annotations

from isthmus._typing import Any, Mapping

PERCENT = "%25"
"""The one escape that an HTTP API seems to leave in a path that it has decoded, so that `%` is the client's `%25`.

No page of AWS tells. Where it decodes this one too, nothing is lost but a `%25` that was sent as `%2525`.
"""

_LITERAL = frozenset("-._~!$&'()*+,;=:@/0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_LITERAL_BYTES = "".join(_LITERAL).encode()
_UNRESERVED = frozenset("-._~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def encoded(path: str) -> str:
    """Return a path that an HTTP API has decoded as it may have been before; `ValueError` where that cannot be.

    A slash that was `%2F` cannot be told from others: the gateway found the route without telling them apart either.
    """
    if not path.encode().translate(None, _LITERAL_BYTES):
        return path  # nearly every path, at a fraction of the price
    return PERCENT.join(_escape(part, _LITERAL) for part in path.split(PERCENT))


def query_string(pairs: list[tuple[str, str]]) -> str:
    """Return decoded parameters as a query string; `ValueError` where that cannot be."""
    return "&".join(f"{_escape(name, _UNRESERVED)}={_escape(value, _UNRESERVED)}" for name, value in pairs)


def _escape(text: str, literal: frozenset[str]) -> str:
    if literal.issuperset(text):
        return text
    return "".join(character if character in literal else _percent(character) for character in text)


def _percent(character: str) -> str:
    return "".join(f"%{byte:02X}" for byte in character.encode())


def within(path: str, stage: object) -> str:
    """Return a path without the name of the stage, which comes first unless the stage is `$default`.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-stages.html
    """
    prefix = f"/{stage}"
    if not stage or stage == "$default" or not path.startswith(prefix):
        return path
    rest = path[len(prefix) :]
    return path if rest and rest[0] != "/" else rest or "/"


def below(path: str, resource: str, params: Mapping[str, Any]) -> str:
    """Return a path from where its resource begins; a custom domain's mapping, or a stage, may stand before that.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html
    """
    if len(resource) < 2 or resource[0] != "/":  # no resource, the root, or `$default`
        return resource if resource == "/" else path
    filled = "/".join(_filled(segment, params) for segment in resource.split("/"))
    for end in (filled, f"{filled}/"):
        if path.endswith(end):
            return end
    return path


def _filled(segment: str, params: Mapping[str, Any]) -> str:
    if not (segment.startswith("{") and segment.endswith("}")):
        return segment
    return str(params.get(segment[1:-1].removesuffix("+"), segment))
