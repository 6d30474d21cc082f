"""DynamoDB's attribute values."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus import values
from isthmus.errors import BadEventError
from isthmus_aws.attribute_values import from_item, from_value, to_item, to_value
from tests.aws.service_models import faults, service_model

NUMBERS = st.integers(-(2**63), 2**63 - 1) | st.floats(1e-130, 9.99e125) | st.floats(-9.99e125, -1e-130) | st.just(0.0)
SCALARS = st.none() | st.booleans() | NUMBERS | st.text() | st.binary()
KEPT = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(min_size=1), inner, max_size=4)
)
ITEMS = st.dictionaries(st.text(min_size=1), KEPT, max_size=5)


def as_in_an_event(attribute: Any) -> Any:
    """Return an attribute value as JSON has it: binary is base64."""
    return json.loads(json.dumps(attribute, default=lambda data: b64encode(data).decode()))


@given(ITEMS)
def test_every_item_that_isthmus_keeps_comes_back(item: dict[str, Any]) -> None:
    values.check(item)

    assert to_item(from_item(item)) == item
    assert to_item(as_in_an_event(from_item(item))) == item


@settings(max_examples=30)
@given(ITEMS)
def test_botocore_takes_every_item(item: dict[str, Any]) -> None:
    put = service_model("dynamodb").operation_model("PutItem").input_shape

    assert faults({"TableName": "orders", "Item": from_item(item)}, put) == ""


@pytest.mark.parametrize(
    ("value", "attribute"),
    [
        (None, {"NULL": True}),
        (True, {"BOOL": True}),
        (0, {"N": "0"}),
        (-5, {"N": "-5"}),
        (2.5, {"N": "2.5"}),
        (1e-130, {"N": "1e-130"}),
        ("", {"S": ""}),
        (b"", {"B": b""}),
        ([1, "a"], {"L": [{"N": "1"}, {"S": "a"}]}),
        ({"a": {}}, {"M": {"a": {"M": {}}}}),
    ],
)
def test_a_value_and_its_attribute_value(value: Any, attribute: Any) -> None:
    assert from_value(value) == attribute
    assert to_value(attribute) == value


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("5", 5),
        ("-0", 0),
        ("5.0", 5),
        ("1E+3", 1000),
        ("1.5e1", 15),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775808", -(2**63)),
        ("9.223372036854775807E18", 2**63 - 1),
        ("9007199254740993.0", 9007199254740993),
        ("9223372036854775808", float(2**63)),
        ("-9223372036854775809", -float(2**63)),
        ("1E+40", 1e40),
        ("0.1234567890123456789012345678901234567", 0.12345678901234568),
        ("9007199254740993.5", 9007199254740994.0),
        ("99999999999999999999999999999999999999", 1e38),
    ],
)
def test_a_number_is_an_int_where_it_is_one_and_the_nearest_double_where_not(text: str, number: float) -> None:
    found = to_value({"N": text})

    assert (found, type(found)) == (number, type(number))


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ({"SS": ["b", "a"]}, ["b", "a"]),
        ({"NS": ["1", "2.5"]}, [1, 2.5]),
        ({"BS": [b"a", "Yg=="]}, [b"a", b"b"]),
    ],
)
def test_a_set_that_others_have_put_is_a_list(attribute: Any, value: Any) -> None:
    assert to_value(attribute) == value


def deep(levels: int) -> Any:
    attribute: Any = {"S": "a"}
    for _ in range(levels):
        attribute = {"L": [attribute]}
    return attribute


@pytest.mark.parametrize(
    "attribute",
    [
        None,
        5,
        "S",
        {},
        {"S": "a", "N": "1"},
        {"X": "a"},
        {"S": 5},
        {"S": None},
        {"N": 5},
        {"N": ""},
        {"N": "five"},
        {"N": "NaN"},
        {"N": "Infinity"},
        {"N": "1E+400"},
        {"BOOL": "true"},
        {"B": "no base64"},
        {"B": 5},
        {"M": []},
        {"M": {"a": "b"}},
        {"L": {}},
        {"L": ["a"]},
        {"SS": [5]},
        {"NS": [5]},
        {"SS": None},
        {"SS": "ab"},
        deep(100_000),
    ],
)
def test_what_is_no_attribute_value_is_refused(attribute: Any) -> None:
    with pytest.raises(BadEventError, match="not an attribute value of DynamoDB"):
        to_value(attribute)
    with pytest.raises(BadEventError, match="not an image of a DynamoDB item"):
        to_item({"a": attribute})
