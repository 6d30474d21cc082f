from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.filters import faults, matches, operators

ORDER: dict[str, str | int | float] = {"type": "order.placed", "price": 10, "weight": 2.5, "code": "10"}


@pytest.mark.parametrize(
    ("filter", "passes"),
    [
        ({}, True),
        ({"type": ["order.placed"]}, True),
        ({"type": ["order.shipped"]}, False),
        ({"type": ["order.shipped", "order.placed"]}, True),
        ({"type": ["Order.Placed"]}, False),
        ({"price": [10]}, True),
        ({"price": [10.0]}, True),
        ({"price": ["10"]}, False),
        ({"code": [10]}, False),
        ({"code": ["10"]}, True),
        ({"type": ["order.placed"], "price": [11]}, False),
        ({"type": ["order.placed"], "price": [10]}, True),
        ({"type": [{"prefix": "order."}]}, True),
        ({"type": [{"prefix": "user."}]}, False),
        ({"price": [{"prefix": "1"}]}, False),
        ({"type": [{"anything-but": ["order.shipped"]}]}, True),
        ({"type": [{"anything-but": ["order.placed", "x"]}]}, False),
        ({"type": [{"anything-but": "order.placed"}]}, False),
        ({"price": [{"anything-but": [10]}]}, False),
        ({"price": [{"anything-but": ["10"]}]}, True),
        ({"missing": [{"anything-but": ["x"]}]}, False),
        ({"price": [{"numeric": ["=", 10]}]}, True),
        ({"price": [{"numeric": [">", 10]}]}, False),
        ({"price": [{"numeric": [">=", 10]}]}, True),
        ({"price": [{"numeric": ["<", 10.5]}]}, True),
        ({"weight": [{"numeric": [">", 2, "<=", 2.5]}]}, True),
        ({"weight": [{"numeric": [">", 2, "<", 2.5]}]}, False),
        ({"code": [{"numeric": ["=", 10]}]}, False),
        ({"type": [{"exists": True}]}, True),
        ({"type": [{"exists": False}]}, False),
        ({"missing": [{"exists": True}]}, False),
        ({"missing": [{"exists": False}]}, True),
        ({"missing": ["x"]}, False),
        ({"missing": [{"exists": False}, "x"], "type": ["order.placed"]}, True),
    ],
)
def test_a_message_passes_where_each_attribute_meets_one_of_its_conditions(filter: Any, passes: bool) -> None:
    assert faults(filter) == []
    assert matches(filter, ORDER) is passes


MALFORMED: list[Any] = [
    None,
    [],
    "type",
    {"type": "order.placed"},
    {"type": {"prefix": "a"}},
    {"type": []},
    {"": ["x"]},
    {5: ["x"]},
    {"type": [None]},
    {"type": [True]},
    {"type": [float("nan")]},
    {"type": [float("inf")]},
    {"type": [["nested"]]},
    {"type": [{}]},
    {"type": [{"prefix": "a", "exists": True}]},
    {"type": [{"suffix": "a"}]},
    {"type": [{5: "a"}]},
    {"type": [{"prefix": ""}]},
    {"type": [{"prefix": 5}]},
    {"type": [{"exists": 1}]},
    {"type": [{"anything-but": []}]},
    {"type": [{"anything-but": [None]}]},
    {"type": [{"anything-but": {"prefix": "a"}}]},
    {"n": [{"numeric": []}]},
    {"n": [{"numeric": ["="]}]},
    {"n": [{"numeric": ["==", 5]}]},
    {"n": [{"numeric": [">", "5"]}]},
    {"n": [{"numeric": [">", True]}]},
    {"n": [{"numeric": [">", 5, ">", 6]}]},
    {"n": [{"numeric": ["<", 5, ">", 1]}]},
    {"n": [{"numeric": [">", 9, "<", 5]}]},
    {"n": [{"numeric": ["=", 5, "<", 6]}]},
    {"n": [{"numeric": ">5"}]},
    {"n": list(range(151))},
]


@pytest.mark.parametrize("filter", MALFORMED)
def test_a_malformed_filter_has_one_fault(filter: Any) -> None:
    assert len(faults(filter)) == 1


def test_every_fault_of_a_filter_is_told() -> None:
    assert len(faults({"a": [], "b": ["x", None, {"prefx": "y"}], "c": "z"})) == 4


def test_the_operators_of_a_filter_are_what_a_provider_must_support() -> None:
    filter = {"a": ["x", {"prefix": "y"}], "b": [{"numeric": ["=", 1]}, {"exists": True}], "c": [{"anything-but": "z"}]}

    assert operators(filter) == {"exact", "prefix", "numeric", "exists", "anything-but"}
    assert operators({}) == set()
    assert operators("nonsense") == set()


texts = st.text(max_size=4)
numbers = st.one_of(st.integers(-9, 9), st.floats(-9, 9))
conditions = st.one_of(
    texts,
    numbers,
    st.fixed_dictionaries({"prefix": st.text(min_size=1, max_size=2)}),
    st.fixed_dictionaries({"anything-but": st.lists(st.one_of(texts, numbers), min_size=1, max_size=3)}),
    st.fixed_dictionaries({"numeric": st.tuples(st.sampled_from(["=", ">", ">=", "<", "<="]), numbers).map(list)}),
    st.fixed_dictionaries({"exists": st.booleans()}),
)
wellformed = st.dictionaries(st.sampled_from("abc"), st.lists(conditions, min_size=1, max_size=3), max_size=3)
attributes = st.dictionaries(st.sampled_from("abc"), st.one_of(texts, numbers), max_size=3)


@given(wellformed, attributes)
def test_every_well_formed_filter_decides_on_every_message(filter: Any, message: Any) -> None:
    assert faults(filter) == []
    assert matches(filter, message) in (True, False)


@given(wellformed, attributes)
def test_another_condition_lets_more_pass_and_another_attribute_less(filter: Any, message: Any) -> None:
    wider = {name: [*conditions, {"exists": True}] for name, conditions in filter.items()}
    narrower = {**filter, "d": [{"exists": True}]}

    assert matches(wider, message) >= matches(filter, message)
    assert not matches(narrower, message)
