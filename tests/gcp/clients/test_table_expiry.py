"""Items that have expired, in the day until Firestore deletes them: they are not there."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from isthmus.errors import ConditionFailedError
from isthmus.table_writes import Check, Put, Update
from isthmus_gcp.clients.table import TableClient
from tests.gcp.clients.tables import Tables, case, items, tables

__all__ = ["case", "items", "tables"]

Attempts = Sequence[Callable[[], object]]


def put_expired(tables: Tables, case: str, **attributes: Any) -> None:
    """Leave an item as it is between its expiry and that on which Firestore deletes it."""
    tables.resource("Items").put({"id": case, "expires": int(time.time()) - 60, **attributes})


def test_an_expired_item_is_found_by_nothing(tables: Tables, case: str) -> None:
    items = tables.resource("Items")
    put_expired(tables, case, owner=case, rank=1)
    put_expired(tables, case + "float", owner=case, rank=1, expires=time.time() - 0.5)

    assert items.get(case) is None
    assert items.get_many([case, case + "float"]) == [None, None]
    assert list(items.query(case, index="byOwner")) == []
    assert case not in [item["id"] for item in items.scan()]
    assert items.delete(case) is None


def test_no_condition_holds_on_an_expired_item(tables: Tables, case: str) -> None:
    items = tables.resource("Items")
    put_expired(tables, case, n=1)
    refused: Attempts = (
        lambda: items.put({"id": case}, if_match={"n": 1}),
        lambda: items.update(case, set={"n": 2}, if_exists=True),
        lambda: items.update(case, set={"n": 2}, if_match={"n": 1}),
        lambda: items.delete(case, if_match={"n": 1}),
        lambda: items.transact([Check(case)]),
        lambda: items.transact([Update(case, add={"n": 1}, if_exists=True)]),
    )

    for write in refused:
        with pytest.raises(ConditionFailedError, match="there is no item with this key"):
            write()
    items.transact([Check(case, if_absent=True)])


def test_an_update_puts_a_new_item_where_an_expired_one_is(tables: Tables, case: str) -> None:
    items = tables.resource("Items")
    put_expired(tables, case, n=5, old=True)
    put_expired(tables, case + "2", n=5, old=True)

    assert items.update(case, set={"a": 1}, add={"n": 2}, remove=["b"]) == {"id": case, "a": 1, "n": 2}
    assert items.get(case) == {"id": case, "a": 1, "n": 2}
    items.transact([Update(case + "2", add={"n": 2}), Put({"id": case + "3"})])
    assert items.get_many([case + "2", case + "3"]) == [{"id": case + "2", "n": 2}, {"id": case + "3"}]


def test_an_update_tells_of_the_item_that_it_lets_expire(items: TableClient, case: str) -> None:
    assert items.update(case, set={"expires": 5}) == {"id": case, "expires": 5}
    assert items.get(case) is None


def test_a_page_is_full_though_items_have_expired(tables: Tables, case: str) -> None:
    items = tables.resource("Items")
    for n in range(12):
        items.put({"id": f"{case}{n}", "owner": case, "rank": n, **({"expires": 1} if n < 5 or n % 2 else {})})

    page = items.query(case, index="byOwner", limit=2)
    assert [item["rank"] for item in page] == [6, 8]
    assert [item["rank"] for item in items.query(case, index="byOwner", limit=2, cursor=page.cursor)] == [10]


def test_firestore_deletes_what_has_expired_by_its_own_policy(tables: Tables, case: str) -> None:
    items = tables.resource("Items")
    put_expired(tables, case)
    items.put({"id": case + "later", "expires": time.time() + 3600})
    items.put({"id": case + "never", "expires": "yesterday"})
    items.put({"id": case + "far", "expires": 1e30})
    items.put({"id": case + "long ago", "expires": -1e30})
    tables.firestore.sweep()

    kept = {found["id"].removeprefix(case) for found in tables.documents("Items") if found["id"].startswith(case)}
    assert kept == {"later", "never", "far"}
    assert items.get(case + "far") == {"id": case + "far", "expires": 1e30}


def test_an_update_moves_the_expiry_and_takes_it_away(tables: Tables, case: str) -> None:
    items = tables.resource("Items")
    items.put({"id": case, "expires": time.time() + 3600})
    items.update(case, add={"expires": 3600})
    items.put({"id": case + "2", "expires": time.time() + 3600})
    items.update(case + "2", remove=["expires"])
    found = {one["id"]: one for one in tables.documents("Items")}

    assert found[case]["_ttl"].timestamp() == pytest.approx(found[case]["expires"], abs=0.001)
    assert "_ttl" not in found[case + "2"]


def test_a_put_if_absent_and_a_replaced_item_take_the_place_of_an_expired_one(tables: Tables, case: str) -> None:
    items = tables.resource("Items")
    put_expired(tables, case, old=True)
    items.put({"id": case, "n": 1}, if_absent=True)

    assert items.get(case) == {"id": case, "n": 1}
    with pytest.raises(ConditionFailedError):
        items.put({"id": case}, if_absent=True)
    put_expired(tables, case + "2", old=True)
    items.transact([Put({"id": case + "2"}, if_absent=True), Check(case, if_match={"n": 1})])
    assert items.get(case + "2") == {"id": case + "2"}


def test_an_expiry_may_be_anything_that_a_table_keeps(items: TableClient, case: str) -> None:
    deep: Any = 1
    for _ in range(30):
        deep = [deep]
    items.put({"id": case, "expires": deep})

    assert items.get(case) == {"id": case, "expires": deep}
