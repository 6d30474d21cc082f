"""What a table must do: values, keys, conditions and writes. Reading is in `queries`, several
writes at once are in `transactions`, and who hears of them is in `changes`."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from isthmus.conditions import (
    at_least,
    at_most,
    begins_with,
    contains,
    differs,
    less_than,
    missing,
    more_than,
    present,
)
from isthmus.errors import ConditionFailedError, InvalidValueError, TooLargeError
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract, requires

VALUES: dict[str, Any] = {
    "none": None,
    "true": True,
    "false": False,
    "zero": 0,
    "least": -(2**63),
    "most": 2**63 - 1,
    "half": 0.5,
    "third": 1 / 3,
    "tiny": 1e-130,
    "huge": 9.99e125,
    "empty": "",
    "text": "Zażółć gęślą jaźń \U0001f600 \x00 end",
    "bytes": bytes(range(256)),
    "no bytes": b"",
    "list": [1, "two", None, [b"three", {"four": 4.5}], []],
    "map": {"a": {"b": {"c": [True, {"d": b"\xff"}]}}, "": None} | {"empty": {}},
}
"""One of each kind of value that a table keeps, and of the borders."""
del VALUES["map"][""]  # a name has at least one byte

ODD_KEYS = ("a b", "a/b", "../..", "a#b%2F", "é", "\u0000", "'; DROP TABLE", "日本", "\U0001f600", ".", "x" * 1000)
"""Keys that a careless provider confuses, cuts or decodes."""

REFUSED = (
    {"v": 2**63},
    {"v": -(2**63) - 1},
    {"v": float("nan")},
    {"v": float("inf")},
    {"v": 1e126},
    {"v": 1e-131},
    {"v": (1, 2)},
    {"v": {1, 2}},
    {"v": object()},
    {"v": {1: "a"}},
    {"v": "\ud800"},
    {"v": [{"deep": object()}]},
)
"""Attributes that no provider keeps."""

CONDITIONS = (
    ({"n": 5}, {"n": 6}),
    ({"n": differs(6)}, {"n": differs(5)}),
    ({"n": less_than(6)}, {"n": less_than(5)}),
    ({"n": at_most(5)}, {"n": at_most(4)}),
    ({"n": more_than(4)}, {"n": more_than(5)}),
    ({"n": at_least(5)}, {"n": at_least(6)}),
    ({"s": begins_with("ab")}, {"s": begins_with("bc")}),
    ({"s": contains("bc")}, {"s": contains("x")}),
    ({"l": contains(2)}, {"l": contains("2")}),
    ({"n": present()}, {"gone": present()}),
    ({"gone": missing()}, {"n": missing()}),
    ({"n": 5, "s": "abc"}, {"n": 5, "s": "abd"}),
    ({"m": {"k": [1]}}, {"m": {"k": [2]}}),
    ({"none": None}, {"gone": None}),
    ({"n": 5}, {"n": "5"}),
    ({"t": True}, {"t": 1}),
)
"""Pairs of a condition that holds on `STORED` and one that does not."""

STORED = {"n": 5, "s": "abc", "l": [1, 2], "m": {"k": [1]}, "none": None, "t": True}


class TableContract(Contract):
    """Values, keys, conditions and writes."""

    def test_a_put_item_is_read_back_with_every_kind_of_value(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")
        table.put({"id": case, **VALUES})

        assert table.get(case) == {"id": case, **VALUES}

    def test_types_survive_the_way(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")
        table.put({"id": case, **VALUES})
        stored = table.get(case)

        assert {name: type(value) for name, value in stored.items()} == {
            "id": str,
            **{name: type(value) for name, value in VALUES.items() if name != "huge"},
            "huge": type(stored["huge"]),  # an integral float may come back as an int
        }

    def test_an_item_that_is_not_there_is_none(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")

        assert table.get(case) is None
        assert table.delete(case) is None

    @pytest.mark.parametrize("key", ODD_KEYS, ids=ascii)
    def test_an_odd_string_is_a_key_like_any_other(self, testbed: Testbed, case: str, key: str) -> None:
        table = testbed.resource("Books")
        table.put({"shelf": case + key, "title": key, "n": 1})
        table.put({"shelf": case + key, "title": key + "!", "n": 2})

        assert table.get((case + key, key)) == {"shelf": case + key, "title": key, "n": 1}
        assert [book["n"] for book in table.query(case + key)] == [1, 2]
        assert table.delete((case + key, key)) == {"shelf": case + key, "title": key, "n": 1}
        assert table.get((case + key, key)) is None

    def test_keys_may_be_numbers_and_bytes(self, testbed: Testbed, case: str) -> None:
        readings, digests = testbed.resource("Readings"), testbed.resource("Digests")
        readings.put({"sensor": case, "at": -1.5})
        readings.put({"sensor": case, "at": 2})
        digests.put({"digest": case.encode(), "part": b"\x00\xff"})

        assert readings.get((case, -1.5)) == {"sensor": case, "at": -1.5}
        assert readings.get((case, 2.0)) == {"sensor": case, "at": 2}
        assert digests.get((case.encode(), b"\x00\xff")) == {"digest": case.encode(), "part": b"\x00\xff"}

    def test_a_key_of_the_wrong_type_is_refused(self, testbed: Testbed, case: str) -> None:
        readings, items = testbed.resource("Readings"), testbed.resource("Items")

        with pytest.raises(InvalidValueError):
            readings.put({"sensor": case, "at": "noon"})
        with pytest.raises(InvalidValueError):
            readings.put({"sensor": case})
        with pytest.raises(InvalidValueError):
            items.get(5)
        with pytest.raises(InvalidValueError):
            items.get(("a", "b"))

    @pytest.mark.parametrize("attributes", REFUSED, ids=ascii)
    def test_a_value_that_no_provider_keeps_is_refused(
        self, testbed: Testbed, case: str, attributes: dict[str, Any]
    ) -> None:
        table = testbed.resource("Items")

        with pytest.raises(InvalidValueError, match="v"):
            table.put({"id": case, **attributes})
        assert table.get(case) is None

    def test_an_item_over_400_kilobytes_is_refused_and_one_just_below_is_kept(
        self, testbed: Testbed, case: str
    ) -> None:
        table = testbed.resource("Items")
        table.put({"id": case, "body": b"x" * (399 * 1024)})

        with pytest.raises(TooLargeError):
            table.put({"id": case, "body": b"x" * (401 * 1024)})
        assert len(table.get(case)["body"]) == 399 * 1024

    def test_if_absent_writes_only_where_nothing_is(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")
        table.put({"id": case, "n": 1}, if_absent=True)

        with pytest.raises(ConditionFailedError):
            table.put({"id": case, "n": 2}, if_absent=True)
        assert table.get(case)["n"] == 1

    @pytest.mark.parametrize(("holds", "fails"), CONDITIONS, ids=ascii)
    def test_a_condition_lets_a_write_pass_or_fails_it(
        self, testbed: Testbed, case: str, holds: dict[str, Any], fails: dict[str, Any]
    ) -> None:
        table = testbed.resource("Items")
        table.put({"id": case, **STORED})

        with pytest.raises(ConditionFailedError):
            table.update(case, set={"done": True}, if_match=fails)
        with pytest.raises(ConditionFailedError):
            table.put({"id": case}, if_match=fails)
        with pytest.raises(ConditionFailedError):
            table.delete(case, if_match=fails)
        assert table.get(case) == {"id": case, **STORED}
        assert table.update(case, set={"done": True}, if_match=holds)["done"] is True

    def test_a_condition_on_an_item_that_is_not_there_fails(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")

        for write in (table.delete, table.update):
            with pytest.raises(ConditionFailedError):
                write(case, if_match={"n": missing()})
        with pytest.raises(ConditionFailedError):
            table.update(case, set={"n": 1}, if_exists=True)
        assert table.get(case) is None

    def test_an_update_sets_adds_and_removes_at_once(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")
        table.put({"id": case, "n": 1, "old": "x", "keep": [1]})
        updated = table.update(case, set={"name": "y"}, add={"n": 2, "count": 0.5}, remove=["old", "never"])

        assert updated == {"id": case, "n": 3, "count": 0.5, "name": "y", "keep": [1]}
        assert table.get(case) == updated

    def test_an_update_creates_the_item(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")

        assert table.update(case, add={"n": 5}) == {"id": case, "n": 5}

    def test_add_refuses_what_is_no_number_and_leaves_the_item(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")
        table.put({"id": case, "n": "five"})

        with pytest.raises(InvalidValueError):
            table.update(case, set={"other": 1}, add={"n": 1})
        assert table.get(case) == {"id": case, "n": "five"}

    def test_200_concurrent_adds_all_count(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")

        def add(by: int) -> int:
            counted: int = table.update(case, add={"n": by})["n"]
            return counted

        with ThreadPoolExecutor(20) as pool:
            results = list(pool.map(add, [1] * 200))

        assert table.get(case)["n"] == 200
        assert sorted(results) == list(range(1, 201))

    def test_of_many_who_put_if_absent_one_wins(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")

        def put(n: int) -> int:
            try:
                table.put({"id": case, "n": n}, if_absent=True)
            except ConditionFailedError:
                return 0
            return 1

        with ThreadPoolExecutor(10) as pool:
            assert sum(pool.map(put, range(30))) == 1

    def test_many_items_are_written_and_read_in_the_order_asked_for(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")
        table.put_many({"id": f"{case}-{n}", "n": n} for n in range(120))
        read = table.get_many([f"{case}-{n}" for n in reversed(range(121))])

        assert read[0] is None
        assert [item["n"] for item in read[1:]] == list(reversed(range(120)))

    def test_delete_returns_what_was_there(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")
        table.put({"id": case, "n": 1})

        assert table.delete(case, if_match={"n": 1}) == {"id": case, "n": 1}
        assert table.get(case) is None

    @requires("table.ttl", lambda app: app.table("T", fields={"id": "string"}, primary_index="id", ttl="expires"))
    def test_an_expired_item_is_not_there(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")
        table.put({"id": case, "owner": case, "rank": 1, "expires": int(time.time()) - 5})
        table.put({"id": case + "later", "owner": case, "rank": 2, "expires": int(time.time()) + 3600})
        self.eventually(lambda: list(table.query(case, index="byOwner")))

        assert table.get(case) is None
        assert table.get(case + "later")["rank"] == 2
        table.put({"id": case, "n": 1}, if_absent=True)
        assert table.get(case) == {"id": case, "n": 1}

    @requires("table.ttl", lambda app: app.table("T", fields={"id": "string"}, primary_index="id", ttl="expires"))
    def test_an_expiry_that_is_no_number_never_comes(self, testbed: Testbed, case: str) -> None:
        table = testbed.resource("Items")
        table.put({"id": case, "expires": "yesterday"})

        assert table.get(case) == {"id": case, "expires": "yesterday"}
