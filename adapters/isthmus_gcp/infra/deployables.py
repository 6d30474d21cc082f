"""Which functions are deployed of an app: some for a declared one, some for a whole api.

A deployed function answers requests or takes events, never both: a declared one that does both is deployed as two.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from isthmus import links
from isthmus.components import whole_api
from isthmus.components.whole_api import parts_of
from isthmus.declarations.api import Api, Cors
from isthmus.declarations.function import Function
from isthmus.links import Identity
from isthmus.plan import Plan
from isthmus.shapes import is_list
from isthmus.transforms import TransformError
from isthmus_gcp.infra.api_args import ApiArgs
from isthmus_gcp.infra.integrations import integrating

HTTP = "http"


@dataclass(frozen=True, kw_only=True)
class Deployable:
    """A function to be deployed: what is declared of it, who it is, and the handlers in its bundle.

    `api` is the one that it answers for as a whole, in public; `gateways` are those whose gateways alone may call it.
    """

    function: Function
    identity: Identity
    handlers: tuple[str, ...]
    api: Api | None = None
    gateways: tuple[Api, ...] = ()

    @property
    def answers(self) -> bool:
        """Whether it answers requests, and takes no events."""
        return self.api is not None or bool(self.gateways)

    @property
    def name(self) -> str:
        """The name of its component, its bundle and its account."""
        return self.function.name


def deployables(plan: Plan) -> Mapping[str, Deployable]:
    """Return every function that is deployed, by name."""
    return {found.name: found for found in _all(plan)}


def absorbed(plan: Plan) -> Mapping[int, Api]:
    """Return each declared function, by its id, that is deployed only as part of the one function of an api."""
    return whole_api.absorbed(plan, apis(plan, "one"))


def apis(plan: Plan, functions: str) -> list[Api]:
    """Return the apis with routes that one function answers for ("one"), or several behind a gateway ("per-route")."""
    found = [resource for resource in plan.resources if isinstance(resource, Api)]
    return [api for api in found if api.routes and ApiArgs.of(api, plan).functions == functions]


def whole(api: Api, plan: Plan) -> Deployable:
    """Return the one function that answers for an api."""
    function, identity = whole_api.whole(api, plan, ApiArgs.of(api, plan).function)
    identity.cors = cors_of(api)
    return Deployable(function=function, identity=identity, handlers=tuple(identity.routes.values()), api=api)


def of_declared(function: Function, plan: Plan) -> Deployable:
    """Return what is deployed under the name of a declared function: what takes events, or else what answers."""
    identity = plan.identities[function.name]
    others = tuple(kind for kind in identity.triggers if kind != HTTP)
    if not others:
        return behind_gateway(function, plan)
    own = _with_triggers(identity, others)
    return Deployable(function=function, identity=own, handlers=(function.handler,))


def behind_gateway(function: Function, plan: Plan) -> Deployable:
    """Return what answers for the routes of a declared function: one beside it, where it takes events as well.

    The router is in it, as everywhere: a gateway tells no parameters.
    """
    gateways = tuple(api for api in apis(plan, "per-route") if function in parts_of(api))
    _check_alike(function, gateways)
    routes = {
        f"{r.method} {r.path}": r.function.handler for api in gateways for r in api.routes if r.function is function
    }
    answering = _with_triggers(plan.identities[function.name], (HTTP,))
    answering.cors, answering.sources, answering.routes, answering.handler = cors_of(gateways[0]), {}, routes, ""
    answering.body_limit = min(api.body_limit for api in gateways)
    if set(plan.identities[function.name].triggers) != {HTTP}:
        function = replace(function, name=f"{function.name}-{HTTP}")
        answering.function = function.name
    return Deployable(function=function, identity=answering, handlers=tuple(routes.values()), gateways=gateways)


def _check_alike(function: Function, gateways: tuple[Api, ...]) -> None:
    """Refuse a function of several apis that browsers may call from different origins: it keeps one set of rules."""
    if any(cors_of(api) != cors_of(gateways[0]) for api in gateways):
        names = " and ".join(repr(api.name) for api in gateways)
        raise TransformError(
            f"function {function.name!r} answers for apis {names}, whose cors differ: let them be alike"
        )


def cors_of(api: Api) -> dict[str, Any]:
    """Return who may call an api from a browser, as a function that answers for it is to know it."""
    if api.cors is None:
        return {}
    options = {option.name: getattr(api.cors, option.name) for option in fields(Cors)}
    return {name: list(value) if is_list(value) else value for name, value in options.items()}


def _all(plan: Plan) -> Iterator[Deployable]:
    yield from _declared(plan)
    yield from _behind_gateways(plan)
    yield from _whole(plan)
    for function, identity in integrating(plan):
        yield Deployable(function=function, identity=identity, handlers=(function.handler,))


def _declared(plan: Plan) -> Iterator[Deployable]:
    without = absorbed(plan)
    for function in plan.functions:
        if id(function) not in without:
            yield of_declared(function, plan)


def _behind_gateways(plan: Plan) -> Iterator[Deployable]:
    functions = {id(part): part for api in apis(plan, "per-route") for part in parts_of(api)}
    for function in functions.values():
        yield behind_gateway(function, plan)


def _whole(plan: Plan) -> Iterator[Deployable]:
    for api in apis(plan, "one"):
        yield whole(api, plan)


def _with_triggers(identity: Identity, triggers: tuple[str, ...]) -> Identity:
    copy = links.decode(links.encode(identity))
    copy.triggers = triggers
    return copy
