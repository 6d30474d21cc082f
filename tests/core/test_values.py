from __future__ import annotations

import enum
import math
from collections import OrderedDict, defaultdict
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus import values
from isthmus.errors import InvalidValueError, TooLargeError


class Status(enum.StrEnum):
    OPEN = "open"


class Level(enum.IntEnum):
    LOW = 1


class Text(str):
    __slots__ = ()


def nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        0,
        2**63 - 1,
        -(2**63),
        0.0,
        -0.0,
        1e-130,
        -1e-130,
        9.99e125,
        1.5,
        "",
        "é\0😀",
        b"",
        b"\xff",
        [],
        {},
        nested(31),
    ],
)
def test_every_value_that_all_providers_keep_is_accepted(value: Any) -> None:
    values.check({"a": value})


REFUSED: list[tuple[Any, str]] = [
    (2**63, "64 bits"),
    (-(2**63) - 1, "64 bits"),
    (math.nan, "nan is not kept"),
    (math.inf, "inf is not kept"),
    (-math.inf, "-inf is not kept"),
    (1e126, "magnitude"),
    (-9e-131, "magnitude"),
    (5e-324, "magnitude"),
    ((1, 2), "tuple is not kept: use a list"),
    ({1, 2}, "set is not kept: use a list"),
    (frozenset(), "frozenset is not kept: use a list"),
    (Decimal(1), "Decimal is not kept: use an int"),
    (datetime.now(UTC), "datetime is not kept: use timestamp"),
    (date(2024, 1, 1), "date is not kept: use isoformat"),
    (uuid4(), "UUID is not kept: use str"),
    (bytearray(), "bytearray is not kept: use bytes"),
    (memoryview(b""), "memoryview is not kept: use bytes"),
    (Status.OPEN, "Status is not kept: use its .value"),
    (Level.LOW, "Level is not kept: use its .value"),
    (Text("a"), "Text is not kept: use str"),
    (defaultdict(int), "defaultdict is not kept: use dict"),
    (OrderedDict(), "OrderedDict is not kept: use dict"),
    (1j, "complex is not kept: a table keeps None, bool"),
    (object(), "object is not kept: a table keeps"),
    ("\ud800", "lone surrogate at position 0"),
    ("ok\udfff", "lone surrogate at position 2"),
    (nested(32), "deeper than 31"),
]


@pytest.mark.parametrize(("value", "why"), REFUSED)
def test_a_value_that_some_provider_would_not_keep_is_refused_with_the_reason(value: Any, why: str) -> None:
    with pytest.raises(InvalidValueError, match=f"^a.*{why}"):
        values.check({"a": value})


def test_the_path_leads_to_the_refused_value() -> None:
    with pytest.raises(InvalidValueError, match=r"^lines\[2\]\.price: Decimal"):
        values.check({"id": "1", "lines": [1, {"price": 2}, {"price": Decimal(2)}]})


def test_a_list_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)

    with pytest.raises(InvalidValueError, match="deeper than 31"):
        values.check({"a": endless})


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("", "1 to 1,500 bytes"),
        ("n" * 1501, "1 to 1,500"),
        ("é" * 751, "1 to 1,500"),
        (7, "not int"),
        ("\udc00", "Unicode"),
    ],
)
def test_a_name_that_no_provider_takes_is_refused_at_any_depth(name: Any, why: str) -> None:
    for item in ({name: 1}, {"a": [{name: 1}]}):
        with pytest.raises(InvalidValueError, match=why):
            values.check(item)


NO_ITEMS: list[Any] = [None, [], "a", OrderedDict(a=1), 7]


@pytest.mark.parametrize("item", NO_ITEMS)
def test_an_item_is_a_dict(item: Any) -> None:
    with pytest.raises(InvalidValueError, match="must be a dict of attributes"):
        values.check(item)


@pytest.mark.parametrize(
    ("item", "size"),
    [
        ({}, 0),
        ({"a": ""}, 1),
        ({"ab": "é"}, 4),
        ({"a": b"xyz"}, 4),
        ({"a": None, "b": True}, 4),
        ({"a": 0}, 2),
        ({"a": 7}, 3),
        ({"a": 123}, 4),
        ({"a": -123}, 5),
        ({"a": 1000000}, 3),
        ({"a": 1.5}, 3),
        ({"a": 1.5e100}, 3),
        ({"a": -0.25}, 4),
        ({"a": []}, 4),
        ({"a": ["x", "y"]}, 8),
        ({"a": {}}, 4),
        ({"a": {"b": "x"}}, 7),
    ],
)
def test_an_item_counts_by_the_published_rules(item: dict[str, Any], size: int) -> None:
    assert values.check(item) == size


def test_an_item_may_be_as_large_as_the_limit_and_no_larger() -> None:
    fits = {"a": "x" * (values.ITEM_LIMIT - 1)}
    assert values.check(fits) == values.ITEM_LIMIT

    with pytest.raises(TooLargeError, match="409,601 bytes, and the limit is 409,600") as caught:
        values.check(fits | {"a": fits["a"] + "x"})
    assert (caught.value.size, caught.value.limit) == (409_601, 409_600)


@given(st.recursive(st.integers() | st.floats() | st.text() | st.binary() | st.none() | st.booleans(), st.lists))
def test_whatever_is_given_the_answer_is_a_size_or_an_error_of_ours(value: Any) -> None:
    try:
        answer: object = values.check({"a": value})
    except InvalidValueError as error:
        answer = str(error)

    assert answer[:1] == "a" if isinstance(answer, str) else answer


def test_a_bool_is_no_number() -> None:
    assert [values.is_number(value) for value in (1, 1.0, True, "1", None)] == [True, True, False, False, False]
