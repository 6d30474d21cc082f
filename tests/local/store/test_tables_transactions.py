from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from isthmus.conditions import at_least
from isthmus.errors import ConditionFailedError, InvalidValueError, TooLargeError
from isthmus.links import Link
from isthmus.table_writes import Check, Delete, Put, Update
from isthmus_local.clients.table import TableClient
from isthmus_local.store import transactions
from tests.local.store.shop import Shop, opened


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path / "state.db") as shop:
        yield shop


def test_all_writes_happen_across_tables(shop: Shop) -> None:
    orders, lines = shop.table("Orders"), shop.table("Lines")
    orders.put({"id": "gone"})
    lines.put({"order": "o1", "n": 1, "stock": 3})
    orders.transact(
        [
            Put({"id": "o1"}, if_absent=True),
            Update(("o1", 1), add={"stock": -2}, if_match={"stock": at_least(2)}, table=lines),
            Update(("o1", 2), set={"stock": 1}, table=lines),
            Delete("gone", if_match={"id": "gone"}),
            Delete("never"),
            Check(("o1", 9), if_absent=True, table=lines),
        ]
    )

    assert [item["id"] for item in orders.scan()] == ["o1"]
    assert [line["stock"] for line in lines.query("o1")] == [1, 1]
    assert [change["kind"] for change in shop.changes()] == ["INSERT", "INSERT", "REMOVE"]


@pytest.mark.parametrize(
    "failing",
    [
        Put({"id": "there"}, if_absent=True),
        Put({"id": "nowhere"}, if_match={"id": "nowhere"}),
        Update("nowhere", if_exists=True),
        Update("there", add={"n": 1}, if_match={"n": 2}),
        Delete("there", if_match={"n": 2}),
        Check("nowhere"),
        Check("there", if_absent=True),
        Check("there", if_match={"n": 2}),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_nothing_happens_where_one_condition_fails(shop: Shop, failing: Any, first: bool) -> None:
    orders = shop.table("Orders")
    orders.put({"id": "there", "n": 1, "user": "ann", "total": 1})
    other = Put({"id": "new", "user": "ann", "total": 1})

    with pytest.raises(ConditionFailedError, match=f"write {1 if first else 2} of 2: table 'Orders'"):
        orders.transact([failing, other] if first else [other, failing])
    assert list(orders.scan()) == list(orders.query("ann", index="byUser"))
    assert [item["id"] for item in orders.scan()] == ["there"]
    assert len(shop.changes()) == 1


NOT_A_KEY: list[Any] = [["a"], None]


@pytest.mark.parametrize(
    ("writes", "why"),
    [
        ([Put({"id": "a"}), Delete("a")], "'Orders': a transaction has at most one write for each item"),
        ([Check("a", if_absent=True), Update("a")], "at most one write for each item"),
        ([Put({"id": f"o{n}"}) for n in range(101)], "at most 100 writes, and this one has 101"),
        ([Put({"id": "a", "total": "1"})], "declared as a number"),
        ([Put({"a": 1})], "has no 'id'"),
        ([Put({"id": {1}})], "id: set is not kept"),
        ([Update("a", remove="a")], "remove takes a list"),
        ([Update(NOT_A_KEY[0])], "a key is a str"),
        ([Delete(NOT_A_KEY[1])], "a key is a str"),
        ([Delete("a", if_match={})], "if_match is empty"),
        ([Check("a", if_absent=True, if_match={"a": 1})], "contradict"),
        ([{"id": "a"}], "takes Put, Update, Delete and Check, not dict"),
        ([Put({"id": "a"}, table="Lines")], "a linked table such as Resource.Users, not 'Lines'"),
    ],
)
def test_a_transaction_that_means_nothing_is_refused(shop: Shop, writes: Any, why: str) -> None:
    orders = shop.table("Orders")
    with pytest.raises(InvalidValueError, match=why):
        orders.transact(writes)

    assert list(orders.scan()) == []


def test_the_same_key_in_two_tables_is_two_items(shop: Shop) -> None:
    lines, words = shop.table("Lines"), shop.table("Words")
    lines.transact([Put({"order": "a", "n": 1}), Put({"shelf": "a", "word": "1"}, table=words)])

    assert len(lines.scan()) == len(words.scan()) == 1


def test_no_writes_are_no_transaction(shop: Shop) -> None:
    shop.table("Orders").transact([])

    assert shop.changes() == []


def test_a_transaction_writes_at_most_four_megabytes(shop: Shop) -> None:
    orders = shop.table("Orders")
    writes: list[Any] = [Put({"id": f"o{n}", "text": "x" * 400_000}) for n in range(10)]
    orders.transact(writes)

    with pytest.raises(TooLargeError, match="the transaction is"):
        orders.transact([*writes, Update("more", set={"text": "x" * 300_000})])
    assert orders.get("more") is None


def test_a_table_of_another_app_is_unknown(shop: Shop) -> None:
    strange = TableClient(Link("table", "Strange", "x", ()), shop)

    with pytest.raises(InvalidValueError, match="no table is named 'Strange'"):
        shop.table("Orders").transact([Delete("a", table=strange)])


def test_the_tables_of_a_transaction_are_known_before_it_runs() -> None:
    assert transactions.tables_of([("put", "Orders", {}), ("check", "Lines", "a"), ("delete", "Orders", "a")]) == {
        "Orders",
        "Lines",
    }


def test_transfers_between_accounts_never_make_or_lose_money(shop: Shop) -> None:
    orders = shop.table("Orders")
    orders.put_many({"id": name, "balance": 20} for name in "abcd")

    def transfer(source: str, target: str) -> None:
        for _ in range(15):
            with suppress(ConditionFailedError):
                orders.transact(
                    [
                        Update(source, add={"balance": -3}, if_match={"balance": at_least(3)}),
                        Update(target, add={"balance": 3}),
                    ]
                )

    pairs = [(source, target) for source in "abcd" for target in "abcd" if source != target]
    threads = [threading.Thread(target=transfer, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    balances = [item["balance"] for item in orders.scan()]
    assert sum(balances) == 80
    assert min(balances) >= 0
