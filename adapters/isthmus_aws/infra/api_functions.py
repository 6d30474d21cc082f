"""The functions that the adapter adds to an API: one for what has no route, and one for all where that is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import count
from typing import Any

from isthmus.components import whole_api
from isthmus.components.whole_api import MEMORY, TIMEOUT, answering, whole_name
from isthmus.declarations.api import Api
from isthmus.declarations.function import Function
from isthmus.links import Identity
from isthmus.plan import Plan
from isthmus_aws.infra.api_args import ApiArgs


def rest(api: Api, plan: Plan) -> tuple[Function, Identity]:
    """Return the function that answers what no route takes, with 404 or 405, and who it is: it knows all routes."""
    function = Function(
        app=api.app,
        name=_rest_name(api),
        handler="",
        memory=MEMORY,
        timeout=TIMEOUT,
        tags=api.tags,
        transform=_transform(api, plan),
        where=api.where,
    )
    return function, answering(function, api, plan, dict.fromkeys(_shapes(api), ""))


def whole(api: Api, plan: Plan) -> tuple[Function, Identity]:
    """Return the one function that answers for an api, and who it is."""
    return whole_api.whole(api, plan, _transform(api, plan))


def own_names(api: Api) -> tuple[str, str]:
    """Return the names of the functions that the adapter may add to an API."""
    return _rest_name(api), whole_name(api)


def one_function_apis(plan: Plan) -> list[Api]:
    """Return the apis that one function answers for."""
    return [api for api in routed_apis(plan) if ApiArgs.of(api, plan).functions == "one"]


def routed_apis(plan: Plan) -> list[Api]:
    """Return the apis that have routes, each of which has a function for what has none."""
    return [resource for resource in plan.resources if isinstance(resource, Api) and resource.routes]


def absorbed(plan: Plan) -> Mapping[int, Api]:
    """Return each function, by its id, that is made only as part of the one function of an api, and that api."""
    return whole_api.absorbed(plan, one_function_apis(plan))


def bundle_keys(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """Return the key of every bundle that the components ask for, and the handlers that it holds."""
    rests: dict[str, tuple[str, ...]] = {_rest_name(api): () for api in routed_apis(plan)}
    return {**whole_api.handlers(plan, one_function_apis(plan)), **rests}


def _rest_name(api: Api) -> str:
    return f"{api.name}-rest"


def _shapes(api: Api) -> list[str]:
    """Return all routes in as few words as can be, `GET,POST /orders/{p0}`: the room for variables is small."""
    methods: dict[str, list[str]] = {}
    for route in api.routes:
        methods.setdefault(_shape(route.path), []).append(route.method)
    return [f"{','.join(found)} {path}" for path, found in methods.items()]


def _shape(path: str) -> str:
    """Return a path whose parameters are numbered instead of named."""
    numbers = count()
    return re.sub(r"\{\w+", lambda _: f"{{p{next(numbers)}", path)


def _transform(api: Api, plan: Plan) -> Mapping[str, Any]:
    return ApiArgs.of(api, plan).function
