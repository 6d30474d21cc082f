"""The OpenAPI document of an api behind API Gateway: each route with the function that answers it.

https://cloud.google.com/api-gateway/docs/openapi-overview, https://cloud.google.com/api-gateway/docs/oasv2-extensions
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from isthmus.declarations.api import Api, Route
from isthmus_gcp.infra.api_args import guarded

METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
"""https://swagger.io/specification/v2/#path-item-object"""

_ANY = "ANY"
_SECURITY = "jwt"
_GRACE = 2
_PARAMETER = re.compile(r"\{(\w+)(\+?)\}")


def document(api: Api, jwt: Mapping[str, Any], addresses: Mapping[str, str]) -> dict[str, Any]:
    """Return the document of an api; `addresses` has the address of each function by the declared one's name."""
    secured = {f"{route.method} {route.path}" for route in api.routes} & set(guarded(api, jwt))
    paths: dict[str, dict[str, Any]] = {}
    for route in api.routes:
        asks: list[dict[str, list[str]]] = [{_SECURITY: []}] if f"{route.method} {route.path}" in secured else []
        for method in _methods(route, api):
            operations = paths.setdefault(_template(route.path), {})
            operations[method] = _operation(route, method, addresses[route.function.name], asks)
    for route in api.routes:  # a browser asks for leave without a token
        operations = paths[_template(route.path)]
        operations.setdefault("options", _operation(route, "options", addresses[route.function.name], []))
    return {
        "swagger": "2.0",
        "info": {"title": api.name, "version": "1"},
        "schemes": ["https"],
        "paths": paths,
        **({"securityDefinitions": {_SECURITY: _definition(jwt)}} if jwt else {}),
    }


def _methods(route: Route, api: Api) -> list[str]:
    """Return the methods that a route answers: ANY those that have no route of their own, GET HEAD as well."""
    taken = {other.method.lower() for other in api.routes if other.path == route.path and other is not route}
    if route.method == _ANY:
        return [method for method in METHODS if method not in taken]
    own = route.method.lower()
    return [own, "head"] if own == "get" and not taken & {"head", "any"} else [own]


def _template(path: str) -> str:
    """Return a path as the gateway has it: `{name=**}` takes the rest, slashes and all."""
    return _PARAMETER.sub(lambda found: f"{{{found[1]}=**}}" if found[2] else f"{{{found[1]}}}", path)


def _operation(route: Route, method: str, address: str, asks: list[Any]) -> dict[str, Any]:
    parameters = [
        {"name": found[1], "in": "path", "required": True, "type": "string"}
        for found in _PARAMETER.finditer(route.path)
    ]
    words = re.sub("[^A-Za-z0-9]+", "_", route.path).strip("_")
    return {
        "operationId": f"{method}_{words}_{_crossings(route.path)}",
        **({"parameters": parameters} if parameters else {}),
        "responses": {"default": {"description": "what the function answers"}},
        "security": asks,
        "x-google-backend": {
            "address": address,
            "path_translation": "APPEND_PATH_TO_ADDRESS",
            "deadline": float(route.function.timeout + _GRACE),
            "jwt_audience": address,
        },
    }


def _crossings(path: str) -> str:
    """Return what tells apart paths that read alike once their signs are gone."""
    return "".join("p" if sign == "{" else "s" for sign in path if sign in "{/-._")


def _definition(jwt: Mapping[str, Any]) -> dict[str, Any]:
    """Return who signs tokens, and that they come in `Authorization` alone.

    Elsewhere, as the gateway would take one from `?access_token=`, the token it has verified would not be the one that
    it hands on to the function as the client's, in a header that anybody can send.
    https://cloud.google.com/api-gateway/docs/authenticating-users-jwt
    https://cloud.google.com/endpoints/docs/openapi/openapi-extensions#x-google-jwt-locations
    """
    issuer = jwt["issuer"]
    return {
        "type": "oauth2",
        "authorizationUrl": "",
        "flow": "implicit",
        "x-google-issuer": issuer,
        "x-google-jwks_uri": jwt.get("jwks") or f"{issuer.rstrip('/')}/.well-known/jwks.json",
        "x-google-audiences": ",".join(jwt["audience"]),
        "x-google-jwt-locations": [{"header": "Authorization", "value_prefix": "Bearer "}],
    }
