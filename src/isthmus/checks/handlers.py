"""Handlers: each path leads to a function that takes what its triggers deliver."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from types import UnionType
from typing import Any, Union, get_args, get_origin

from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.errors import HandlerLoadError
from isthmus.handler import load
from isthmus.http.request import HttpRequest
from isthmus.message import Message
from isthmus.object_event import ObjectEvent
from isthmus.shapes import is_text
from isthmus.table_change import TableChange
from isthmus.tick import Tick

DELIVERED: Mapping[str, type] = {
    "http": HttpRequest,
    "queue": Message,
    "topic": Message,
    "stream": Message,
    "table": TableChange,
    "bucket": ObjectEvent,
    "schedule": Tick,
}
"""What a handler gets, by the kind of event; a task gets whatever JSON it is sent."""


def check(draft: Draft) -> Iterator[Problem]:
    """Yield the handlers that do not load, or that expect another event than they get."""
    for function in draft.functions:
        if is_text(function.handler) and function.handler:
            fault = _fault(function.handler, draft.triggers(function))
            if fault:
                yield Problem(function.where, f"{label(function)}: {fault}")


def _fault(path: str, triggers: set[str]) -> str:
    try:
        handler = load(path)
    except HandlerLoadError as error:
        return str(error)
    annotation = _event_annotation(handler.function)
    refused = sorted(kind for kind in triggers & DELIVERED.keys() if not _accepts(annotation, DELIVERED[kind]))
    if not refused:
        return ""
    delivered = " and ".join(sorted({DELIVERED[kind].__name__ for kind in refused}))
    return f"handler {path!r} expects {_written(annotation)}, but is given {delivered} ({', '.join(refused)})"


def _event_annotation(function: Callable[..., Any]) -> Any:
    """Return the annotation of the first parameter; `Any` where there is none, or none that can be resolved."""
    try:
        parameters = inspect.signature(function, eval_str=True).parameters.values()
    except Exception:  # names that exist for type checkers alone raise whatever they like
        return Any
    for parameter in parameters:
        return Any if parameter.annotation is parameter.empty else parameter.annotation
    return Any


def _accepts(annotation: Any, event: type) -> bool:
    if get_origin(annotation) in (Union, UnionType):
        return any(_accepts(part, event) for part in get_args(annotation))
    annotation = get_origin(annotation) or annotation
    if annotation is Any:  # a class since Python 3.11
        return True
    return not isinstance(annotation, type) or issubclass(event, annotation)


def _written(annotation: Any) -> str:
    return annotation.__name__ if isinstance(annotation, type) and not get_args(annotation) else str(annotation)
