"""The functions that the adapter adds to an API: one for what has no route, and one for all where that is asked for."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import count
from typing import Any

from isthmus.declarations.api import Api
from isthmus.declarations.function import Function
from isthmus.links import Identity, Link
from isthmus.plan import Plan
from isthmus.transforms import TransformError
from isthmus.wiring import deliveries, grants
from isthmus_aws.infra.api_args import ApiArgs

_REST_MEMORY = 256
_REST_TIMEOUT = 10


def rest(api: Api, plan: Plan) -> tuple[Function, Identity]:
    """Return the function that answers what no route takes, with 404 or 405, and who it is: it knows all routes."""
    function = Function(
        app=api.app,
        name=_rest_name(api),
        handler="",
        memory=_REST_MEMORY,
        timeout=_REST_TIMEOUT,
        tags=api.tags,
        transform=_transform(api, plan),
        where=api.where,
    )
    return function, _identity(function, api, plan, dict.fromkeys(_shapes(api), ""))


def whole(api: Api, plan: Plan) -> tuple[Function, Identity]:
    """Return the one function that answers for an api, and who it is: the links of all, the most of memory and time."""
    parts = parts_of(api)
    function = Function(
        app=api.app,
        name=_whole_name(api),
        handler="",
        link=grants([entry for part in parts for entry in part.link]),
        memory=max((part.memory for part in parts), default=_REST_MEMORY),
        timeout=max((part.timeout for part in parts), default=_REST_TIMEOUT),
        min_instances=max((part.min_instances for part in parts), default=0),
        concurrency=_sum([part.concurrency for part in parts]),
        environment=_environment(api, parts),
        tags=api.tags,
        transform=_transform(api, plan),
        where=api.where,
    )
    return function, _identity(function, api, plan, _handlers(api))


def own_names(api: Api) -> tuple[str, str]:
    """Return the names of the functions that the adapter may add to an API."""
    return _rest_name(api), _whole_name(api)


def _rest_name(api: Api) -> str:
    return f"{api.name}-rest"


def _whole_name(api: Api) -> str:
    return f"{api.name}-all"


def parts_of(api: Api) -> list[Function]:
    """Return the functions of an api's routes, each once."""
    return list({id(route.function): route.function for route in api.routes}.values())


def one_function_apis(plan: Plan) -> list[Api]:
    """Return the apis that one function answers for."""
    apis = [resource for resource in plan.resources if isinstance(resource, Api)]
    return [api for api in apis if api.routes and ApiArgs.of(api, plan).functions == "one"]


def absorbed(plan: Plan) -> Mapping[int, Api]:
    """Return each function, by its id, that is made only as part of the one function of an api, and that api."""
    apis = one_function_apis(plan)
    everywhere = _used_elsewhere(plan, apis) if apis else set[int]()
    return {id(part): api for api in apis for part in parts_of(api) if id(part) not in everywhere}


def bundle_keys(plan: Plan) -> Mapping[str, tuple[str, ...]]:
    """Return the key of every bundle that the components ask for, and the handlers that it holds.

    A function's key is its name; that of an api's one function `<api>-all`. Under "" is what has no handler.
    """
    without = absorbed(plan)
    single = {function.name: (function.handler,) for function in plan.functions if id(function) not in without}
    shared = {whole(api, plan)[0].name: tuple(_handlers(api).values()) for api in one_function_apis(plan)}
    return {**single, **shared, "": ()}


def _used_elsewhere(plan: Plan, one_function: list[Api]) -> set[int]:
    ones = {id(api) for api in one_function}
    apis = [resource for resource in plan.resources if isinstance(resource, Api) and id(resource) not in ones]
    routed = {id(part) for api in apis for part in parts_of(api)}
    return routed | {id(delivery.function) for delivery in deliveries(plan.app)}


def _handlers(api: Api) -> dict[str, str]:
    return {f"{route.method} {route.path}": route.function.handler for route in api.routes}


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


def _sum(limits: list[int | None]) -> int | None:
    """Return the most invocations at once: unlimited where one of them is."""
    return None if not limits or None in limits else sum(limit for limit in limits if limit is not None)


def _environment(api: Api, parts: list[Function]) -> dict[str, str]:
    environment: dict[str, str] = {}
    for part in parts:
        if part.transform:
            raise TransformError(f"api {api.name!r} has one function: give the transform of {part.name!r} to the api")
        for name, value in part.environment.items():
            if environment.setdefault(name, value) != value:
                raise TransformError(f"api {api.name!r} has one function: {name!r} cannot have two values in it")
    return environment


def _identity(function: Function, api: Api, plan: Plan, routes: Mapping[str, str]) -> Identity:
    target = plan.target
    return Identity(
        app=plan.app.name,
        stage=target.stage,
        provider=target.provider,
        function=function.name,
        timeout=function.timeout,
        triggers=("http",),
        links=_links(function, plan),
        routes=routes,
        body_limit=api.body_limit,
        account=target.account,
    )


def _links(function: Function, plan: Plan) -> dict[str, Link]:
    """Return the links of a function that is made of others, which have them already."""
    known = {name: link for part in plan.identities.values() for name, link in part.links.items()}
    return {
        grant.resource.name: Link(
            *(grant.resource.kind, grant.resource.name, known[grant.resource.name].physical, grant.verbs),
            properties=known[grant.resource.name].properties,
        )
        for grant in grants(function.link)
    }
