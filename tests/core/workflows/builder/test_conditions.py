from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from isthmus.errors import InvalidValueError
from isthmus.workflows.builder.conditions import (
    Condition,
    boolean_at,
    number_at,
    text_at,
    time_at,
    when,
)
from isthmus.workflows.lint.problems import problems

value = when("$.a")
MOMENT = datetime(2026, 1, 31, 13, tzinfo=timezone(timedelta(hours=1)))

CONDITIONS: list[tuple[Condition, dict[str, Any]]] = [
    (value == "x", {"StringEquals": "x"}),
    (value < "x", {"StringLessThan": "x"}),
    (value == 1, {"NumericEquals": 1}),
    (value <= 1.5, {"NumericLessThanEquals": 1.5}),
    (value > 1, {"NumericGreaterThan": 1}),
    (value >= 1, {"NumericGreaterThanEquals": 1}),
    (value == False, {"BooleanEquals": False}),  # noqa: E712
    (value == None, {"IsNull": True}),  # noqa: E711
    (value < MOMENT, {"TimestampLessThan": "2026-01-31T12:00:00Z"}),
    (value == text_at("$.b"), {"StringEqualsPath": "$.b"}),
    (value > number_at("$$.b"), {"NumericGreaterThanPath": "$$.b"}),
    (value == boolean_at("$.b"), {"BooleanEqualsPath": "$.b"}),
    (value >= time_at("$.b"), {"TimestampGreaterThanEqualsPath": "$.b"}),
    (value.matches("x*"), {"StringMatches": "x*"}),
    (value.is_present(), {"IsPresent": True}),
    (value.is_present(expected=False), {"IsPresent": False}),
    (value.is_null(), {"IsNull": True}),
    (value.is_string(), {"IsString": True}),
    (value.is_numeric(), {"IsNumeric": True}),
    (value.is_boolean(), {"IsBoolean": True}),
    (value.is_timestamp(), {"IsTimestamp": True}),
]


@pytest.mark.parametrize(("condition", "rule"), CONDITIONS)
def test_a_comparison_becomes_the_operator_for_what_it_compares_with(
    condition: Condition, rule: dict[str, Any]
) -> None:
    choice = {"Type": "Choice", "Choices": [{**condition.rule, "Next": "B"}]}

    assert condition.rule == {"Variable": "$.a", **rule}
    assert problems({"StartAt": "A", "States": {"A": choice, "B": {"Type": "Succeed"}}}) == []


def test_conditions_are_combined_by_operators_and_those_of_one_kind_are_one_list() -> None:
    a, b, c = (when(f"$.{name}").is_present() for name in "abc")

    assert (a & b & c).rule == {"And": [a.rule, b.rule, c.rule]}
    assert (a & (b | ~c)).rule == {"And": [a.rule, {"Or": [b.rule, {"Not": c.rule}]}]}
    assert (value != 5).rule == {"Not": {"Variable": "$.a", "NumericEquals": 5}}


def test_a_condition_is_neither_true_nor_false_here() -> None:
    with pytest.raises(TypeError, match="combine conditions by &"):
        _ = (value > 1) and (value < 5)


def test_true_is_not_greater_than_false() -> None:
    with pytest.raises(InvalidValueError, match="compare them by == and !="):
        _ = value > True


def test_a_moment_needs_a_zone() -> None:
    with pytest.raises(InvalidValueError, match="in which zone"):
        _ = MOMENT.replace(tzinfo=None) > value


def test_a_moment_is_written_in_utc_with_its_fractions() -> None:
    assert (value == datetime(2026, 1, 1, 0, 0, 0, 500_000, tzinfo=UTC)).rule["TimestampEquals"] == (
        "2026-01-01T00:00:00.500000Z"
    )
