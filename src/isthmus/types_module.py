"""The module that tells type checkers what each `Resource.X` of an app is."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping

from isthmus.declarations.app import App
from isthmus.declarations.resource import Resource
from isthmus.declarations.settings import Linkable
from isthmus.shapes import is_mapping, is_text
from isthmus.wiring import grants

CLIENTS: Mapping[str, str] = {
    "table": "Table",
    "queue": "Queue",
    "topic": "Topic",
    "bucket": "Bucket",
    "stream": "Stream",
    "secret": "Secret",
    "parameter": "Parameter",
    "function": "Function",
    "workflow": "Workflow",
}
"""Kinds of resource and the port in `isthmus.ports` of their client; a linkable gets a class of its own."""

_HEAD = '''\
"""The app's `Resource`, as type checkers see it; written by `isthmus types`, which writes it anew."""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers take it for true; importing it from `typing` would cost a handler's start

if TYPE_CHECKING:
'''

_CLASS = '''\

    class Resources:
        """What this app's functions may be linked to."""

'''

_TAIL = """\

    Resource: Resources
else:
    from isthmus.resource import Resource

__all__ = ["Resource"]
"""

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


_JSON: Mapping[type, str] = {
    str: "str",
    bool: "bool",
    int: "int",
    float: "float",
    list: "list[Any]",
    dict: "dict[str, Any]",
}


def source(app: App) -> str:
    """Return the text of the module for `app`: the same for the same links, in whichever order they are declared."""
    linked = sorted(_linked(app), key=lambda resource: resource.name)
    others = [resource for resource in linked if isinstance(resource, Linkable)]
    ports = sorted({CLIENTS[resource.kind] for resource in linked if resource.kind in CLIENTS})
    classes = [line for linkable in others for line in _class(linkable)]
    return "".join([_HEAD, *_imports(ports, classes), *classes, _CLASS, *_attributes(linked), _TAIL])


def _linked(app: App) -> Iterator[Resource]:
    linked = {id(grant.resource) for holder in app.resources for grant in grants(getattr(holder, "link", ()))}
    for resource in app.resources:
        if id(resource) in linked and is_text(resource.name) and _IDENTIFIER.fullmatch(resource.name):
            yield resource


def _imports(ports: list[str], classes: list[str]) -> Iterator[str]:
    if any("Any" in line for line in classes):
        yield "    from typing import Any\n\n"
    if ports:
        yield f"    from isthmus.ports import {', '.join(ports)}\n"
    yield "    from isthmus.resource import AppInfo\n"


def _class(linkable: Linkable) -> Iterator[str]:
    """Yield the class of a linkable, with what its properties hold."""
    yield f'\n    class {linkable.name}Properties:\n        """The properties of the linkable {linkable.name}."""\n\n'
    yield "        name: str\n"
    properties: object = linkable.properties
    for name, value in sorted(properties.items()) if is_mapping(properties) else ():
        if name.isidentifier() and not keyword.iskeyword(name) and name != "name":
            yield f"        {name}: {_json_type(value)}\n"


def _json_type(value: object) -> str:
    return next((name for kind, name in _JSON.items() if isinstance(value, kind)), "Any")


def _attributes(linked: list[Resource]) -> Iterator[str]:
    yield "        App: AppInfo\n"
    for resource in linked:
        client = CLIENTS.get(resource.kind, f"{resource.name}Properties")
        yield f"        {resource.name}: {client}\n"
