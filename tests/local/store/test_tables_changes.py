from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus.errors import ConditionFailedError
from isthmus.table_change import TableChange
from isthmus.table_writes import Delete, Put
from isthmus_local.events.change import ChangeCodec
from isthmus_local.store import changes, logs
from tests.local.store.shop import Shop, count, opened


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path / "state.db") as shop:
        yield shop


def told(shop: Shop) -> list[tuple[str, Any, Any]]:
    return [(change["kind"], change["old"], change["new"]) for change in shop.changes()]


def test_each_write_is_told_with_both_images(shop: Shop) -> None:
    orders = shop.table("Orders")
    orders.put({"id": "o1", "raw": b"\0", "\0b": "\0"})
    orders.update("o1", set={"paid": True})
    orders.put({"id": "o1"})
    orders.delete("o1")

    first = {"id": "o1", "raw": b"\0", "\0b": "\0"}
    assert told(shop) == [
        ("INSERT", None, first),
        ("MODIFY", first, {**first, "paid": True}),
        ("MODIFY", {**first, "paid": True}, {"id": "o1"}),
        ("REMOVE", {"id": "o1"}, None),
    ]
    assert all(change["key"] == {"id": "o1"} and change["at"] == shop.now for change in shop.changes())
    assert not any(change["expired"] for change in shop.changes())


def test_a_change_reaches_the_handler_as_a_table_change(shop: Shop) -> None:
    shop.table("Orders").put({"id": "o1", "raw": b"x"})
    shard = logs.shard_of(b"\0\2o1", changes.SHARDS)
    record = shop.do(logs.read, "Orders", shard, 0, 10)[0]
    change = ChangeCodec().decode(("7", record.body, record.attributes, 2, record.at, "key", "7", "Orders"))

    assert isinstance(change, TableChange)
    assert (change.kind, change.table, change.key, change.old) == ("INSERT", "Orders", {"id": "o1"}, None)
    assert (change.new, change.expired, change.attempt, change.at) == ({"id": "o1", "raw": b"x"}, False, 2, shop.now)


@pytest.mark.parametrize(
    "same",
    [
        {"id": "o1", "n": 1, "l": [1, {"x": 0}]},
        {"l": [1, {"x": 0}], "n": 1, "id": "o1"},
        {"id": "o1", "n": 1.0, "l": [1, {"x": -0.0}]},
    ],
)
def test_a_write_that_changes_nothing_is_not_told(shop: Shop, same: dict[str, Any]) -> None:
    orders = shop.table("Orders")
    orders.put({"id": "o1", "n": 1, "l": [1, {"x": 0}]})
    orders.put(same)
    orders.update("o1", set={"n": 1}, remove=["gone"])
    orders.update("o1")
    orders.delete("o2")

    assert [kind for kind, _, _ in told(shop)] == ["INSERT"]


def test_a_change_of_a_type_alone_is_told(shop: Shop) -> None:
    orders = shop.table("Orders")
    for value in (1, True, "1", b"1", [1], [True]):
        orders.put({"id": "o1", "n": value})

    assert [new["n"] for _, _, new in told(shop)] == [1, True, "1", b"1", [1], [True]]


def test_what_failed_is_not_told(shop: Shop) -> None:
    orders = shop.table("Orders")
    orders.put({"id": "o1"})
    with pytest.raises(ConditionFailedError):
        orders.put({"id": "o1", "a": 1}, if_absent=True)
    with pytest.raises(ConditionFailedError):
        orders.transact([Put({"id": "o2"}), Delete("o3", if_match={"a": 1})])

    assert told(shop) == [("INSERT", None, {"id": "o1"})]
    assert [args for topic, args in shop.notices if topic == "log"] == [("Orders", logs.shard_of(b"\0\2o1", 4))]


def test_versions_of_a_key_grow_for_ever_across_deletions_and_restarts(tmp_path: Path) -> None:
    versions: list[int] = []
    for _ in range(3):
        with opened(tmp_path / "state.db") as shop:
            for _ in range(3):
                shop.table("Orders").put({"id": "o1"})
                shop.table("Orders").delete("o1")
            versions = [change["version"] for change in shop.changes()]

    assert versions == sorted(set(versions))
    assert len(versions) == 18


def test_a_write_over_an_expired_item_is_told_as_its_removal_and_an_insertion(shop: Shop) -> None:
    shop.table("Orders").put({"id": "o1", "expires": shop.now + 1})
    shop.now += 2
    shop.table("Orders").put({"id": "o1"})

    assert [(change["kind"], change["expired"]) for change in shop.changes()] == [
        ("INSERT", False),
        ("REMOVE", True),
        ("INSERT", False),
    ]


def test_changes_of_one_key_are_in_one_shard_and_in_order(shop: Shop) -> None:
    orders = shop.table("Orders")
    for n in range(100):
        orders.update(f"o{n % 10}", add={"n": 1})
    seen: dict[str, list[tuple[int, int]]] = {}
    for shard in range(changes.SHARDS):
        for record in shop.do(logs.read, "Orders", shard, 0, 1000):
            change = changes.decode(record.body)
            seen.setdefault(change["key"]["id"], []).append((shard, change["new"]["n"]))

    assert {key: [n for _, n in records] for key, records in seen.items()} == {
        f"o{n}": list(range(1, 11)) for n in range(10)
    }
    assert all(len({shard for shard, _ in records}) == 1 for records in seen.values())
    assert len({records[0][0] for records in seen.values()}) > 1


def test_a_table_that_nobody_subscribed_to_keeps_no_log(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db") as shop:
        shop.table("Lines").put({"order": "a", "n": 1})
        shop.table("Lines").put({"n": 1, "order": "a"})
        shop.table("Lines").delete(("a", 1))

    assert count(tmp_path / "state.db", "log_records") == 0
