"""What a transaction must do: all of its writes, or none."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from isthmus.errors import ConditionFailedError, InvalidValueError
from isthmus.ports import Testbed
from isthmus.table_writes import Check, Delete, Put, Update
from isthmus.testing.contract.contract import Contract


class TransactionContract(Contract):
    """All of a transaction's writes, or none."""

    def test_a_transaction_writes_to_several_tables_at_once(self, testbed: Testbed, case: str) -> None:
        items, books = testbed.resource("Items"), testbed.resource("Books")
        items.put({"id": case + "gone"})
        items.put({"id": case + "there", "open": True})
        items.transact(
            [
                Put({"id": case, "n": 1}, if_absent=True),
                Update(case + "new", set={"a": 1}, add={"n": 2}),
                Delete(case + "gone"),
                Check(case + "there", if_match={"open": True}),
                Put({"shelf": case, "title": "t"}, table=books),
            ]
        )

        assert items.get(case) == {"id": case, "n": 1}
        assert items.get(case + "new") == {"id": case + "new", "a": 1, "n": 2}
        assert items.get(case + "gone") is None
        assert books.get((case, "t")) == {"shelf": case, "title": "t"}

    def test_one_failed_condition_undoes_everything(self, testbed: Testbed, case: str) -> None:
        items = testbed.resource("Items")
        items.put({"id": case, "n": 1})
        for refused in (
            Put({"id": case}, if_absent=True),
            Update(case, set={"n": 9}, if_match={"n": 2}),
            Delete(case, if_match={"n": 2}),
            Check(case, if_match={"n": 2}),
            Check(case, if_absent=True),
            Update(case + "none", set={"n": 9}, if_exists=True),
        ):
            with pytest.raises(ConditionFailedError):
                items.transact([Put({"id": case + "first"}), refused])

            assert items.get(case + "first") is None
        assert items.get(case) == {"id": case, "n": 1}

    def test_two_writes_of_one_item_are_refused(self, testbed: Testbed, case: str) -> None:
        items = testbed.resource("Items")

        with pytest.raises(InvalidValueError):
            items.transact([Put({"id": case}), Update(case, add={"n": 1})])
        assert items.get(case) is None

    def test_up_to_100_writes_are_one_transaction_and_more_are_refused(self, testbed: Testbed, case: str) -> None:
        items = testbed.resource("Items")
        items.transact([Put({"id": f"{case}-{n}"}) for n in range(100)])

        assert None not in items.get_many([f"{case}-{n}" for n in range(100)])
        with pytest.raises(InvalidValueError):
            items.transact([Put({"id": f"{case}+{n}"}) for n in range(101)])

    def test_transfers_at_the_same_time_keep_the_sum(self, testbed: Testbed, case: str) -> None:
        items = testbed.resource("Items")
        items.put_many([{"id": f"{case}-{n}", "sum": 100} for n in range(4)])

        def move(n: int) -> None:
            writes = [Update(f"{case}-{n % 4}", add={"sum": -1}), Update(f"{case}-{(n + 1) % 4}", add={"sum": 1})]
            items.transact(writes)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(move, range(40)))

        assert [item["sum"] for item in items.get_many([f"{case}-{n}" for n in range(4)])] == [100] * 4
