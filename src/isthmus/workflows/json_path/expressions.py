"""Evaluates paths and intrinsic functions where a state's fields have them.

Each text is compiled once to a function of the data that "$" stands for, and of the scope. A text that cannot be read
makes a function that fails: what is wrong with a definition shows where a state comes to it, and `lint` tells before.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

from isthmus.workflows.dataflow import Scope
from isthmus.workflows.json_path import intrinsics, paths
from isthmus.workflows.json_path.cursor import ExpressionError
from isthmus.workflows.json_path.intrinsic_functions import FUNCTIONS, format_parts
from isthmus.workflows.json_path.intrinsics import Argument, Call, Text, Value, template_parts
from isthmus.workflows.json_path.segments import Path
from isthmus.workflows.json_path.selection import NothingThereError, follower
from isthmus.workflows.json_path.values import json_shown
from isthmus.workflows.states_error import INTRINSIC, RUNTIME, StatesError

Expression: TypeAlias = Callable[[Any, Scope], Any]
"""What gives a value, of the data that "$" stands for and the scope."""

Unfound: TypeAlias = Callable[[Path, Any, NothingThereError], StatesError]
"""What makes an error of a path that selects nothing in some data."""


def expression(text: object, field: str) -> Expression:
    """Return what a path or an intrinsic function computes, as `field` has it."""
    if isinstance(text, str) and not text.lstrip().startswith("$"):
        return _readable(lambda: _called(intrinsics.parse(text)))
    return path_expression(text, named(field))


def path_expression(text: object, unfound: Unfound) -> Expression:
    """Return what a path selects; `unfound` makes the error where it selects nothing."""
    if not isinstance(text, str):
        return failing(RUNTIME, f"{json_shown(text)} is no path")
    return _readable(lambda: _followed(paths.parse(text), unfound))


def failing(error: str, cause: str) -> Expression:
    """Return what fails."""

    def fail(data: Any, scope: Scope) -> Any:
        raise StatesError(error, cause)

    return fail


def named(field: str) -> Unfound:
    """Return the error for a path in a field of a template, and the like."""

    def unfound(path: Path, data: Any, _: NothingThereError) -> StatesError:
        where = f"specified for the field '{field}' could not be found in the input '{json_shown(data)}'"
        return StatesError(RUNTIME, f"The JSONPath '{path.text}' {where}")

    return unfound


def invalid_path(path: Path, _: Any, nothing: NothingThereError) -> StatesError:
    """Return the error for a path that filters a state's input or output."""
    return StatesError(RUNTIME, f"Invalid path '{path.text}' : {nothing}")


def _readable(read: Callable[[], Expression]) -> Expression:
    try:
        return read()
    except ExpressionError as error:
        return failing(RUNTIME, str(error))


def _followed(path: Path, unfound: Unfound) -> Expression:
    follow = follower(path)
    whole, definite = _whole(path), path.definite

    def select(data: Any, scope: Scope) -> Any:
        root = data if whole is None else whole(scope)
        try:
            return follow(root)
        except NothingThereError as nothing:
            if definite:
                raise unfound(path, root, nothing) from None
            return []

    return select


def _whole(path: Path) -> Callable[[Scope], Any] | None:
    """Return what gives the data that a path is followed in; None where it is that which "$" stands for."""
    if path.base == "$":
        return None
    if path.base == "$$":
        return lambda scope: scope.context
    name = path.base

    def variable(scope: Scope) -> Any:
        try:
            return scope.variables[name]
        except KeyError:
            raise StatesError(RUNTIME, f"The variable '${name}' has no value") from None

    return variable


def _called(call: Call) -> Expression:
    function = FUNCTIONS[call.function]
    arguments = [_argument(argument, call) for argument in call.arguments]
    first = call.arguments[0] if call.arguments else None
    if call.function == "States.Format" and isinstance(first, Text):
        # Only as it was written does the template tell an escaped {} from a place for a value.
        function, arguments = partial(format_parts, template_parts(first.raw)), arguments[1:]

    def evaluate(data: Any, scope: Scope) -> Any:
        values = [argument(data, scope) for argument in arguments]
        try:
            return function(*values)
        except (ValueError, OverflowError) as error:
            raise _failed(INTRINSIC, call, str(error)) from None

    return evaluate


def _failed(error: str, call: Call, why: str) -> StatesError:
    return StatesError(error, f"The function '{call.text}' had the following error: {why}")


def _argument(argument: Argument, call: Call) -> Expression:
    if isinstance(argument, Call):
        return _called(argument)
    if isinstance(argument, Text | Value):
        return _constant(argument.value)

    def unfound(path: Path, data: Any, _: NothingThereError) -> StatesError:
        where = f"the field '{path.text}' could not be found in the input '{json_shown(data)}'"
        return _failed(RUNTIME, call, f"The JsonPath argument for {where}")

    return _followed(argument, unfound)


def _constant(value: Any) -> Expression:
    return lambda data, scope: value
