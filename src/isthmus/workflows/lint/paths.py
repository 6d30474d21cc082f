"""Checks of texts that are paths, and of payload templates, which have some within."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from isthmus.shapes import is_list, is_mapping, shown
from isthmus.workflows.lint.expressions import intrinsic_fault, path_fault, reference_fault
from isthmus.workflows.lint.spot import Spot
from isthmus.workflows.lint.values import expression, is_expression, kind

INTRINSIC = "States."
"""How a call of an intrinsic function starts."""


def path(spot: Spot, value: Any) -> None:
    """Tell of what is no path."""
    _parsed(spot, value, path_fault)


def path_or_null(spot: Spot, value: Any) -> None:
    """Tell of what is neither a path nor null, which stands for nothing at all."""
    if value is not None:
        path(spot, value)


def reference(spot: Spot, value: Any) -> None:
    """Tell of what is no reference path."""
    _parsed(spot, value, reference_fault)


def result_path(spot: Spot, value: Any) -> None:
    """Tell of what is no place in a state's input to put its result to."""
    if isinstance(value, str) and value.startswith("$") and not value.startswith(("$.", "$[")) and value != "$":
        spot.wrong(f"a result goes into the state's input, to a path such as '$.result', not {shown(value)}")
    elif value is not None:
        reference(spot, value)


def reference_or_intrinsic(spot: Spot, value: Any) -> None:
    """Tell of what is neither a reference path nor a call of an intrinsic function."""
    _parsed(spot, value, intrinsic_fault if _is_call(value) else reference_fault)


def path_or_intrinsic(spot: Spot, value: Any) -> None:
    """Tell of what is neither a path nor a call of an intrinsic function, as the fields that end with ".$" must be."""
    if not isinstance(value, str) or not value.startswith(("$", INTRINSIC)):
        spot.wrong(f"must be a path or an intrinsic function, such as '$.id' or 'States.UUID()', not {kind(value)}")
    else:
        _parsed(spot, value, intrinsic_fault if _is_call(value) else path_fault)


def template(spot: Spot, value: Any) -> None:
    """Tell what is wrong with a payload template of JSONPath, or with the expressions within a value of JSONata."""
    if spot.language == "JSONata":
        _expressions(spot, value)
    elif is_mapping(value):
        _fields(spot, value)
    elif is_list(value):
        for position, element in enumerate(value):
            if not isinstance(element, str | int | float):
                spot.at(position).later(template, element)


def same_name(names: Mapping[Any, Any], name: str) -> bool:
    """Return whether a template has a field both as it stands and with the ending ".$"."""
    return name.endswith(".$") and name.removesuffix(".$") in names


def _fields(spot: Spot, value: Mapping[Any, Any]) -> None:
    for name, inner in value.items():
        field = spot.at(str(name))
        if not str(name).endswith(".$"):
            if not isinstance(inner, str | int | float):
                field.later(template, inner)
            continue
        path_or_intrinsic(field, inner)
        if same_name(value, str(name)):
            field.wrong(f"{shown(str(name))} and {shown(str(name)[:-2])} become the same field: leave one of them out")


def _expressions(spot: Spot, value: Any) -> None:
    if isinstance(value, str):
        if is_expression(value):
            expression(spot, value)
    elif is_mapping(value) or is_list(value):
        for token, inner in value.items() if is_mapping(value) else enumerate(value):
            if not isinstance(inner, int | float):
                spot.at(token if isinstance(token, int) else str(token)).later(template, inner)


def _parsed(spot: Spot, value: Any, fault_of: Callable[[str], str]) -> None:
    if not isinstance(value, str):
        spot.wrong(f"must be a path, not {kind(value)}")
    elif fault := fault_of(value):
        spot.wrong(fault)


def _is_call(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(INTRINSIC)
