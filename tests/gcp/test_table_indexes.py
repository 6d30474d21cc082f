"""Which indexes a declared table needs: a Firestore that has those serves every query, and none with fewer."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.table import Table
from isthmus.errors import ServiceError
from isthmus_gcp.table_indexes import CompositeIndex, SingleFieldIndex, indexes_of
from tests.emulators.gcp.firestore.process import Firestore
from tests.gcp.clients.tables import Tables, firestore

__all__ = ["firestore"]

FIELDS = {"id": "string", "_owner": "string", "rank": "number"}


def declared(*, sorted_key: bool = True, **indexes: str | tuple[str, str]) -> App:
    """Return an app of one table."""
    app = App("indexes")
    key = ("id", "rank") if sorted_key else "id"
    app.table("Items", fields=FIELDS, primary_index=key, global_indexes=indexes, ttl="expires")
    return app


@pytest.fixture(autouse=True)
def _environment(firestore: Firestore) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in firestore.environment.items():
            environment.setenv(name, value)
        yield


def needed(app: App) -> tuple[tuple[CompositeIndex, ...], tuple[SingleFieldIndex, ...], str | None]:
    """Return what the app's table needs."""
    (table,) = [resource for resource in app.resources if isinstance(resource, Table)]
    found = indexes_of(table)
    return found.composite, found.single, found.ttl


def test_a_sorted_table_has_an_index_for_each_direction() -> None:
    composite, single, ttl = needed(declared())

    assert [index.fields for index in composite] == [
        (("id", "ASCENDING"), ("rank", "ASCENDING")),
        (("id", "ASCENDING"), ("rank", "DESCENDING")),
    ]
    assert single == (SingleFieldIndex("*", ()),)
    assert ttl == "_ttl"


def test_a_table_by_partition_alone_needs_none() -> None:
    composite, single, _ = needed(declared(sorted_key=False))

    assert (composite, single) == ((), (SingleFieldIndex("*"),))


def test_an_index_without_an_order_is_of_a_single_field_and_names_are_escaped() -> None:
    composite, single, _ = needed(declared(sorted_key=False, byOwner="_owner", byRank=("_owner", "rank")))

    assert single == (SingleFieldIndex("*"), SingleFieldIndex("`~_owner`", ("ASCENDING",)))
    assert [index.fields for index in composite] == [
        (("`~_owner`", "ASCENDING"), ("rank", "ASCENDING")),
        (("`~_owner`", "ASCENDING"), ("rank", "DESCENDING")),
    ]


def test_indexes_over_the_same_fields_are_made_once() -> None:
    composite, single, _ = needed(declared(one=("id", "rank"), two=("id", "rank"), three="_owner", four="_owner"))

    assert len(composite) == 2
    assert len(single) == 2


def test_every_form_of_query_is_served(firestore: Firestore) -> None:
    app = App("odd")
    odd = ("_owner", "a`.\\é 1")
    fields = {"id": "string", "_owner": "string", odd[1]: "number"}
    app.table("Items", fields=fields, primary_index=("id", odd[1]), global_indexes={"byOwner": "_owner", "byRank": odd})
    items = Tables(firestore, app).resource("Items")
    rows = [{"id": "a", odd[1]: rank, "_owner": "o"} for rank in range(5)]
    items.put_many(rows)

    for index, partition in ((None, "a"), ("byRank", "o")):
        for reverse in (False, True):
            page = items.query(partition, index=index, at_least=1, at_most=3, reverse=reverse, limit=2)
            rest = items.query(partition, index=index, at_least=1, at_most=3, reverse=reverse, cursor=page.cursor)
            assert sorted([*page, *rest], key=lambda row: int(row[odd[1]])) == rows[1:4]
            assert list(items.query(partition, index=index, reverse=reverse)) == (rows[::-1] if reverse else rows)
    for reverse in (False, True):
        first = items.query("o", index="byOwner", reverse=reverse, limit=3)
        assert len(first) + len(items.query("o", index="byOwner", reverse=reverse, cursor=first.cursor)) == 5
    assert len(items.scan()) == 5


def test_a_query_without_its_index_says_that_the_stage_is_not_deployed_so(firestore: Firestore) -> None:
    tables = Tables(firestore, declared(sorted_key=False, byRank=("_owner", "rank")))
    for index in firestore.indexes(tables.path):
        firestore.delete_index(tables.path, index["index"])

    with pytest.raises(ServiceError, match=r"requires an index.*Is this stage deployed"):
        tables.resource("Items").query("o", index="byRank")


def test_no_item_has_too_many_index_entries(firestore: Firestore) -> None:
    """Without the exemption of all fields, 40,000 entries would be the most: here 30,000 fields would make 60,000."""
    tables = Tables(firestore, declared())
    item: dict[str, Any] = {
        "id": uuid.uuid4().hex,
        "rank": 1,
        "many": {f"n{number}": number for number in range(30_000)},
    }
    tables.resource("Items").put(item)

    assert tables.resource("Items").get((item["id"], 1)) == item
    unlimited = tables.client("Items", database=f"bare-{uuid.uuid4().hex[:8]}")
    firestore.create_database("orders-project", unlimited.name.partition("/")[0])
    with pytest.raises(Exception, match="index entries"):
        unlimited.put(item)
