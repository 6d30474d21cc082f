from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Literal

import pytest

from isthmus.parsing import parse
from tests.core.test_parsing import Holder, Item, Model, Size, Struct, faults


@dataclass
class Form:
    name: str
    age: int
    height: float
    member: bool
    born: date
    size: Size
    price: Decimal
    level: Literal[1, 2, "x"]
    tags: list[str]
    numbers: list[int] | None = None
    note: str | None = None
    limit: int | None = 5


def test_the_fields_of_a_form_are_read_from_text() -> None:
    data = {
        "name": ["a"],
        "age": [" 7 "],
        "height": ["1.5"],
        "member": ["on"],
        "born": ["2026-01-31"],
        "size": ["2"],
        "price": ["9.90"],
        "level": ["2"],
        "tags": ["x"],
        "numbers": ["1", "2"],
        "note": [""],
        "limit": [""],
    }

    assert parse(data, Form, text=True) == Form(
        "a", 7, 1.5, True, date(2026, 1, 31), Size.LARGE, Decimal("9.90"), 2, ["x"], [1, 2], None, None
    )


@pytest.mark.parametrize(
    ("text", "kind", "message"),
    [
        ("1_000", int, "must be a whole number"),
        ("1.0", int, "must be a whole number"),
        ("", int, "must be a whole number"),
        ("+-1", int, "must be a whole number"),
        ("٣", int, "must be a whole number"),
        ("9" * 5000, int, "must be a whole number"),
        ("nan", float, "must be a number"),
        ("inf", float, "must be a number"),
        ("1_0.5", float, "must be a number"),
        ("1e999", float, "must be a number"),
        ("maybe", bool, "must be true or false"),
        ("3", Size, "must be one of: 1, 2"),
    ],
)
def test_text_that_means_no_value_is_a_fault(text: str, kind: Any, message: str) -> None:
    assert faults({"a": [text]}, dict[str, kind], text=True) == {"a": message}


def test_a_field_that_came_twice_is_a_fault_where_one_was_meant() -> None:
    assert faults({"sku": ["a", "b"]}, Item, text=True) == {"sku": "must be text"}


def test_a_msgspec_struct_is_read_by_its_own_rules() -> None:
    assert parse({"a": 1, "tags": ["b"]}, Struct) == Struct(1, ["b"])
    assert parse({"struct": {"a": 1}}, Holder) == Holder(struct=Struct(1))
    assert faults({"struct": {"a": 1, "tags": ["x", 2]}}, Holder) == {"struct.tags[1]": "Expected `str`, got `int`"}
    assert faults([{"a": "1"}], list[Struct]) == {"[0].a": "Expected `int`, got `str`"}
    assert faults({"struct": 7}, Holder) == {"struct": "Expected `object`, got `int`"}
    assert faults(7, Struct) == {"$": "Expected `object`, got `int`"}
    assert parse({"a": ["1"], "tags": ["x"]}, Struct, text=True) == Struct(1, ["x"])


def test_a_pydantic_model_is_read_by_its_own_rules() -> None:
    assert parse({"a": 1, "b": [2]}, Model) == Model(a=1, b=[2])
    assert parse({"model": {"a": 1}}, Holder) == Holder(model=Model(a=1))
    assert parse({"a": ["1"], "b": ["2"]}, Model, text=True) == Model(a=1, b=[2])
    found = faults([{"model": {"a": "x", "b": [1, "y"]}}], list[Holder])
    assert set(found) == {"[0].model.a", "[0].model.b[1]"}
    assert "integer" in found["[0].model.a"]
