"""Apis: what API Gateway keeps for itself, and how many routes it takes.

https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html,
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
"""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.api import Api
from isthmus.declarations.problem import Problem

_HEALTH = ("/ping", "/sping")
_MOST_ROUTES = 300


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield the routes that do not answer under a domain of one's own, and apis that need a higher quota."""
    for api in draft.of(Api):
        for route in api.routes:
            if route.path in _HEALTH:
                kept = f"API Gateway answers {route.path} itself, under a domain of your own: name it otherwise"
                yield Problem(route.where, f"route '{route.method} {route.path}' of {label(api)}: {kept}")
        count = _count(api)
        if count > _MOST_ROUTES:
            most = f"comes to {count} routes on AWS, whose quota is {_MOST_ROUTES} unless it has been raised"
            yield Problem(api.where, f"{label(api)} {most}: ask for more, or split the api")


def _count(api: Api) -> int:
    """Return how many routes an api has there: a HEAD comes with each GET that has none, and `$default` with all."""
    taken = {(route.method, route.path) for route in api.routes}
    heads = [path for method, path in taken if method == "GET" and ("HEAD", path) not in taken]
    return len(taken) + len(heads) + 1
