"""Routes: each readable, and no two that a request could not tell apart."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.api import Api, Route
from isthmus.declarations.problem import Problem
from isthmus.http.pattern import faults_of, shape


def check(draft: Draft) -> Iterator[Problem]:
    """Yield malformed paths and routes that clash."""
    for resource in draft.resources:
        if isinstance(resource, Api):
            yield from _api(resource)


def _api(api: Api) -> Iterator[Problem]:
    taken: dict[tuple[str, str], Route] = {}
    for route in api.routes:
        what = f"route '{route.method} {route.path}' of {label(api)}"
        faults = faults_of(route.path)
        for fault in faults:
            yield Problem(route.where, f"{what}: {fault}")
        earlier = None if faults else taken.setdefault((route.method, shape(route.path)), route)
        if earlier is not None and earlier is not route:
            same = f"no request could tell it from '{earlier.method} {earlier.path}' at {earlier.where}"
            yield Problem(route.where, f"{what}: {same}; drop one, or change its path")
