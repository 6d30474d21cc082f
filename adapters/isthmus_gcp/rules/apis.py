"""Apis: what Cloud Run keeps for itself, and what one function for a whole api comes to.

https://cloud.google.com/run/docs/known-issues#reserved_url_paths
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from isthmus.checks.draft import Draft, label
from isthmus.components.whole_api import parts_of, whole_name
from isthmus.declarations.api import Api, Route
from isthmus.declarations.problem import Problem
from isthmus.shapes import is_mapping
from isthmus.wiring import grants

_OF_CLOUD_RUN = ("/eventlog", "/_ah", "/_ah/")

_REGIONS = (
    *("asia-northeast1", "australia-southeast1", "europe-west1", "europe-west2", "us-central1"),
    *("us-east1", "us-east4", "us-west2", "us-west3", "us-west4"),
)
"""https://cloud.google.com/api-gateway/docs/deployment-model#regions"""


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the routes whose requests never reach a function."""
    for api in draft.of(Api):
        for route in api.routes:
            if _is_kept(route):
                what = f"Cloud Run answers {route.path} itself, and no function gets it: name it otherwise"
                yield Problem(route.where, f"route '{route.method} {route.path}' of {label(api)}: {what}")


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield what the one function of an api may do and takes, and the routes that Cloud Run may keep."""
    for api in draft.of(Api):
        for route in api.routes:
            if route.path.endswith("z"):
                what = "Cloud Run keeps some paths that end with z, such as /healthz: name it otherwise"
                yield Problem(route.where, f"route '{route.method} {route.path}' of {label(api)}: {what}")
        if _is_per_route(draft, api):
            yield from _gateway(draft, api)
        elif len(parts_of(api)) > 1:
            yield Problem(api.where, f"{label(api)}: {_together(draft, api)}")


def _gateway(draft: Draft, api: Api) -> Iterator[Problem]:
    region: Any = (api.transform.get("region") if is_mapping(api.transform) else "") or draft.target.region
    if region and region not in _REGIONS:
        what = f"API Gateway may not be there in {region}: give another, transform={{'region': …}}, of"
        yield Problem(api.where, f"{label(api)}: {what} {', '.join(_REGIONS)}")


def _is_kept(route: Route) -> bool:
    return route.path in _OF_CLOUD_RUN or route.path.startswith("/_ah/")


def _is_per_route(draft: Draft, api: Api) -> bool:
    """Return whether a mapping says so, of the api or of all; what a callable says is only known when it runs."""
    transforms = [api.transform, draft.app.transform.get("api")]
    return any(is_mapping(one) and one.get("functions") == "per-route" for one in transforms)


def _together(draft: Draft, api: Api) -> str:
    parts = [draft.sound(part) for part in parts_of(api)]
    granted = grants([entry for part in parts for entry in part.link])
    may = ", ".join(f"{grant.resource.name} ({', '.join(grant.verbs)})" for grant in granted) or "nothing"
    memory, timeout = max(part.memory for part in parts), max(part.timeout for part in parts)
    return (
        f"one function, {whole_name(api)}, answers for all {len(parts)} handlers with {memory} MB and {timeout:g} s, "
        f"the most that any of them asks for, and may do what any may: {may}. A function for each: "
        "transform={'functions': 'per-route'}, behind API Gateway"
    )
