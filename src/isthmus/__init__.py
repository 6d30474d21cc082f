"""Isthmus: write a serverless app once; run it on several clouds and on a laptop.

Names are found when they are first used (PEP 562), so that a handler that needs `HttpRequest` does not pay for what
only a declaration needs.
"""

from __future__ import annotations

from isthmus._typing import TYPE_CHECKING

if TYPE_CHECKING:  # the one place where checkers must see what is imported on demand
    from isthmus.context import Context as Context
    from isthmus.declarations.api import Cors as Cors
    from isthmus.declarations.app import App as App
    from isthmus.declarations.target import Target as Target
    from isthmus.errors import HttpError as HttpError
    from isthmus.http.request import HttpRequest as HttpRequest
    from isthmus.http.response import HttpResponse as HttpResponse
    from isthmus.lazy_value import lazy as lazy
    from isthmus.message import Message as Message
    from isthmus.middleware.compose import compose as compose
    from isthmus.object_event import ObjectEvent as ObjectEvent
    from isthmus.resource import Resource as Resource
    from isthmus.table_change import TableChange as TableChange
    from isthmus.tick import Tick as Tick

_MODULES = {
    "App": "isthmus.declarations.app",
    "Context": "isthmus.context",
    "Cors": "isthmus.declarations.api",
    "HttpError": "isthmus.errors",
    "HttpRequest": "isthmus.http.request",
    "HttpResponse": "isthmus.http.response",
    "Message": "isthmus.message",
    "ObjectEvent": "isthmus.object_event",
    "Resource": "isthmus.resource",
    "TableChange": "isthmus.table_change",
    "Target": "isthmus.declarations.target",
    "Tick": "isthmus.tick",
    "compose": "isthmus.middleware.compose",
    "lazy": "isthmus.lazy_value",
}

__all__ = [
    "App",
    "Context",
    "Cors",
    "HttpError",
    "HttpRequest",
    "HttpResponse",
    "Message",
    "ObjectEvent",
    "Resource",
    "TableChange",
    "Target",
    "Tick",
    "compose",
    "lazy",
]


def __getattr__(name: str) -> object:
    """Import what is asked for, and keep it."""
    module = _MODULES.get(name)
    if module is None:
        raise AttributeError(f"module 'isthmus' has no attribute {name!r}", name=name, obj=None)
    import sys

    __import__(module)
    value: object = getattr(sys.modules[module], name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
