from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus.conditions import at_least, begins_with, differs, missing, present
from isthmus.errors import ConditionFailedError, InvalidValueError, TooLargeError
from isthmus_local.clients.table import TableClient
from isthmus_local.store import tables
from tests.local.store.shop import Shop, opened

ORDER = {"id": "o1", "user": "ann", "total": 12.5, "lines": [{"sku": "a", "n": 2}], "raw": b"\0\xff", "paid": False}


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path / "state.db") as shop:
        yield shop


@pytest.fixture
def orders(shop: Shop) -> TableClient:
    return shop.table("Orders")


def test_an_item_comes_back_as_it_was_put(orders: TableClient) -> None:
    orders.put(ORDER)

    assert orders.get("o1") == ORDER
    assert orders.get("o2") is None
    assert orders.name == "shop-Orders"
    assert repr(orders) == "<Table Orders>"


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        2**63 - 1,
        -(2**63),
        2**53 + 1,
        0.1,
        1e-130,
        "\0",
        "\0b",
        "é😀\u2028",
        b"",
        b"\0b",
        {"\0b": "AA=="},
        {"\0b": b"x", "\0\0b": {"\0b": "x"}},
        {"\0": b"\0", "b": ["\0b", {"\0b": 1}]},
        [b"a", [{"x": b"b"}], "-0.0", {}],
        -0.05,
        "-0.0",
    ],
)
def test_every_value_survives_exactly(orders: TableClient, value: Any) -> None:
    orders.put({"id": "v", "value": value, "also": [value, {"in": value}]})
    item = orders.get("v")

    assert item == {"id": "v", "value": value, "also": [value, {"in": value}]}
    assert item is not None
    assert type(item["value"]) is type(value)


def test_negative_zero_comes_back_as_zero(orders: TableClient) -> None:
    orders.put({"id": "v", "value": -0.0, "also": [-0.0, -1.5, b"x"]})

    assert str(orders.get("v")) == "{'id': 'v', 'value': 0, 'also': [0, -1.5, b'x']}"


def test_many_items_are_got_in_the_order_of_their_keys(orders: TableClient) -> None:
    orders.put_many({"id": f"o{n}"} for n in range(250))

    wanted = [f"o{n}" for n in (249, 3, 999, 3)] + [f"o{n}" for n in range(200)]
    assert orders.get_many(wanted) == [None if key == "o999" else {"id": key} for key in wanted]


def test_many_large_items_travel_in_several_frames(shop: Shop, orders: TableClient) -> None:
    orders.put_many({"id": f"o{n}", "text": "x" * 300_000} for n in range(30))

    assert len([notice for notice in shop.notices if notice[0] == "log"]) == 30
    assert len(orders.scan(limit=2)) == 2


def test_nothing_is_put_over_an_item_with_if_absent(orders: TableClient) -> None:
    orders.put(ORDER, if_absent=True)

    with pytest.raises(ConditionFailedError, match="'Orders': there is an item with this key already"):
        orders.put({"id": "o1"}, if_absent=True)
    assert orders.get("o1") == ORDER


def test_a_put_with_conditions_needs_an_item_that_matches(orders: TableClient) -> None:
    with pytest.raises(ConditionFailedError, match="there is no item"):
        orders.put(ORDER, if_match={"paid": differs(True)})
    orders.put(ORDER)
    with pytest.raises(ConditionFailedError, match="does not match in total, user"):
        orders.put({"id": "o1"}, if_match={"total": at_least(13), "paid": False, "user": "bob"})
    orders.put({"id": "o1"}, if_match={"user": begins_with("a"), "paid": False, "late": missing()})

    assert orders.get("o1") == {"id": "o1"}


def test_an_update_sets_adds_and_removes_at_once(orders: TableClient) -> None:
    orders.put(ORDER)
    changed = orders.update(
        "o1", set={"paid": True, "note": "é"}, add={"total": 1, "visits": 2}, remove=["raw", "gone"]
    )

    assert changed == orders.get("o1")
    assert changed == {
        "id": "o1",
        "user": "ann",
        "total": 13.5,
        "lines": [{"sku": "a", "n": 2}],
        "paid": True,
        "note": "é",
        "visits": 2,
    }


def test_an_update_creates_the_item_unless_it_must_exist(shop: Shop, orders: TableClient) -> None:
    assert orders.update("new", add={"visits": 1}) == {"id": "new", "visits": 1}
    assert orders.update("bare") == {"id": "bare"}
    assert shop.table("Lines").update(("o1", 2), set={"a": 1}) == {"order": "o1", "n": 2, "a": 1}

    refusals: list[dict[str, Any]] = [{"if_exists": True}, {"if_match": {"paid": missing()}}]
    for options in refusals:
        with pytest.raises(ConditionFailedError, match="there is no item"):
            orders.update("newer", set={"a": 1}, **options)
    assert orders.get("newer") is None


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"set": {"id": "o2"}}, "'id' is of the key"),
        ({"remove": ["id"]}, "'id' is of the key"),
        ({"add": {"id": 1}}, "'id' is of the key"),
        ({"set": {"a": 1}, "add": {"a": 1}}, "changes a in two ways"),
        ({"set": {"a": 1, "b": 2}, "remove": ["b", "a"]}, "changes a, b in two ways"),
        ({"remove": ["a", "a"]}, "changes a in two ways"),
        ({"add": {"user": 1}}, "user: add needs a number, and the stored one is a str"),
        ({"add": {"paid": 1}}, "paid: add needs a number, and the stored one is a bool"),
        ({"add": {"visits": "1"}}, "add.visits: a number is needed, not str"),
        ({"add": {"visits": True}}, "add.visits: a number is needed, not bool"),
        ({"add": {"huge": 1}}, "huge: an int must fit in 64 bits"),
        ({"add": {"vast": 9e125}}, "vast: 1.8e.126 is not kept"),
        ({"remove": "paid"}, "remove takes a list of names"),
        ({"remove": [1]}, "remove takes a list of names"),
        ({"set": {"a": (1,)}}, "a: tuple is not kept"),
        ({"set": {"total": "12"}}, "'total', a key field, is declared as a number, and str is none"),
        ({"if_match": {}}, "if_match is empty"),
        ({"if_match": {"a": {1}}}, "if_match.a: set is not kept"),
    ],
)
def test_an_update_that_means_nothing_is_refused_and_changes_nothing(
    orders: TableClient, changes: dict[str, Any], why: str
) -> None:
    item = {**ORDER, "huge": 2**63 - 1, "vast": 9e125}
    orders.put(item)

    with pytest.raises(InvalidValueError, match=why):
        orders.update("o1", **changes)
    assert orders.get("o1") == item


def test_an_update_cannot_grow_an_item_over_the_limit(orders: TableClient) -> None:
    orders.put({"id": "o1", "a": "x" * 300_000})

    with pytest.raises(TooLargeError, match="the item is"):
        orders.update("o1", set={"b": "x" * 200_000})


def test_a_delete_returns_what_the_item_was(orders: TableClient) -> None:
    orders.put(ORDER)
    with pytest.raises(ConditionFailedError, match="does not match in raw"):
        orders.delete("o1", if_match={"raw": missing(), "user": present()})

    assert orders.delete("o1", if_match={"paid": False}) == ORDER
    assert orders.delete("o1") is None
    with pytest.raises(ConditionFailedError, match="there is no item"):
        orders.delete("o1", if_match={"paid": missing()})


@pytest.mark.parametrize(
    ("table", "key", "why"),
    [
        ("Orders", 1, "'id', a key field, is declared as a string, and int is none"),
        ("Orders", b"a", "declared as a string, and bytes is none"),
        ("Orders", "", "'id', a key field, is empty"),
        ("Orders", "x" * 2049, "2,049 bytes long, and the limit is 2,048"),
        ("Orders", ("a", 1), "a key is id, and this one has 2 values"),
        ("Orders", None, "a key is a str, an int, a float or bytes"),
        ("Orders", True, "a key is a str, an int, a float or bytes"),
        ("Orders", ["a"], "a key is a str, an int, a float or bytes"),
        ("Orders", ("a", ("b",)), "a key is a str, an int, a float or bytes"),
        ("Orders", "\ud800", "lone surrogate"),
        ("Lines", "a", r"a key is \(order, n\), and this one has 1 values"),
        ("Lines", ("a", "1"), "'n', a key field, is declared as a number, and str is none"),
        ("Lines", ("a", 2**64), "64 bits"),
        ("Lines", ("a", float("nan")), "nan is not kept"),
        ("Words", ("a", "x" * 1025), "1,025 bytes long, and the limit is 1,024"),
        ("Blobs", (1, "a"), "declared as a binary, and str is none"),
        ("Blobs", (1, b""), "'digest', a key field, is empty"),
    ],
)
def test_a_key_of_another_form_is_refused_with_the_declared_one(shop: Shop, table: str, key: Any, why: str) -> None:
    client = shop.table(table)
    for call in (client.get, client.delete, client.update):
        with pytest.raises(InvalidValueError, match=why):
            call(key)
    with pytest.raises(InvalidValueError, match=why):
        client.get_many([key])


def test_an_item_without_its_key_is_refused(shop: Shop) -> None:
    with pytest.raises(InvalidValueError, match="the item has no 'n', a field of its key"):
        shop.table("Lines").put({"order": "a"})
    with pytest.raises(InvalidValueError, match="'n', a key field, is declared as a number, and bool is none"):
        shop.table("Lines").put({"order": "a", "n": True})


def test_one_and_one_point_zero_are_the_same_key_and_large_ints_are_not_rounded(shop: Shop) -> None:
    lines = shop.table("Lines")
    lines.put({"order": "a", "n": 1, "first": True})
    lines.put({"order": "a", "n": 1.0})
    for n in (2**53, 2**53 + 1, 2**63 - 1, 2**63 - 2, -(2**63)):
        lines.put({"order": "b", "n": n})

    assert [line["n"] for line in lines.query("a")] == [1]
    assert lines.get(("a", 1)) == lines.get(("a", 1.0)) == {"order": "a", "n": 1.0}
    assert [line["n"] for line in lines.query("b")] == [-(2**63), 2**53, 2**53 + 1, 2**63 - 2, 2**63 - 1]


def test_put_takes_if_absent_or_if_match_but_not_both(orders: TableClient) -> None:
    with pytest.raises(InvalidValueError, match="contradict"):
        orders.put(ORDER, if_absent=True, if_match={"a": 1})


def test_an_expired_item_is_gone_for_every_read_before_it_is_swept(shop: Shop, orders: TableClient) -> None:
    orders.put({**ORDER, "expires": shop.now + 10})
    assert orders.get("o1") is not None
    shop.now += 10

    assert orders.get("o1") is None
    assert orders.get_many(["o1"]) == [None]
    assert list(orders.scan()) == list(orders.query("o1")) == list(orders.query("ann", index="byUser")) == []
    assert orders.delete("o1") is None


@pytest.mark.parametrize("expires", ["1", None, True, b"1", [1], {"a": 1}])
def test_only_a_number_makes_an_item_expire(shop: Shop, orders: TableClient, expires: Any) -> None:
    orders.put({"id": "o1", "expires": expires})
    shop.now += 1e9

    assert orders.get("o1") is not None
    assert shop.do(tables.expire, shop.declared("Orders"), 10) == 0


def test_a_write_finds_no_item_where_the_stored_one_has_expired(shop: Shop, orders: TableClient) -> None:
    for key in ("o1", "o2", "o3"):
        orders.put({"id": key, "user": "ann", "visits": 7, "expires": shop.now + 1})
    shop.now += 2
    orders.put({"id": "o1"}, if_absent=True)

    assert orders.update("o2", add={"visits": 1}) == {"id": "o2", "visits": 1}
    with pytest.raises(ConditionFailedError, match="there is no item"):
        orders.update("o3", if_exists=True)
    assert orders.get("o1") == {"id": "o1"}


def test_the_sweep_removes_what_has_expired_oldest_first(shop: Shop, orders: TableClient) -> None:
    for n in range(5):
        orders.put({"id": f"o{n}", "user": "ann", "total": n, "expires": shop.now + 5 - n})
    orders.put({"id": "kept", "user": "ann", "total": 9})
    table = shop.declared("Orders")
    shop.now += 4

    assert [shop.do(tables.expire, table, 3), shop.do(tables.expire, table, 3)] == [3, 1]
    removed = [change for change in shop.changes() if change["kind"] == "REMOVE"]
    assert [(change["key"]["id"], change["expired"], change["new"]) for change in removed] == [
        (f"o{n}", True, None) for n in (4, 3, 2, 1)
    ]
    shop.now -= 4
    assert [order["id"] for order in orders.query("ann", index="byUser")] == ["o0", "kept"]


def test_two_hundred_threads_that_add_to_one_attribute_sum_exactly(shop: Shop, orders: TableClient) -> None:
    def add() -> None:
        for _ in range(10):
            orders.update("hits", add={"count": 1})

    threads = [threading.Thread(target=add) for _ in range(200)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert orders.get("hits") == {"id": "hits", "count": 2000}
    versions = [change["version"] for change in shop.changes()]
    assert len(set(versions)) == 2000


def test_one_of_many_who_claim_the_same_key_gets_it(orders: TableClient) -> None:
    won: list[int] = []

    def claim(n: int) -> None:
        try:
            orders.put({"id": "claim", "by": n}, if_absent=True)
        except ConditionFailedError:
            return
        won.append(n)

    threads = [threading.Thread(target=claim, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [{"id": "claim", "by": n} for n in won] == [orders.get("claim")]
