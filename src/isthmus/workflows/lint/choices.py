"""The rules of a Choice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isthmus.shapes import is_list, is_mapping
from isthmus.workflows.lint.forms import Form, other
from isthmus.workflows.lint.paths import path, template
from isthmus.workflows.lint.spot import Check, Spot
from isthmus.workflows.lint.transitions import target
from isthmus.workflows.lint.values import boolean, expression, kind, numeric, text, timestamp
from isthmus.workflows.lint.variables import assign

ORDERED = ("Equals", "GreaterThan", "GreaterThanEquals", "LessThan", "LessThanEquals")
"""The comparisons of what has an order."""

OPERATORS: Mapping[str, Check] = {
    **{f"String{name}": text for name in (*ORDERED, "Matches")},
    **{f"Numeric{name}": numeric for name in ORDERED},
    **{f"Timestamp{name}": timestamp for name in ORDERED},
    "BooleanEquals": boolean,
    **{f"{type}{name}Path": path for type in ("String", "Numeric", "Timestamp") for name in ORDERED},
    "BooleanEqualsPath": path,
    **{f"Is{name}": boolean for name in ("Null", "Present", "Numeric", "String", "Boolean", "Timestamp")},
}
"""What a rule may ask of its variable, and what kind of value it asks with."""

COMBINING = ("And", "Or", "Not")
"""What makes a rule of other rules."""


def choices(spot: Spot, value: Any) -> None:
    """Tell what is wrong with the rules of a Choice."""
    _rules(spot, value, rule)


def rule(spot: Spot, value: Any) -> None:
    """Tell what is wrong with one of a Choice's own rules."""
    _rule(spot, value, RULE)


def inner_rule(spot: Spot, value: Any) -> None:
    """Tell what is wrong with a rule within another."""
    _rule(spot, value, INNER)


def inner_rules(spot: Spot, value: Any) -> None:
    """Tell what is wrong with the rules that an And or an Or combines."""
    _rules(spot, value, inner_rule)


def negated(spot: Spot, value: Any) -> None:
    """Tell what is wrong with the rule that a Not turns round."""
    spot.later(inner_rule, value)


def condition(spot: Spot, value: Any) -> None:
    """Tell of what is neither true nor false, nor an expression."""
    if isinstance(value, bool):
        return
    expression(spot, value)


_TESTS: Mapping[str, Check] = {
    "Variable": path,
    **OPERATORS,
    "And": inner_rules,
    "Or": inner_rules,
    "Not": negated,
}

RULE = Form(
    what="a rule",
    fields={"Next": target, "Assign": assign, "Comment": text},
    json_path=_TESTS,
    jsonata={"Condition": condition, "Output": template},
    required=("Next",),
)
"""A rule of a Choice's own."""

INNER = Form(
    what="a rule within a rule",
    fields={"Comment": text},
    json_path=_TESTS,
    elsewhere=frozenset({"Next", "Assign"}),
)
"""A rule within another."""


def _rules(spot: Spot, value: Any, check: Check) -> None:
    if not is_list(value) or not value:
        spot.wrong(f"must be an array of one or more rules, not {'an empty one' if value == [] else kind(value)}")
        return
    for position, element in enumerate(value):
        spot.at(position).later(check, element)


def _rule(spot: Spot, value: Any, form: Form) -> None:
    fields = form.check(spot, value)
    if not is_mapping(value):
        return
    if any(name in value for name in form.own(other(spot.language))):
        return  # told of each of them
    if spot.language == "JSONata":
        if "Condition" not in fields:
            spot.wrong("a rule needs 'Condition'")
        return
    _test(spot, fields, form.what)


def _test(spot: Spot, fields: Mapping[str, Any], what: str) -> None:
    tests = [name for name in fields if name in OPERATORS or name in COMBINING]
    if not tests:
        spot.wrong(f"{what} needs an operator such as 'StringEquals' or 'IsPresent', or 'And', 'Or' or 'Not'")
    elif len(tests) > 1:
        spot.wrong(f"{' and '.join(map(repr, tests))} exclude one another: use 'And' to ask for several things")
    if any(name in OPERATORS for name in tests) and "Variable" not in fields:
        spot.wrong(f"{what} needs 'Variable' to say what {tests[0]!r} is asked of")
    if tests and tests[0] in COMBINING and "Variable" in fields:
        spot.at("Variable").wrong(f"{tests[0]!r} asks nothing of a variable: each rule in it has its own")
