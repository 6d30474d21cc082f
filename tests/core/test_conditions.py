from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus import conditions
from isthmus.conditions import (
    Condition,
    at_least,
    at_most,
    begins_with,
    contains,
    differs,
    equals,
    holds,
    less_than,
    missing,
    more_than,
    present,
)
from isthmus.errors import InvalidValueError
from isthmus.table_writes import Check, Delete, Put, Update

ITEM: dict[str, Any] = {
    "n": 5,
    "f": 5.0,
    "s": "abc",
    "b": b"abc",
    "t": True,
    "z": None,
    "l": [1, "a", {"x": [True]}],
    "m": {"x": 1, "y": [2]},
}


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("n", 5),
        ("n", 5.0),
        ("f", 5),
        ("n", equals(5)),
        ("s", "abc"),
        ("b", b"abc"),
        ("t", True),
        ("z", None),
        ("l", [1.0, "a", {"x": [True]}]),
        ("m", {"y": [2], "x": 1}),
        ("n", differs(6)),
        ("n", differs("5")),
        ("t", differs(1)),
        ("nowhere", differs(5)),
        ("n", less_than(5.5)),
        ("n", at_most(5)),
        ("n", more_than(-1)),
        ("n", at_least(5.0)),
        ("s", less_than("abd")),
        ("s", more_than("ab")),
        ("b", at_least(b"abc")),
        ("s", begins_with("ab")),
        ("s", begins_with("")),
        ("b", begins_with(b"a")),
        ("s", contains("bc")),
        ("b", contains(b"b")),
        ("l", contains("a")),
        ("l", contains(1.0)),
        ("l", contains({"x": [True]})),
        ("z", present()),
        ("nowhere", missing()),
    ],
)
def test_a_condition_that_holds(name: str, condition: Any) -> None:
    assert holds({name: condition}, ITEM)


@pytest.mark.parametrize(
    ("name", "condition"),
    [
        ("n", 6),
        ("n", "5"),
        ("n", True),
        ("t", 1),
        ("z", False),
        ("s", b"abc"),
        ("b", "abc"),
        ("l", [1, "a", {"x": [1]}]),
        ("l", [1, "a"]),
        ("m", {"x": 1}),
        ("m", {"x": True, "y": [2]}),
        ("nowhere", None),
        ("nowhere", equals(5)),
        ("n", differs(5.0)),
        ("n", less_than(5)),
        ("n", at_most(4.9)),
        ("n", more_than(5)),
        ("n", at_least(6)),
        ("t", at_least(0)),
        ("s", at_least(0)),
        ("n", at_least("")),
        ("s", more_than(b"")),
        ("z", less_than(9)),
        ("nowhere", less_than(9)),
        ("nowhere", at_least(0)),
        ("nowhere", begins_with("")),
        ("nowhere", contains("")),
        ("s", begins_with("b")),
        ("s", begins_with(b"a")),
        ("n", begins_with("5")),
        ("s", contains(b"b")),
        ("n", contains(5)),
        ("m", contains("x")),
        ("l", contains(True)),
        ("nowhere", present()),
        ("z", missing()),
    ],
)
def test_a_condition_that_does_not_hold(name: str, condition: Any) -> None:
    assert not holds({name: condition}, ITEM)


def test_all_conditions_must_hold() -> None:
    assert holds({"n": 5, "s": begins_with("a")}, ITEM)
    assert not holds({"n": 5, "s": begins_with("b")}, ITEM)


@pytest.mark.parametrize("condition", [missing(), differs(1), equals(1)])
def test_nothing_holds_where_there_is_no_item(condition: Condition) -> None:
    assert not holds({"a": condition}, None)


@given(st.integers(-(2**63), 2**63 - 1), st.floats(-1e19, 1e19))
def test_ints_and_floats_compare_exactly(whole: int, part: float) -> None:
    part = 0.0 if abs(part) < 1e-130 else part

    assert holds({"a": less_than(part)}, {"a": whole}) == (whole < part)
    assert holds({"a": part}, {"a": whole}) == (whole == part)


@given(st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"])))
def test_strings_compare_as_their_utf8(one: str, other: str) -> None:
    assert holds({"a": less_than(other)}, {"a": one}) == (one.encode() < other.encode())


@pytest.mark.parametrize("make", [less_than, at_most, more_than, at_least])
@pytest.mark.parametrize("operand", [None, True, [], {}])
def test_only_what_has_an_order_can_be_compared_in_order(make: Any, operand: Any) -> None:
    with pytest.raises(InvalidValueError, match="takes one of str, int, float, bytes"):
        make(operand)


def test_an_operand_is_a_value_of_the_right_type() -> None:
    with pytest.raises(InvalidValueError, match="begins_with takes one of str, bytes, not int"):
        begins_with(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    with pytest.raises(InvalidValueError, match=r"contains\[0\]: tuple is not kept"):
        contains([()])
    with pytest.raises(InvalidValueError, match="present takes one of NoneType"):
        Condition("present", 1)
    with pytest.raises(InvalidValueError, match="no condition is named 'like'; known: equals, differs"):
        Condition("like", "a%")


def test_what_is_asked_for_is_checked_and_plain_values_mean_equality() -> None:
    assert conditions.check({"a": 1, "b": missing()}) == {"a": equals(1), "b": missing()}

    with pytest.raises(InvalidValueError, match="if_match is empty"):
        conditions.check({})
    with pytest.raises(InvalidValueError, match=r"if_match.a\[0\]: set is not kept"):
        conditions.check({"a": [{1}]})
    for name in ("", 5):
        with pytest.raises(InvalidValueError, match="is no attribute's name"):
            conditions.check({name: 1})  # type: ignore[dict-item]  # pyright: ignore[reportArgumentType]


def test_conditions_compare_and_show_what_they_are() -> None:
    assert equals(1) == equals(1.0) != equals(True)
    assert equals(1) != at_least(1)
    assert equals([1]) != [1]
    assert len({equals([1]), equals([1.0]), missing()}) == 2
    assert repr([at_least(2), missing()]) == "[at_least(2), missing()]"


def test_writes_show_what_they_are() -> None:
    writes = [Put({"id": "secret"}), Update(("a", 1)), Delete("a"), Check("a")]

    assert repr(writes) == "[<Put id>, <Update ('a', 1)>, <Delete 'a'>, <Check 'a'>]"
