from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.errors import InvalidValueError
from isthmus_local.store import definitions, indexes
from tests.local.store.shop import Shop, count, declare, opened


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path / "state.db") as shop:
        yield shop


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Shop]:
    """A shop where each write reaches the indexes two seconds late."""
    with opened(tmp_path / "state.db", lag=lambda: 2.0) as shop:
        yield shop


def of_user(shop: Shop, user: str = "ann", **options: Any) -> list[Any]:
    return list(shop.table("Orders").query(user, index="byUser", **options))


def catch_up(shop: Shop) -> None:
    for topic, args in shop.notices:
        if topic == "index":
            table, address, _ = args
            shop.do(indexes.reindex, shop.declared(table), address)
    shop.notices.clear()


def test_an_index_follows_every_write(shop: Shop) -> None:
    orders = shop.table("Orders")
    orders.put({"id": "o1", "user": "ann", "total": 2})
    orders.put({"id": "o2", "user": "ann", "total": 1.5})
    orders.put({"id": "o3", "user": "bob", "total": 1})
    assert [order["id"] for order in of_user(shop)] == ["o2", "o1"]
    orders.update("o3", set={"user": "ann"}, add={"total": 9})
    orders.update("o1", set={"note": "x"})
    orders.delete("o2")

    assert [order["id"] for order in of_user(shop)] == ["o1", "o3"]
    assert of_user(shop)[0]["note"] == "x"
    assert of_user(shop, "bob") == []
    assert list(orders.query(10, index="byTotal")) == [{"id": "o3", "user": "ann", "total": 10}]


def test_an_item_without_the_fields_of_an_index_is_not_in_it(shop: Shop) -> None:
    orders = shop.table("Orders")
    orders.put({"id": "o1", "user": "ann"})
    orders.put({"id": "o2", "user": "ann", "total": 1})
    assert [order["id"] for order in of_user(shop)] == ["o2"]
    orders.update("o2", remove=["total"])

    assert of_user(shop) == list(orders.query(1, index="byTotal")) == []


@pytest.mark.parametrize(
    "item",
    [
        {"user": 1},
        {"user": None},
        {"user": ""},
        {"user": "x" * 2049},
        {"total": "1"},
        {"total": True},
        {"user": "ann", "total": [1]},
    ],
)
def test_a_value_that_cannot_stand_in_an_index_is_refused(shop: Shop, item: dict[str, Any]) -> None:
    orders = shop.table("Orders")
    with pytest.raises(InvalidValueError, match="a key field, is"):
        orders.put({"id": "o1", **item})
    with pytest.raises(InvalidValueError, match="a key field, is"):
        orders.update("o1", set=item)

    assert orders.get("o1") is None
    assert shop.changes() == []


def test_items_that_are_equal_in_an_index_all_have_their_place_on_its_pages(shop: Shop) -> None:
    orders = shop.table("Orders")
    orders.put_many({"id": f"o{n}", "user": "ann", "total": n // 5} for n in range(10))
    seen: list[str] = []
    cursor = None
    for _ in range(4):
        page = orders.query("ann", index="byUser", limit=3, cursor=cursor, reverse=True)
        seen += [order["id"] for order in page]
        cursor = page.cursor

    assert (seen, cursor) == ([f"o{n}" for n in reversed(range(10))], None)
    assert [order["id"] for order in of_user(shop, at_least=1, at_most=1)] == [f"o{n}" for n in range(5, 10)]


def test_a_late_write_is_in_the_table_at_once_and_in_the_index_when_its_time_comes(slow: Shop) -> None:
    orders = slow.table("Orders")
    orders.put({"id": "o1", "user": "ann", "total": 1})

    assert orders.get("o1") is not None
    assert of_user(slow) == []
    assert [args for topic, args in slow.notices if topic == "index"] == [("Orders", (b"o1", b""), 2.0)]
    catch_up(slow)
    assert of_user(slow) == [{"id": "o1", "user": "ann", "total": 1}]


def test_a_late_index_shows_the_image_that_it_still_holds(slow: Shop) -> None:
    orders = slow.table("Orders")
    orders.put({"id": "o1", "user": "ann", "total": 1})
    orders.put({"id": "o2", "user": "ann", "total": 2, "expires": slow.now + 5})
    catch_up(slow)
    orders.update("o1", set={"user": "bob"}, add={"total": 1})
    orders.update("o1", set={"note": "x"})
    orders.update("o2", remove=["expires"], set={"note": "x"})

    old = [{"id": "o1", "user": "ann", "total": 1}, {"id": "o2", "user": "ann", "total": 2, "expires": slow.now + 5}]
    assert (of_user(slow), of_user(slow, "bob")) == (old, [])
    slow.now += 6
    assert of_user(slow) == old[:1]
    catch_up(slow)
    assert of_user(slow, "bob") == [{"id": "o1", "user": "bob", "total": 2, "note": "x"}]
    assert of_user(slow) == [{"id": "o2", "user": "ann", "total": 2, "note": "x"}]


def test_a_late_deletion_leaves_the_image_for_a_while(slow: Shop) -> None:
    orders = slow.table("Orders")
    orders.put({"id": "o1", "user": "ann", "total": 1})
    catch_up(slow)
    orders.delete("o1")

    assert orders.get("o1") is None
    assert of_user(slow) == [{"id": "o1", "user": "ann", "total": 1}]
    orders.put({"id": "o1", "user": "ann", "total": 9})
    orders.delete("o1")
    assert of_user(slow) == [{"id": "o1", "user": "ann", "total": 1}]
    catch_up(slow)
    assert of_user(slow) == []


def test_a_write_in_time_brings_the_late_ones_before_it_along(tmp_path: Path) -> None:
    lags = iter([2.0, 0.0, 2.0, 2.0, 0.0, 0.0])
    with opened(tmp_path / "state.db", lag=lambda: next(lags)) as shop:
        orders = shop.table("Orders")
        orders.put({"id": "o1", "user": "ann", "total": 1})
        orders.put({"id": "o1", "user": "bob", "total": 1})
        assert (len(of_user(shop)), len(of_user(shop, "bob"))) == (0, 1)
        orders.put({"id": "o1", "user": "cid", "total": 1})
        orders.delete("o1")
        orders.put({"id": "o1", "user": "dan", "total": 1})
        assert [len(of_user(shop, user)) for user in ("ann", "bob", "cid", "dan")] == [0, 0, 0, 1]
        orders.delete("o1")
        assert of_user(shop, "dan") == []
        catch_up(shop)

        assert of_user(shop, "dan") == []
    assert count(tmp_path / "state.db", "table_entries") == 0
    assert count(tmp_path / "state.db", "table_stale") == 0


def test_indexes_that_were_late_at_the_end_are_up_to_date_after_a_restart(tmp_path: Path) -> None:
    with opened(tmp_path / "state.db", lag=lambda: 2.0) as shop:
        shop.do(definitions.prepare, shop.declared("Orders"))
        shop.table("Orders").put({"id": "o1", "user": "ann", "total": 1})
        assert of_user(shop) == []
    with opened(tmp_path / "state.db") as shop:
        shop.do(definitions.prepare, shop.declared("Orders"))

        assert of_user(shop) == [{"id": "o1", "user": "ann", "total": 1}]


def orders_with(**options: Any) -> App:
    app = App("shop")
    options = {"fields": {"id": "string", "user": "string", "total": "number"}, "primary_index": "id", **options}
    app.table("Orders", **options)
    return app


def prepared(path: Path, app: App, *items: dict[str, Any]) -> None:
    with opened(path, app) as shop:
        shop.do(definitions.prepare, shop.declared("Orders"))
        shop.table("Orders").put_many(items)


def test_a_new_index_holds_the_items_that_were_there_before_it(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    prepared(path, orders_with(), {"id": "o1", "user": "ann", "total": 1}, {"id": "o2", "user": 7}, {"id": "o3"})
    with opened(path, orders_with(global_indexes={"byUser": ("user", "total"), "byTotal": "total"})) as shop:
        shop.do(definitions.prepare, shop.declared("Orders"))

        assert of_user(shop) == [{"id": "o1", "user": "ann", "total": 1}]
        shop.table("Orders").update("o2", set={"user": "ann", "total": 2})
        assert len(of_user(shop)) == 2
    prepared(path, orders_with())
    assert count(path, "table_entries") == 0


def test_a_new_time_to_live_field_counts_for_the_items_that_were_there_before_it(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    prepared(path, orders_with(), {"id": "o1", "until": 5}, {"id": "o2", "until": 2e6}, {"id": "o3"})
    with opened(path, orders_with(ttl="until")) as shop:
        shop.do(definitions.prepare, shop.declared("Orders"))

        assert [order["id"] for order in shop.table("Orders").scan()] == ["o2", "o3"]


def test_another_key_is_refused_while_there_are_items(tmp_path: Path) -> None:
    path = tmp_path / "state.db"
    prepared(path, orders_with())
    prepared(path, orders_with(primary_index=("user", "id")), {"id": "o1", "user": "ann"})

    with pytest.raises(InvalidValueError, match=r"its key was \(user: string, id: string\) and is now \(id: string\)"):
        prepared(path, orders_with())
    prepared(path, orders_with(primary_index=("user", "id"), ttl="until"))


def test_a_start_without_a_change_leaves_everything_as_it_is(tmp_path: Path) -> None:
    for _ in range(2):
        with opened(tmp_path / "state.db", declare()) as shop:
            shop.do(definitions.prepare, shop.declared("Orders"))
            shop.table("Orders").put({"id": "o1", "user": "ann", "total": 1})

            assert len(of_user(shop)) == 1
