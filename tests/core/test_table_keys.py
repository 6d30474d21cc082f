"""What the keys of a table may be, over what a link says of them."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus import table_keys
from isthmus.errors import InvalidValueError
from isthmus.table_keys import Keys

LINES = Keys(
    "Lines",
    {
        "fields": {"order": "string", "n": "number", "digest": "binary"},
        "key": ["order", "n"],
        "indexes": {"byDigest": ["digest"], "byOrder": ["order", "digest"]},
    },
)
ORDERS = Keys("Orders", {"fields": {"id": "string"}, "key": ["id"]})


def test_a_key_comes_back_by_field() -> None:
    assert table_keys.of_key(LINES, ("a", 1)) == {"order": "a", "n": 1}
    assert table_keys.of_key(ORDERS, "a") == {"id": "a"}
    assert table_keys.of_item(LINES, {"n": 2.5, "order": "b", "more": None}) == {"order": "b", "n": 2.5}


@pytest.mark.parametrize(
    ("key", "why"),
    [
        ("a", r"a key is \(order, n\), and this one has 1 values"),
        (("a", 1, 2), "has 3 values"),
        (("a",), "has 1 values"),
        (("a", "1"), "'n', a key field, is declared as a number, and str is none"),
        (("a", True), "bool is none"),
        ((b"a", 1), "'order', a key field, is declared as a string, and bytes is none"),
        (("", 1), "'order', a key field, is empty"),
        (("\ud800", 1), "lone surrogate at position 0"),
        (("ä" * 1025, 1), "2,050 bytes long, and the limit is 2,048"),
    ],
)
def test_a_key_of_another_form_is_refused(key: Any, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        table_keys.of_key(LINES, key)


def test_a_key_of_one_field_has_one_value() -> None:
    with pytest.raises(InvalidValueError, match="a key is id, and this one has 2 values"):
        table_keys.of_key(ORDERS, ("a", "b"))


def test_an_item_without_a_field_of_its_key_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="table 'Lines': the item has no 'n', a field of its key"):
        table_keys.of_item(LINES, {"order": "a"})


def test_a_key_may_be_as_long_as_its_limit() -> None:
    table_keys.check_value(LINES, "order", "a" * 2048, table_keys.PARTITION_LIMIT)
    table_keys.check_value(LINES, "digest", b"a" * 1024)

    with pytest.raises(InvalidValueError, match="1,025 bytes"):
        table_keys.check_value(LINES, "digest", b"a" * 1025)


@pytest.mark.parametrize("item", [{"digest": "text"}, {"digest": b""}, {"order": "", "digest": b"a"}, {"digest": None}])
def test_an_item_that_cannot_stand_in_an_index_is_refused(item: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match="a key field"):
        table_keys.check_entries(LINES, item)


def test_an_item_may_stand_in_no_index_at_all() -> None:
    table_keys.check_entries(LINES, {"other": ""})


CHANGES: list[tuple[Any, str]] = [
    (({"n": 1}, {}, ()), "'n' is of the key, which an update cannot change"),
    (({}, {"n": 1}, ()), "'n' is of the key"),
    (({}, {}, ("order",)), "'order' is of the key"),
    (({"a": 1, "b": 1}, {"a": 1}, ("b",)), "an update changes a, b in two ways"),
    (({}, {}, ("a", "a")), "changes a in two ways"),
]


@pytest.mark.parametrize(("changes", "why"), CHANGES)
def test_an_update_of_the_key_or_of_one_attribute_twice_is_refused(changes: Any, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        table_keys.check_changes(LINES, *changes)


@pytest.mark.parametrize(
    ("index", "bounds", "why"),
    [
        (None, ("a", None, None), "'n' is a number, which has no prefix"),
        (None, (None, "a", None), "declared as a number, and str is none"),
        ("byOrder", (b"a", b"a", None), "prefix, or at_least and at_most, not both"),
        ("byDigest", (None, b"a", None), "'digest' alone has no sort field to narrow"),
        ("byNobody", (None, b"a", None), "has no index 'byNobody'; it has byDigest, byOrder"),
        ("byOrder", (None, None, b"a" * 1025), "1,025 bytes long"),
    ],
)
def test_a_range_that_means_nothing_is_refused(index: str | None, bounds: Any, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        table_keys.check_range(LINES, index, *bounds)


def test_a_bound_may_be_empty() -> None:
    table_keys.check_range(LINES, "byOrder", b"", None, None)
    table_keys.check_range(LINES, None, None, None, None)
