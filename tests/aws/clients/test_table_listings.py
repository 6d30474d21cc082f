"""Queries and scans: bounds and cursors that DynamoDB would refuse, or take for others."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any
from unittest.mock import Mock

import pytest

from isthmus.errors import InvalidValueError
from isthmus_aws.clients import table_cursors
from isthmus_aws.clients.table import TableClient
from tests.aws.clients.tables import Tables, case, tables

__all__ = ["case", "tables"]

Attempts = Sequence[Callable[[], object]]


@pytest.mark.parametrize("options", [{"limit": 0}, {"limit": True}, {"limit": "1"}, {"cursor": 5}, {"prefix": 5}])
def test_a_query_that_means_nothing_is_refused(tables: Tables, options: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError):
        tables.resource("Books").query("a", **options)


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({"prefix": ""}, "abc"),
        ({"at_least": ""}, "abc"),
        ({"at_most": ""}, ""),
        ({"at_least": "", "at_most": "b"}, "ab"),
        ({"at_least": "b", "at_most": "b"}, "b"),
        ({"at_least": "c", "at_most": "b"}, ""),
    ],
)
def test_an_empty_bound_narrows_as_far_as_it_can(
    tables: Tables, case: str, bounds: dict[str, Any], expected: str
) -> None:
    books = tables.resource("Books")
    books.put_many([{"shelf": case, "title": title} for title in "abc"])

    assert "".join(book["title"] for book in books.query(case, **bounds)) == expected


def test_a_cursor_is_good_for_its_own_listing_alone(tables: Tables, case: str) -> None:
    books, items = tables.resource("Books"), tables.resource("Items")
    books.put_many([{"shelf": shelf, "title": title} for shelf in (case, case + "2") for title in "abc"])
    cursor = books.query(case, limit=1).cursor

    assert cursor is not None
    foreign: Attempts = (
        lambda: books.query(case + "2", cursor=cursor),
        lambda: books.scan(cursor=cursor),
        lambda: items.scan(cursor=cursor),
        lambda: books.query(case, cursor=books.scan(limit=1).cursor),
        *(partial(books.query, case, cursor=forged) for forged in (cursor[:-4], cursor + "AAAA", "é")),
    )
    for ask in foreign:
        with pytest.raises(InvalidValueError, match="the cursor is not from this listing"):
            ask()
    assert [book["title"] for book in books.query(case, limit=1, cursor=cursor)] == ["b"]


@pytest.mark.parametrize(
    "position",
    [
        {},
        [],
        None,
        "shelf",
        {"shelf": {"S": "x"}},
        {"shelf": {"S": "x"}, "title": {"N": "1"}},
        {"shelf": {"S": "x"}, "title": {"S": ""}},
        {"shelf": {"S": "x"}, "title": {"S": "a" * 3000}},
        {"shelf": {"S": "x"}, "title": {"S": "a"}, "more": {"S": "b"}},
        {"shelf": {"S": "x"}, "title": {"Q": "a"}},
        {"shelf": {"S": "x"}, "title": {}},
        {"shelf": {"S": "x"}, "title": "a"},
        {"shelf": {"S": "x"}, "title": {"L": []}},
    ],
    ids=repr,
)
def test_a_cursor_that_is_forged_with_care_is_refused_too(tables: Tables, position: Any) -> None:
    forged = table_cursors.encode("scan Books", position)

    with pytest.raises(InvalidValueError, match="the cursor is not from this listing"):
        tables.resource("Books").scan(cursor=forged)


def test_a_cursor_that_is_nested_without_end_is_refused(tables: Tables, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json.JSONEncoder, "encode", Mock(return_value="[" * 100_000))
    forged = table_cursors.encode("scan Books", {})
    monkeypatch.undo()

    with pytest.raises(InvalidValueError, match="the cursor is not from this listing"):
        tables.resource("Books").scan(cursor=forged)


def test_a_cursor_keeps_numbers_and_bytes(tables: Tables, case: str) -> None:
    readings, digests = tables.resource("Readings"), tables.resource("Digests")
    times = [-1e100, -0.5, 2**60, 2**60 + 1, 1e100]
    readings.put_many([{"sensor": case, "at": at} for at in times])
    parts = [bytes([n, 255]) for n in range(0, 255, 50)]
    digests.put_many([{"digest": case.encode(), "part": part} for part in parts])

    assert [row["at"] for row in walk(readings, case)] == times
    assert [row["part"] for row in walk(digests, case.encode())] == parts


def walk(table: TableClient, partition: Any) -> Iterator[dict[str, Any]]:
    """Yield the items of a partition, by pages of one."""
    cursor: str | None = None
    while True:
        page = table.query(partition, limit=1, cursor=cursor)
        yield from page
        cursor = page.cursor
        if cursor is None:
            return
