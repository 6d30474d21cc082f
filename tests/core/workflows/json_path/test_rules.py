"""Which choice rules hold, by the specification and the recordings."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.workflows.json_path.comparisons import OPERATORS, ORDERINGS, glob_parts, matches
from isthmus.workflows.json_path.dataflow import JSON_PATH
from isthmus.workflows.states_error import NO_CHOICE, RUNTIME, StatesError
from tests.core.workflows.json_path.states import scope, state

EARLY, LATE = "2012-10-09T19:00:55Z", "2012-10-09T19:00:56Z"
VALUES: Any = [None, True, False, 0, 1, 1.5, "", "a", EARLY, [], ["a"], {}, {"a": 1}]


def holds(rule: dict[str, Any], data: Any, variables: dict[str, Any] | None = None, **context: Any) -> bool:
    choice = state("Choice", Choices=[{**rule, "Next": "Yes"}], Default="No")
    return JSON_PATH.choose(choice, scope(data, variables, **context)).next == "Yes"


def failure(rule: dict[str, Any], data: Any) -> StatesError:
    with pytest.raises(StatesError) as failed:
        holds(rule, data)
    return failed.value


def compared(operator: str, value: Any, other: Any) -> bool:
    """Return whether a comparison holds; with a value in the rule, and with one in the data, it is the same."""
    by_value = holds({"Variable": "$.v", operator: other}, {"v": value})
    if operator in ORDERINGS:
        assert holds({"Variable": "$.v", f"{operator}Path": "$.o"}, {"v": value, "o": other}) is by_value
    return by_value


@pytest.mark.parametrize(
    ("kind", "less", "more"),
    [
        ("Numeric", 1, 1.5),
        ("Numeric", -1, 0),
        ("Numeric", 2**53, 2**53 + 1),
        ("String", "", "a"),
        ("String", "A", "A "),
        ("String", "A\t\n\r", "A "),
        ("String", "AB", "ABC"),
        ("String", "Z", "a"),
        ("String", "z", "ä"),
        ("String", "\U0001f600", "\ufb01"),  # as their UTF-16 units are, which is how the service compares
        ("Timestamp", EARLY, LATE),
        ("Timestamp", "2012-10-09T19:00:55+01:00", EARLY),
        ("Timestamp", EARLY, "2012-10-09T14:00:55.000000001-05:00"),
        ("Timestamp", "2012-10-09T19:00:55.123456788Z", "2012-10-09T19:00:55.123456789Z"),
        ("Timestamp", "2012-10-09T19:00:55.9Z", LATE),
        ("Timestamp", "2012-10-09T19:00:55.45Z", "2012-10-09T19:00:55.5Z"),
    ],
)
def test_values_of_one_type_are_ordered(kind: str, less: Any, more: Any) -> None:
    expected = {
        "Equals": (False, True, False),
        "LessThan": (True, False, False),
        "GreaterThan": (False, False, True),
        "LessThanEquals": (True, True, False),
        "GreaterThanEquals": (False, True, True),
    }

    found = {
        order: tuple(compared(f"{kind}{order}", *pair) for pair in ((less, more), (less, less), (more, less)))
        for order in expected
    }

    assert found == expected


def test_equal_instants_are_equal_however_they_are_written() -> None:
    assert compared("TimestampEquals", EARLY, "2012-10-09T20:00:55.000+01:00")
    assert compared("NumericEquals", 1, 1.0)
    assert not compared("StringEquals", EARLY, "2012-10-09T19:00:55.0Z")


def test_booleans_are_equal_or_not() -> None:
    assert [compared("BooleanEquals", *pair) for pair in ((True, True), (False, False), (True, False))] == [
        True,
        True,
        False,
    ]


def test_what_merely_equals_a_boolean_is_none() -> None:
    assert not any(compared("BooleanEquals", *pair) for pair in ((1, True), (1.0, True), (0, False), (True, 1)))


@pytest.mark.parametrize(
    ("operator", "other", "types"),
    [
        ("NumericLessThanEquals", 10**9, (int, float)),
        ("NumericGreaterThanEquals", -1, (int, float)),
        ("StringLessThanEquals", "zzz", (str,)),
        ("StringGreaterThanEquals", "", (str,)),
        ("StringMatches", "*", (str,)),
    ],
)
def test_no_comparison_holds_of_another_type(operator: str, other: Any, types: tuple[type, ...]) -> None:
    held = [value for value in VALUES if compared(operator, value, other)]

    assert held == [value for value in VALUES if isinstance(value, types) and not isinstance(value, bool)]


def test_no_comparison_holds_with_another_type_either() -> None:
    wrong = {"Numeric": "1", "String": 1, "Timestamp": "soon", "Boolean": "true"}

    held = [
        (operator, value)
        for operator in ORDERINGS
        for kind, other in wrong.items()
        if operator.startswith(kind)
        for value in VALUES
        if compared(operator, value, other)
    ]

    assert held == []


@pytest.mark.parametrize(
    ("operator", "yes"),
    [
        ("IsNull", [None]),
        ("IsBoolean", [True, False]),
        ("IsNumeric", [0, 1, 1.5]),
        ("IsString", ["", "a", EARLY]),
        ("IsTimestamp", [EARLY]),
    ],
)
def test_a_type_is_asked_for_or_excluded(operator: str, yes: list[Any]) -> None:
    found = [value for value in VALUES if compared(operator, value, True)]
    others = [value for value in VALUES if compared(operator, value, False)]

    assert list(map(repr, found)) == list(map(repr, yes))
    assert len(found) + len(others) == len(VALUES)


@pytest.mark.parametrize(
    ("text", "yes"),
    [
        ("2012-10-09T19:00:55Z", True),
        ("2012-10-09T19:00:55.123456789012Z", True),
        ("2012-10-09T19:00:55+01:00", True),
        ("2012-10-09T19:00:55-00:00", True),
        ("2016-02-29T00:00:00Z", True),
        ("2015-02-29T00:00:00Z", False),
        ("2012-10-09T19:00:55", False),
        ("2012-10-09t19:00:55Z", False),
        ("2012-10-09T19:00:55z", False),
        ("2012-10-09 19:00:55Z", False),
        ("2012-10-09T19:00Z", False),
        ("2012-10-09T24:00:00Z", False),
        ("2012-10-09T19:00:55.Z", False),
        ("2012-10-09T19:00:55+0100", False),
        ("2012-10-09T19:00:55+24:00", False),
        ("0000-01-01T00:00:00Z", False),
        ("٢٠١٢-10-09T19:00:55Z", False),
        ("2023-02-24", False),
        (" 2012-10-09T19:00:55Z", False),
        ("2012-10-09T19:00:55Z\n", False),
        ("2012-10-09T19:00:55." + "1" * 100_000 + "Z", False),
    ],
)
def test_a_timestamp_is_of_one_form(text: str, yes: bool) -> None:
    assert compared("IsTimestamp", text, True) is yes


@pytest.mark.parametrize(
    ("value", "pattern", "yes"),
    [
        ("foo23.log", "foo*.log", True),
        ("zebra.log", "*.log", True),
        ("foobar.zebra", "foo*.*", True),
        ("foo.log", "foo*.log", True),
        ("foolog", "foo*.log", False),
        ("xfoo1.log", "foo*.log", False),
        ("foo1.logx", "foo*.log", False),
        ("aba", "ab*ba", False),
        ("abba", "ab*ba", True),
        ("a*b", "a\\*b", True),
        ("axb", "a\\*b", False),
        ("a\\b", "a\\\\b", True),
        ("a\\anything", "a\\\\*", True),
        ("", "", True),
        ("", "**", True),
        ("a\nb", "a*b", True),
        ("a.b", "a?b", False),
        ("A", "a", False),
        ("a" * 100_000, "a*" * 1_000 + "b", False),
    ],
)
def test_a_pattern_has_wildcards_and_escapes(value: str, pattern: str, yes: bool) -> None:
    assert compared("StringMatches", value, pattern) is yes


@pytest.mark.parametrize("pattern", ["a\\b", "a\\"])
def test_an_open_escape_in_a_pattern_is_a_failure(pattern: str) -> None:
    assert failure({"Variable": "$.v", "StringMatches": pattern}, {"v": "a"}).error == RUNTIME


@settings(deadline=None)
@given(st.lists(st.text("ab*\\", max_size=4), min_size=1, max_size=4), st.lists(st.text("ab*\\", max_size=4)))
def test_a_pattern_matches_what_is_made_from_it(parts: list[str], fillings: list[str]) -> None:
    escaped = [part.replace("\\", "\\\\").replace("*", "\\*") for part in parts]
    texts = [*fillings[: len(parts) - 1], *[""] * (len(parts) - 1 - len(fillings))]
    made = "".join(part + text for part, text in zip(parts, [*texts, ""], strict=True))

    assert glob_parts("*".join(escaped)) == parts
    assert matches(made, "*".join(escaped))


@pytest.mark.parametrize(
    ("variable", "present"),
    [
        ("$", True),
        ("$.null", True),
        ("$.null.deeper", False),
        ("$.nosuch", False),
        ("$.nosuch.deeper", False),
        ("$.list[0]", True),
        ("$.list[1]", False),
        ("$.list[*].a", True),
        ("$.list[*].b", False),
        ("$.list[?(@.a == 2)]", False),
        ("$.nosuch[?(@.a == 2)]", False),
        ("$variable", True),
        ("$variable.nosuch", False),
        ("$nosuch", False),
        ("$nosuch.deeper", False),
        ("$$.Execution", True),
        ("$$.Task.Token", False),
    ],
)
def test_something_is_present_or_not(variable: str, present: bool) -> None:
    seen: Any = {"data": {"null": None, "list": [{"a": 1}]}, "variables": {"variable": None}, "Execution": {}}

    assert holds({"Variable": variable, "IsPresent": True}, **seen) is present
    assert holds({"Variable": variable, "IsPresent": False}, **seen) is not present


@pytest.mark.parametrize("operator", sorted(OPERATORS))
def test_a_variable_that_is_missing_is_a_failure(operator: str) -> None:
    error = failure({"Variable": "$.nosuch", operator: "x"}, {"a": 1})

    assert error.error == RUNTIME
    assert error.cause == ("Invalid path '$.nosuch': The choice state's condition path references an invalid value.")


@pytest.mark.parametrize("operator", sorted(ORDERINGS))
def test_a_path_to_compare_with_that_is_missing_is_a_failure(operator: str) -> None:
    assert failure({"Variable": "$.a", f"{operator}Path": "$.nosuch"}, {"a": 1}).error == RUNTIME


@pytest.mark.parametrize(
    ("rule", "yes"),
    [
        ({"And": [{"Variable": "$.a", "IsPresent": True}, {"Variable": "$.a", "NumericEquals": 1}]}, True),
        ({"And": [{"Variable": "$.x", "IsPresent": True}, {"Variable": "$.x", "NumericEquals": 1}]}, False),
        ({"Or": [{"Variable": "$.a", "NumericEquals": 1}, {"Variable": "$.x", "NumericEquals": 1}]}, True),
        ({"Or": [{"Variable": "$.a", "NumericEquals": 2}, {"Variable": "$.a", "NumericEquals": 3}]}, False),
        ({"Not": {"Variable": "$.a", "NumericEquals": 2}}, True),
        ({"Not": {"Or": [{"Not": {"Variable": "$.a", "IsString": True}}]}}, False),
        ({"Variable": "$.v", "NumericEqualsPath": "$variable", "Comment": "x"}, True),
        ({"Variable": "$$.Execution.N", "NumericEqualsPath": "$.a"}, True),
    ],
)
def test_rules_are_joined_until_it_is_clear(rule: dict[str, Any], yes: bool) -> None:
    assert holds(rule, {"a": 1, "v": 7}, {"variable": 7}, Execution={"N": 1}) is yes


@pytest.mark.parametrize(
    "rule",
    [
        {"Variable": "$.a"},
        {"Variable": "$.a", "Equals": 1},
        {"Variable": "a", "IsNull": True},
        {"Variable": "a", "IsPresent": True},
        {"Variable": 1, "IsPresent": True},
        {"NumericEquals": 1},
        {"Variable": "$.a", "NumericEqualsPath": 1},
        {"Variable": "$.a", "StringMatchesPath": "$.a"},
        {"And": {}},
        {"Not": "x"},
        {"Or": [1]},
    ],
)
def test_a_rule_that_is_none_is_a_failure(rule: dict[str, Any]) -> None:
    assert failure(rule, {"a": 1}).error == RUNTIME


def test_rules_that_are_nested_too_deep_are_a_failure() -> None:
    rule: dict[str, Any] = {"Variable": "$.a", "IsPresent": True}
    for _ in range(5 * sys.getrecursionlimit()):
        rule = {"Not": rule}

    assert failure(rule, {"a": 1}).error == RUNTIME


def test_the_first_rule_that_holds_decides_and_assigns() -> None:
    rules = [
        {"Variable": "$.n", "NumericGreaterThan": 9, "Next": "Big"},
        {"Variable": "$.n", "NumericGreaterThan": 1, "Assign": {"size.$": "$.n", "old.$": "$size"}, "Next": "Some"},
        {"Variable": "$.n", "NumericGreaterThan": 0, "Next": "Few"},
    ]
    choice = state("Choice", InputPath="$.in", Choices=rules, OutputPath="$.n", Default="None", Assign={"d": True})

    some = JSON_PATH.choose(choice, scope({"in": {"n": 5}}, {"size": 1}))
    none = JSON_PATH.choose(choice, scope({"in": {"n": 0}}))

    assert (some.next, some.flowed.output, some.flowed.assigned) == ("Some", 5, {"size": 5, "old": 1})
    assert (none.next, none.flowed.output, none.flowed.assigned) == ("None", 0, {"d": True})


def test_no_rule_and_no_default_is_a_failure() -> None:
    for choices in ([{"Variable": "$.n", "IsNull": True, "Next": "A"}], [], None):
        with pytest.raises(StatesError) as failed:
            JSON_PATH.choose(state("Choice", Choices=choices), scope({"n": 1}))

        assert failed.value.error == NO_CHOICE
