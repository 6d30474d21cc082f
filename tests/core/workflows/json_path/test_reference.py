"""Where a reference path puts a value."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus.workflows.json_path import reference
from isthmus.workflows.json_path.cursor import ExpressionError
from isthmus.workflows.json_path.values import is_object
from tests.core.workflows.json_path.states import computed, scope

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3),
    max_leaves=8,
)


def bracketed(names: list[str]) -> str:
    quoted = (name.replace("\\", "\\\\").replace("'", "\\'") for name in names)
    return "$" + "".join(f"['{name}']" for name in quoted)


@pytest.mark.parametrize(
    "text",
    [
        "$.store.book",
        r"$.store\.book",
        r"$.\stor\e.boo\k",
        "$.store.book.title",
        r"$.foo.\.bar",
        r"$.foo\@bar.baz\[\[.\?pretty",
        "$.&Ж中.\ud800\udf46",
        "$.ledgers.branch[0].pending.count",
        "$.ledgers.branch[0]",
        "$.ledgers[0][22][315].foo",
        "$['store']['book']",
        "$['store'][0]['book']",
    ],
)
def test_what_the_specification_calls_a_reference_path_is_one(text: str) -> None:
    assert reference.parse(text).definite


@pytest.mark.parametrize("text", ["$.a[*]", "$..a", "$.a[0,1]", "$.a[0:1]", "$['a','b']", "$.a[?(@.b)]", "$.a.size()"])
def test_a_path_to_more_than_one_place_is_no_reference_path(text: str) -> None:
    with pytest.raises(ExpressionError, match="one place"):
        reference.parse(text)


PLACED: list[tuple[str, Any, Any]] = [
    ("$", {"a": 1}, 6),
    ("$.a", {"a": 1, "b": 2}, {"a": 6, "b": 2}),
    ("$.a", {}, {"a": 6}),
    ("$.master.detail", {"master": {"detail": [1, 2, 3]}}, {"master": {"detail": 6}}),
    ("$.m.r.sum", {"m": {"d": [1]}}, {"m": {"d": [1], "r": {"sum": 6}}}),
    ("$.a[1]", {"a": [1, 2, 3]}, {"a": [1, 6, 3]}),
    ("$.a[0].b.c", {"a": [{}]}, {"a": [{"b": {"c": 6}}]}),
    ("$[0]", [1], [6]),
    ("$[-1]", [1, 2], [1, 6]),
]


@pytest.mark.parametrize(("path", "data", "expected"), PLACED)
def test_a_value_is_put_in_its_place(path: str, data: Any, expected: Any) -> None:
    before = copy.deepcopy(data)

    result = reference.put(reference.parse(path), data, 6)

    assert result == expected
    assert data == before


@pytest.mark.parametrize(
    ("path", "data"),
    [
        ("$.a", "foo"),
        ("$.a", None),
        ("$.a", [1]),
        ("$.a.b", {"a": 1}),
        ("$.a.b", {"a": None}),
        ("$.a[0]", {}),
        ("$.a[1]", {"a": [1]}),
        ("$[0]", {}),
    ],
)
def test_there_is_no_place_within_what_is_no_object_and_past_a_list(path: str, data: Any) -> None:
    with pytest.raises(reference.PlaceError):
        reference.put(reference.parse(path), data, 6)


@settings(deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=4), st.dictionaries(NAMES, VALUES, max_size=4), VALUES)
def test_what_was_put_is_found_again_and_nothing_else_has_changed(
    names: list[str], data: dict[str, Any], value: Any
) -> None:
    before = copy.deepcopy(data)
    path = bracketed(names)
    try:
        result = reference.put(reference.parse(path), data, value)
    except reference.PlaceError:
        result = None

    assert data == before
    if result is not None:
        assert computed(path, scope(result)) == value
        assert {name: result[name] for name in data if name != names[0]} == {
            name: data[name] for name in data if name != names[0]
        }


def test_a_path_of_a_hundred_thousand_names_is_put_without_recursion() -> None:
    result = reference.put(reference.parse("$" + ".a" * 100_000), {}, 1)

    depth = 0
    while is_object(result):  # taken apart, since the interpreter frees nested objects by recursion
        result = result["a"]
        depth += 1
    assert depth == 100_000
