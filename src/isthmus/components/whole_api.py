"""The one function that answers for a whole api: the links of all its routes, the most of memory and time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isthmus.declarations.api import Api
from isthmus.declarations.function import Function
from isthmus.links import Identity, Link
from isthmus.plan import Plan
from isthmus.transforms import TransformError
from isthmus.wiring import deliveries, grants

MEMORY = 256
"""MB of a function that answers for routes, where none of them asks for more."""

TIMEOUT = 10
"""Seconds of it."""


def whole_name(api: Api) -> str:
    """Return the name of the one function of an api."""
    return f"{api.name}-all"


def whole(api: Api, plan: Plan, transform: Mapping[str, Any]) -> tuple[Function, Identity]:
    """Return the one function that answers for an api, and who it is; `transform` is that function's."""
    parts = parts_of(api)
    function = Function(
        app=api.app,
        name=whole_name(api),
        handler="",
        link=grants([entry for part in parts for entry in part.link]),
        memory=max((part.memory for part in parts), default=MEMORY),
        timeout=max((part.timeout for part in parts), default=TIMEOUT),
        min_instances=max((part.min_instances for part in parts), default=0),
        concurrency=_sum([part.concurrency for part in parts]),
        environment=_environment(api, parts),
        tags=api.tags,
        transform=transform,
        where=api.where,
    )
    return function, answering(function, api, plan, handlers_of(api))


def parts_of(api: Api) -> list[Function]:
    """Return the functions of an api's routes, each once."""
    return list({id(route.function): route.function for route in api.routes}.values())


def handlers_of(api: Api) -> dict[str, str]:
    """Return the handler of each route: "GET /orders" → its path."""
    return {f"{route.method} {route.path}": route.function.handler for route in api.routes}


def absorbed(plan: Plan, ones: Sequence[Api]) -> Mapping[int, Api]:
    """Return each function, by its id, that is made only as part of the one function of an api, and that api.

    `ones` are the apis that one function answers for.
    """
    everywhere = _used_elsewhere(plan, ones) if ones else set[int]()
    return {id(part): api for api in ones for part in parts_of(api) if id(part) not in everywhere}


def handlers(plan: Plan, ones: Sequence[Api]) -> Mapping[str, tuple[str, ...]]:
    """Return the handlers of every function that is made, by its name; an api's one function has those of all routes.

    Under "" is what has no handler.
    """
    without = absorbed(plan, ones)
    single = {function.name: (function.handler,) for function in plan.functions if id(function) not in without}
    return {**single, **{whole_name(api): tuple(handlers_of(api).values()) for api in ones}, "": ()}


def answering(function: Function, api: Api, plan: Plan, routes: Mapping[str, str]) -> Identity:
    """Return who a function is that answers for the `routes` of an api, each with its handler's path or ""."""
    target = plan.target
    parts = parts_of(api)
    return Identity(
        app=plan.app.name,
        stage=target.stage,
        provider=target.provider,
        function=function.name,
        timeout=function.timeout,
        triggers=("http",),
        links=_links(function, plan),
        routes=routes,
        timeouts={part.handler: part.timeout for part in parts if part.timeout < function.timeout},
        serial=tuple(sorted({part.handler for part in parts if part.serial})),
        body_limit=api.body_limit,
        account=target.account,
        region=target.region,
    )


def _used_elsewhere(plan: Plan, ones: Sequence[Api]) -> set[int]:
    known = {id(api) for api in ones}
    apis = [resource for resource in plan.resources if isinstance(resource, Api) and id(resource) not in known]
    routed = {id(part) for api in apis for part in parts_of(api)}
    return routed | {id(delivery.function) for delivery in deliveries(plan.app)}


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
