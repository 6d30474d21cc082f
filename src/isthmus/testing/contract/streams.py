"""What a stream must do: order for each key, a failing record parked, and replay."""

from __future__ import annotations

import json
import time

from isthmus.dead_letters import ID, REASON, SOURCE
from isthmus.declarations.app import App
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract, labels, requires
from isthmus.testing.contract.queues import ALWAYS


def _stream(app: App) -> None:
    app.stream("Clicks").subscribe("isthmus.testing.contract.handlers.streams.read")


class StreamContract(Contract):
    """Records in order."""

    @requires("stream", _stream)
    def test_records_of_a_key_arrive_in_order_at_each_reader(self, testbed: Testbed, case: str) -> None:
        clicks = testbed.resource("Clicks")
        clicks.put_many([(f"{case}{n % 3}", {"case": case, "label": str(n)}) for n in range(30)])
        for reader in ("Read", "Skim"):
            rows = self.seen(testbed, case, 30, by=reader)
            for key in range(3):
                order = list(dict.fromkeys(row["label"] for row in rows if row["key"] == f"{case}{key}"))
                assert order == [str(n) for n in range(key, 30, 3)]

    @requires("stream", _stream)
    def test_a_record_tells_where_it_comes_from(self, testbed: Testbed, case: str) -> None:
        position = testbed.resource("Clicks").put({"case": case, "label": "x"}, key=case)
        row = self.seen(testbed, case, by="Read")[0]

        assert (row["source"], row["key"], row["attempt"]) == ("Clicks", case, 1)
        assert row["sequence"] == position

    @requires("stream", _stream)
    def test_a_failing_record_is_parked_and_the_rest_goes_on(self, testbed: Testbed, case: str) -> None:
        records = [(case, {"case": case, "label": str(n), "fail": ALWAYS if n == 4 else 0}) for n in range(12)]
        positions = testbed.resource("Clicks").put_many(records)
        for reader in ("Read", "Skim"):
            rows = self.seen(testbed, case, 12, by=reader)
            assert labels(rows) == {str(n) for n in range(12)}
        letters = self.seen(testbed, "dead " + case)

        assert {json.loads(letter["letter"])["label"] for letter in letters} == {"4"}
        assert (letters[0]["attributes"][SOURCE], letters[0]["attributes"][ID]) == ("Clicks", positions[4])
        assert "Poisoned" in letters[0]["attributes"][REASON]

    @requires("stream", _stream)
    def test_a_record_that_fails_once_is_handled_before_those_after_it(self, testbed: Testbed, case: str) -> None:
        records = [(case, {"case": case, "label": str(n), "fail": 1 if n == 1 else 0}) for n in range(4)]
        testbed.resource("Clicks").put_many(records)
        rows = self.seen(testbed, case, 4, by="Read")
        order = [(row["label"], row["attempt"] > 1) for row in rows]

        assert order.index(("1", True)) < min(at for at, (label, _) in enumerate(order) if label == "2")

    @requires("stream.replay", _stream)
    def test_a_replay_delivers_what_was_kept_since_a_time_again(self, testbed: Testbed, case: str) -> None:
        clicks = testbed.resource("Clicks")
        clicks.put({"case": case, "label": "old"}, key=case)
        self.seen(testbed, case, 1, by="Read")
        time.sleep(0.05)
        since = time.time()
        clicks.put({"case": case, "label": "new"}, key=case)
        for reader in ("Read", "Skim"):
            self.seen(testbed, case, 2, by=reader)
        self.hush()
        before = [row["id"] for row in self.rows(testbed, case)]
        testbed.replay("Clicks", "Read", since=since)
        self.eventually(lambda: len(self.rows(testbed, case)) > len(before))
        self.hush()
        again = [row for row in self.rows(testbed, case) if row["id"] not in before]

        assert {(row["label"], row["function"]) for row in again} == {("new", "Read")}
