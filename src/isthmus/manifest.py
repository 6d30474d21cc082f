"""A plan as JSON can hold it, for other programs to read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from isthmus.declarations.api import Api
from isthmus.declarations.app import App
from isthmus.declarations.resource import Deployed, Resource
from isthmus.declarations.target import Target
from isthmus.links import Identity
from isthmus.shapes import is_list, is_mapping, shown

_LEFT_OUT = frozenset({"app", "name", "link", "routes", "transform", "dead_letters"})
"""What a resource's options do not show: structure that stands elsewhere, and code."""


def manifest(
    app: App, target: Target, resources: Iterable[Resource], identities: Mapping[str, Identity]
) -> dict[str, Any]:
    """Return the resources, routes, subscriptions and functions of a plan; a value that is no JSON is shown as text."""
    kept = list(resources)
    return {
        "app": plain(app.name),
        "target": {"provider": target.provider, "stage": target.stage},
        "resources": [_resource(resource) for resource in kept],
        "routes": [route for resource in kept if isinstance(resource, Api) for route in _routes(resource)],
        "subscriptions": [_declared(subscription) for subscription in app.subscriptions],
        "functions": {name: _function(identity) for name, identity in identities.items()},
        "outputs": {name: plain(value) for name, value in app.outputs.items()},
    }


def plain(value: Any) -> Any:
    """Return `value` as JSON can hold it: a resource by its name, and what JSON does not know as text."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case Resource():
            return plain(value.name)
        case Deployed():
            return f"{plain(value.resource)}.{value.property}"
        case _ if is_mapping(value):
            return {str(key): plain(entry) for key, entry in value.items()}
        case _ if is_list(value):
            return [plain(entry) for entry in value]
        case _ if is_dataclass(value):
            return _declared(value)
        case _:
            return shown(value)


def _resource(resource: Resource) -> dict[str, Any]:
    return {"kind": resource.kind, "name": plain(resource.name), **_declared(resource)}


def _declared(declaration: Any) -> dict[str, Any]:
    names = [option.name for option in fields(declaration) if option.name not in _LEFT_OUT]
    return {name: plain(getattr(declaration, name)) for name in names}


def _routes(api: Api) -> list[dict[str, Any]]:
    return [
        {"api": plain(api.name), "route": f"{route.method} {route.path}", "function": plain(route.function)}
        for route in api.routes
    ]


def _function(identity: Identity) -> dict[str, Any]:
    return {
        "handler": identity.handler,
        "timeout": identity.timeout,
        "triggers": list(identity.triggers),
        "links": {
            link.name: {"kind": link.kind, "physical": link.physical, "verbs": list(link.verbs)}
            for link in identity.links.values()
        },
    }
