"""The functions of a workflow: one for each handler's path that its tasks name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from isthmus.declarations.function import Function
from isthmus.declarations.options import FunctionOptions, StepOptions
from isthmus.declarations.resource import Registry
from isthmus.declarations.subscription import declare_function
from isthmus.errors import InvalidValueError
from isthmus.shapes import is_mapping
from isthmus.workflows import definition as definitions
from isthmus.workflows.definition import Definition
from isthmus.workflows.names import handler_of


def read_definition(given: object) -> tuple[Definition | None, str]:
    """Return the definition that a path or a document is, or why there is none."""
    try:
        if isinstance(given, str):
            return definitions.load(given), ""
        return definitions.parse(given), ""
    except InvalidValueError as error:
        return None, str(error)


def declare_steps(app: Registry, definition: Definition | None, bind: object, run: StepOptions) -> tuple[Function, ...]:
    """Declare a function for each handler's path that a definition names and that no function has yet."""
    bound: Mapping[str, Any] = bind if is_mapping(bind) else {}
    paths = dict.fromkeys(_paths(definition, bound)) if definition else {}
    declared = {resource.handler for resource in app.resources if isinstance(resource, Function)}
    options = cast("FunctionOptions", run)  # the same without a name, tags and transform
    return tuple(declare_function(app, path, options) for path in paths if path not in declared)


def _paths(definition: Definition, bind: Mapping[str, Any]) -> Iterator[str]:
    for state in definition.states:
        path = handler_of(state, bind)
        if path:
            yield path
