"""What a table's change stream must deliver."""

from __future__ import annotations

from isthmus._typing import Item
from isthmus.capabilities import SUPPORTED
from isthmus.ports import Testbed
from isthmus.table_writes import Put
from isthmus.testing.contract.contract import Contract, first


class ChangeContract(Contract):
    """Every change of a row, with both images."""

    def test_a_change_tells_what_was_and_what_is(self, testbed: Testbed, case: str) -> None:
        items = testbed.resource("Items")
        items.put({"id": case, "case": case, "n": 1, "blob": b"\xff", "none": None})
        items.update(case, set={"n": 2})
        items.delete(case)
        rows = self.seen(testbed, "change " + case, 3, by="Changed")
        one = {"id": case, "case": case, "n": 1, "blob": b"\xff", "none": None}
        two = {**one, "n": 2}

        assert {row["kind"] for row in rows} == {"INSERT", "MODIFY", "REMOVE"}
        assert all(row["key"] == {"id": case} for row in rows)
        images = {row["kind"]: (row["old"], row["new"]) for row in rows}
        assert images == {"INSERT": (None, one), "MODIFY": (one, two), "REMOVE": (two, None)}
        assert not any(row["expired"] for row in rows)

    def test_versions_grow_with_each_change(self, testbed: Testbed, case: str) -> None:
        items = testbed.resource("Items")
        for n in range(5):
            items.put({"id": case, "case": case, "n": n, "label": str(n)})

        rows = self.eventually(lambda: self._by_number(testbed, case, 5))
        versions = [rows[n]["version"] for n in range(5)]
        assert versions == sorted(set(versions))

    def test_changes_of_one_item_arrive_in_order_where_that_is_promised(self, testbed: Testbed, case: str) -> None:
        items = testbed.resource("Items")
        for n in range(20):
            items.update(case, set={"case": case, "n": n})
        self.eventually(lambda: self._by_number(testbed, case, 20))

        if self.provider.capabilities.support("table.changes.ordered") == SUPPORTED:
            rows = [row for row in self.rows(testbed, "change " + case) if row["function"] == "Changed"]
            firsts = list(dict.fromkeys(row["new"]["n"] for row in rows))
            assert firsts == list(range(20))

    def test_a_coroutine_hears_of_changes_too(self, testbed: Testbed, case: str) -> None:
        testbed.resource("Items").put({"id": case, "case": case})

        assert self.seen(testbed, "change " + case, by="Noticed")[0]["new"]["id"] == case

    def test_a_failed_change_is_tried_again(self, testbed: Testbed, case: str) -> None:
        testbed.resource("Items").put({"id": case, "case": case, "fail": 1})
        rows = self.eventually(
            lambda: [r for r in self.rows(testbed, "change " + case) if r["function"] == "Changed" and r["attempt"] > 1]
        )

        assert rows[0]["new"]["id"] == case

    def test_a_write_that_failed_makes_no_change(self, testbed: Testbed, case: str) -> None:
        items = testbed.resource("Items")
        items.put({"id": case, "case": case, "n": 1}, if_absent=True)
        for _ in range(2):
            try:
                items.put({"id": case, "case": case, "n": 2}, if_absent=True)
            except Exception:
                continue
        items.delete(case)
        rows = self.seen(testbed, "change " + case, 2, by="Changed")
        self.hush()

        assert {row["kind"] for row in self.rows(testbed, "change " + case)} == {"INSERT", "REMOVE"}
        assert first(rows, kind="REMOVE")["old"]["n"] == 1

    def test_every_write_of_a_transaction_is_a_change(self, testbed: Testbed, case: str) -> None:
        testbed.resource("Items").transact([Put({"id": f"{case}-{n}", "case": case}) for n in range(10)])
        self.eventually(lambda: self._keys(testbed, case) == {f"{case}-{n}" for n in range(10)})

    def _keys(self, testbed: Testbed, case: str) -> set[str]:
        return {row["key"]["id"] for row in self.rows(testbed, "change " + case)}

    def _by_number(self, testbed: Testbed, case: str, count: int) -> dict[int, Item]:
        """Return what `Changed` saw by the number in the new row, once there are `count`."""
        seen = [row for row in self.rows(testbed, "change " + case) if row["function"] == "Changed"]
        rows = {row["new"]["n"]: row for row in seen if row["new"]}
        return rows if len(rows) == count else {}
