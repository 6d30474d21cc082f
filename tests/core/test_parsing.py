from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal, NewType, NotRequired, Optional, Required, TypedDict, Union

import msgspec
import pydantic
import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import UnprocessableError, UnsupportedTypeError
from isthmus.parsing import parse


class Colour(Enum):
    RED = "red"
    BLUE = "blue"


class Size(Enum):
    SMALL = 1
    LARGE = 2


UserId = NewType("UserId", int)


@dataclass(frozen=True, slots=True)
class Item:
    sku: str
    quantity: int = 1


@dataclass(kw_only=True)
class Order:
    id: uuid.UUID
    items: list[Item]
    total: Decimal
    placed: datetime
    colour: Colour | None = None
    tags: set[str] = field(default_factory=lambda: {"new"})
    secret: str = field(default="mine", init=False)


@dataclass
class Tree:
    name: str
    children: list[Tree] = field(default_factory=lambda: [])


@dataclass
class Range:
    low: int
    high: int

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low must not be above high")


class Address(TypedDict):
    city: str
    zip: NotRequired[str]


class Partial(TypedDict, total=False):
    city: Required[str]
    zip: str


@dataclass
class Card:
    kind: Literal["card"]
    number: str
    holder: str


@dataclass
class Cash:
    kind: Literal["cash"]
    amount: float
    change: float


class Struct(msgspec.Struct):
    a: int
    tags: list[str] = []


class Model(pydantic.BaseModel):
    a: int
    b: list[int] = []


@dataclass
class Holder:
    struct: Struct | None = None
    model: Model | None = None


def faults(data: Any, kind: Any, *, text: bool = False) -> dict[str, str]:
    with pytest.raises(UnprocessableError) as caught:
        parse(data, kind, text=text)
    assert caught.value.status == 422
    found = {error["field"]: error["message"] for error in caught.value.errors}
    assert len(found) == len(caught.value.errors)
    return found


def faults_or_none(data: Any, kind: Any, *, text: bool = False) -> Sequence[dict[str, str]]:
    try:
        parse(data, kind, text=text)
    except UnprocessableError as error:
        return error.errors
    return []


def test_a_dataclass_is_made_of_nested_data() -> None:
    order = parse(
        {
            "id": "00000000-0000-0000-0000-000000000001",
            "items": [{"sku": "a", "quantity": 2}, {"sku": "b", "unknown": 1}],
            "total": "12.50",
            "placed": "2026-01-31T12:00:00Z",
            "colour": "red",
            "tags": ["x", "y", "x"],
            "secret": "theirs",
            "more": {},
        },
        Order,
    )

    assert order == Order(
        id=uuid.UUID(int=1),
        items=[Item("a", 2), Item("b", 1)],
        total=Decimal("12.50"),
        placed=datetime(2026, 1, 31, 12, tzinfo=UTC),
        colour=Colour.RED,
        tags={"x", "y"},
    )
    assert order.secret == "mine"


def test_every_fault_is_named_at_once() -> None:
    data = {
        "id": 1,
        "items": [{"sku": "a"}, {"quantity": True}, 7],
        "placed": "soon",
        "colour": "green",
        "tags": [1, "a"],
    }

    assert faults(data, Order) == {
        "id": "must be a UUID",
        "items[1].sku": "is missing",
        "items[1].quantity": "must be a whole number",
        "items[2]": "must be an object",
        "total": "is missing",
        "placed": "must be a date and time, such as 2026-01-31T12:00:00Z",
        "colour": "must be one of: red, blue",
        "tags[0]": "must be text",
    }


def test_no_fault_repeats_what_was_sent() -> None:
    with pytest.raises(UnprocessableError) as caught:
        parse({"sku": 12345678, "quantity": "password"}, Item)

    assert "12345678" not in str(caught.value.errors)
    assert "password" not in str(caught.value.errors)


def test_a_hostile_number_of_faults_is_cut_off() -> None:
    with pytest.raises(UnprocessableError) as caught:
        parse(["x"] * 100_000, list[int])

    assert len(caught.value.errors) == 100


def test_a_default_factory_makes_a_value_for_each() -> None:
    first, second = parse([{"name": "a"}, {"name": "b"}], list[Tree])

    assert first.children == []
    assert first.children is not second.children


def test_a_type_may_hold_itself() -> None:
    data = {"name": "a", "children": [{"name": "b", "children": [{"name": "c"}]}]}

    assert parse(data, Tree) == Tree("a", [Tree("b", [Tree("c")])])
    assert faults({"name": "a", "children": [{"children": [{}]}]}, Tree) == {
        "children[0].name": "is missing",
        "children[0].children[0].name": "is missing",
    }


def test_data_nested_too_deeply_is_a_fault() -> None:
    data: dict[str, Any] = {"name": "leaf"}
    for _ in range(5000):
        data = {"name": "a", "children": [data]}

    assert faults(data, Tree) == {"$": "is nested too deeply"}


def test_a_check_of_the_types_own_is_a_fault_of_its_object() -> None:
    assert parse({"low": 1, "high": 2}, Range) == Range(1, 2)
    assert faults([{"low": 2, "high": 1}], list[Range]) == {"[0]": "low must not be above high"}
    assert faults({"low": "x"}, Range) == {"low": "must be a whole number", "high": "is missing"}


def test_a_typed_dict_needs_what_it_requires() -> None:
    assert parse({"city": "a", "more": 1}, Address) == {"city": "a"}
    assert parse({"city": "a", "zip": "b"}, Address) == {"city": "a", "zip": "b"}
    assert parse({"city": "a"}, Partial) == {"city": "a"}
    assert faults({}, Partial) == {"city": "is missing"}
    assert faults({"zip": 1}, Address) == {"city": "is missing", "zip": "must be text"}


@pytest.mark.parametrize(
    ("data", "kind", "value"),
    [
        (1, int, 1),
        (2.0, int, 2),
        (1, float, 1.0),
        (1.5, float, 1.5),
        (True, bool, True),
        ("", str, ""),
        (None, None, None),
        ({"a": [1]}, Any, {"a": [1]}),
        ({"a": [1]}, object, {"a": [1]}),
        ("1.10", Decimal, Decimal("1.10")),
        (3, Decimal, Decimal(3)),
        (0.1, Decimal, Decimal("0.1")),
        ("2026-01-31", date, date(2026, 1, 31)),
        ("12:30", time, time(12, 30)),
        ("2026-01-31T12:00:00+02:00", datetime, datetime.fromisoformat("2026-01-31T12:00:00+02:00")),
        ([1, "2"], list, [1, "2"]),
        ([1, 2], Sequence[int], [1, 2]),
        ([1, 1], frozenset[int], frozenset({1})),
        ([1, "a"], tuple[int, str], (1, "a")),
        ([1, 2, 3], tuple[int, ...], (1, 2, 3)),
        ([1, "a"], tuple, (1, "a")),
        ({"a": 1}, dict[str, int], {"a": 1}),
        ({"1": "a"}, dict[int, str], {1: "a"}),
        ({"red": 1}, Mapping[Colour, int], {Colour.RED: 1}),
        ({"a": None}, dict, {"a": None}),
        (7, UserId, 7),
        (7, Annotated[int, "positive"], 7),
        ("red", Colour, Colour.RED),
        (2, Size, Size.LARGE),
        ("a", Literal["a", 1], "a"),
        (1, Literal["a", 1], 1),
        (None, Optional[int], None),  # noqa: UP045 - not the same object as int | None
        (1, Union[int, str], 1),  # noqa: UP007 - not the same object as int | str
        ("1", int | str, "1"),
        (1, float | int, 1),
        (1, float | str, 1.0),
        ([1], list[int] | int, [1]),
        ("2026-01-31", date | str, "2026-01-31"),
        ("x", date | Colour | None | Literal["x"], "x"),
        (None, date | Colour | None, None),
    ],
)
def test_data_of_a_type_is_read(data: Any, kind: Any, value: Any) -> None:
    found = parse(data, kind)

    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("data", "kind", "message"),
    [
        (True, int, "must be a whole number"),
        (1.5, int, "must be a whole number"),
        ("1", int, "must be a whole number"),
        (float("inf"), int, "must be a whole number"),
        (True, float, "must be a number"),
        ("1", float, "must be a number"),
        (10**400, float, "is too large"),
        (1, bool, "must be true or false"),
        (1, str, "must be text"),
        (0, None, "must be null"),
        (None, int, "must be a whole number"),
        (True, Decimal, "must be a number, or one in text"),
        ("NaN", Decimal, "must be a number, or one in text"),
        ("1" * 500, Decimal, "must be a number, or one in text"),
        ("x", Decimal, "must be a number, or one in text"),
        (1, datetime, "must be a date and time, such as 2026-01-31T12:00:00Z"),
        ("2026-02-30", date, "must be a date, such as 2026-01-31"),
        ("25:00", time, "must be a time, such as 12:00:00"),
        ("x", uuid.UUID, "must be a UUID"),
        ("ab", list[str], "must be a list"),
        ({}, set[str], "must be a list"),
        ([1], tuple[int, str], "must be a list of 2"),
        ("ab", tuple[str, str], "must be a list of 2"),
        ([], dict[str, int], "must be an object"),
        (1, Item, "must be an object"),
        (True, Literal[1], "must be one of: 1"),
        ([], Literal[1, "a"], "must be one of: 1, a"),
        ({}, Colour, "must be one of: red, blue"),
        ("1", Size, "must be one of: 1, 2"),
        (True, Size, "must be one of: 1, 2"),
        ([], int | str, "must be a whole number or text"),
        ("x", int | None, "must be a whole number"),
        ("x", Card | Cash, "must be an object"),
    ],
)
def test_data_of_another_type_is_a_fault(data: Any, kind: Any, message: str) -> None:
    assert faults(data, kind) == {"$": message}


def test_the_order_of_a_union_decides_where_several_fit() -> None:
    assert parse(3, float | Decimal) == 3.0
    assert isinstance(parse(3, float | Decimal), float)
    assert isinstance(parse(3, Decimal | float), Decimal)
    assert isinstance(parse([3], list[float | Decimal])[0], float)
    assert isinstance(parse([3], list[Decimal | float])[0], Decimal)


def test_the_faults_of_a_list_name_each_position() -> None:
    assert faults({"a": [1, "b", None]}, dict[str, list[int]]) == {
        "a[1]": "must be a whole number",
        "a[2]": "must be a whole number",
    }
    assert faults([1, 2], tuple[str, str]) == {"[0]": "must be text", "[1]": "must be text"}
    assert faults({"x": 1}, dict[int, int]) == {"x": "must be a whole number"}


def test_of_a_union_of_records_the_one_that_was_meant_is_told_of() -> None:
    assert parse({"kind": "cash", "amount": 5, "change": 0}, Card | Cash) == Cash("cash", 5.0, 0.0)
    assert faults({"kind": "cash", "amount": "5"}, Card | Cash) == {
        "amount": "must be a number",
        "change": "is missing",
    }
    assert faults([{"kind": "card", "number": 1}], list[Cash | Card | int]) == {
        "[0].number": "must be text",
        "[0].holder": "is missing",
    }


@pytest.mark.parametrize("kind", [bytes, complex, list[bytes], dict[str, set[object | range]], type, print, 7, "Item"])
def test_a_type_that_cannot_be_read_is_an_error_of_the_program(kind: Any) -> None:
    with pytest.raises(UnsupportedTypeError, match="use a dataclass"):
        parse([], kind)


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["red", "cash", "1", "on"]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text() | st.sampled_from(["sku", "items", "kind", "name", "children", "a", "low", "high"]), inner
        )
    ),
)

KINDS: list[Any] = [
    *(int, float, bool, str, Decimal, date, datetime, time, uuid.UUID, Colour, Size, Item, Order, Tree, Range, Address),
    *(Struct, Model, Holder, Card | Cash, list[Item], dict[int, Tree], tuple[int, str], Literal[1, "a"], int | None),
    *(list[Card | Cash | int | None], dict[str, dict[str, Any]], set[str], tuple[float, ...]),
]


@given(JSON, st.sampled_from(KINDS))
def test_whatever_comes_parsing_ends_in_a_value_or_in_named_faults(data: Any, kind: Any) -> None:
    assert all(fault["field"] and fault["message"] for fault in faults_or_none(data, kind))


@given(
    st.dictionaries(
        st.sampled_from(["sku", "quantity", "a", "b", "tags", "low", "high"]), st.lists(st.text(), min_size=1)
    )
)
def test_whatever_a_form_holds_parsing_ends_in_a_value_or_in_named_faults(data: dict[str, list[str]]) -> None:
    for kind in (Item, Range, Struct, Model, dict[str, int], dict[str, list[float]]):
        assert all(fault["field"] and fault["message"] for fault in faults_or_none(data, kind, text=True))


@given(st.lists(st.builds(Item, st.text(), st.integers())))
def test_what_a_dataclass_is_written_as_is_read_back(items: list[Item]) -> None:
    assert parse([dataclasses.asdict(item) for item in items], list[Item]) == items
