"""The search index under what a table's change stream may do: duplicates, and on some providers disorder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from itertools import permutations
from typing import Any

import pytest

from functions import search
from infra.app import app as declare
from isthmus.providers import find
from isthmus.table_change import TableChange
from isthmus.testing import linked, table_change

VERSIONS: list[dict[str, Any]] = [
    {"id": "1", "item": "lamp", "note": "red and round", "status": "placed"},
    {"id": "1", "item": "lamp", "note": "blue and round", "status": "reserved"},
    {"id": "1", "item": "lamp", "note": "blue", "status": "paid"},
]

CHANGES = [
    table_change(key={"id": "1"}, old=old, new=new, version=str(version))
    for version, (old, new) in enumerate(zip([None, *VERSIONS], [*VERSIONS, None], strict=True), start=1)
]


@pytest.fixture
def words() -> Iterator[Any]:
    """The table of words, empty, linked to the code under test."""
    with closing(find("local").testbed(declare)) as testbed, linked(Words=testbed.resource("Words")) as resources:
        yield resources.Words


def indexed(words: Any) -> set[str]:
    return {row["word"] for row in words.scan() if not row.get("gone")}


@pytest.mark.parametrize(
    "order", list(permutations(CHANGES[:3])), ids=lambda order: "".join(str(c.version) for c in order)
)
def test_the_newest_words_stand_in_whatever_order_the_changes_come(words: Any, order: list[TableChange]) -> None:
    for change in order:
        search.index(change)
        search.index(change)

    assert indexed(words) == {"lamp", "blue", "paid"}


@pytest.mark.parametrize("order", [CHANGES, CHANGES[::-1]], ids=["in order", "backwards"])
def test_a_deleted_order_is_found_by_no_word(words: Any, order: list[TableChange]) -> None:
    for change in order:
        search.index(change)

    assert indexed(words) == set()


def test_the_row_of_a_struck_word_is_forgotten_in_time(words: Any) -> None:
    search.index(CHANGES[0])
    search.index(CHANGES[1])

    (row,) = words.query("red")
    assert row["gone"] is True
    assert row["expires"] > 0
