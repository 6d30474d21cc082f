"""What a queue must do: delivery, retries, dead letters, delay, order and concurrency."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from isthmus._typing import Item
from isthmus.dead_letters import ATTEMPTS, ID, REASON, SOURCE
from isthmus.declarations.app import App
from isthmus.errors import InvalidValueError, TooLargeError
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract, labels, requires

ALWAYS = 1000
"""So many attempts fail: more than any queue makes."""


def _narrow(app: App) -> None:
    app.queue("Narrow").subscribe("isthmus.testing.contract.handlers.queues.turn", max_concurrency=2)


class QueueContract(Contract):
    """Messages, at least once each."""

    @pytest.mark.parametrize("queue", ["Work", "Errands"])
    def test_a_message_reaches_a_handler_whole(self, testbed: Testbed, case: str, queue: str) -> None:
        before = time.time() - 60
        sent = testbed.resource(queue).send(
            {"case": case, "label": "é", "n": [1]}, attributes={"type": "a b", "n": "1"}
        )
        row = self.seen(testbed, case)[0]

        assert row["message"] == sent
        assert row["source"] == queue
        assert row["attempt"] == 1
        assert row["attributes"] == {"type": "a b", "n": "1"}
        assert before < row["sent_at"] < time.time() + 60

    @pytest.mark.parametrize("body", [b"\x00\xff raw", "text é", b""], ids=repr)
    def test_a_body_may_be_any_bytes_or_text(self, testbed: Testbed, case: str, body: bytes | str) -> None:
        testbed.resource("Raw").send(body, attributes={"case": case})

        assert self.seen(testbed, case)[0]["body"] == (body.encode() if isinstance(body, str) else body)

    def test_many_messages_all_arrive(self, testbed: Testbed, case: str) -> None:
        identifiers = testbed.resource("Work").send_many({"case": case, "label": str(n)} for n in range(60))
        rows = self.seen(testbed, case, 60)

        assert len(set(identifiers)) == 60
        assert labels(rows) == {str(n) for n in range(60)}

    def test_a_poison_message_fails_alone(self, testbed: Testbed, case: str) -> None:
        bodies: list[dict[str, Any]] = [{"case": case, "label": str(n)} for n in range(20)]
        bodies[7]["fail"] = ALWAYS
        testbed.resource("Work").send_many(bodies)
        rows = self.seen(testbed, case, 20)
        letters = self.seen(testbed, "dead " + case)

        assert labels(rows) == {str(n) for n in range(20)}
        assert {json.loads(letter["letter"])["label"] for letter in letters} == {"7"}

    @pytest.mark.parametrize(("queue", "attempts"), [("Work", 3), ("Errands", 2)])
    def test_a_dead_letter_is_whole_and_tells_why(self, testbed: Testbed, case: str, queue: str, attempts: int) -> None:
        body = {"case": case, "label": "x", "fail": ALWAYS, "more": "é" * 100}
        identifier = testbed.resource(queue).send(body, attributes={"type": "poison"})
        letter = self.seen(testbed, "dead " + case)[0]
        counted = int(letter["attributes"][ATTEMPTS])

        assert json.loads(letter["letter"]) == body
        assert letter["attributes"]["type"] == "poison"
        assert (letter["attributes"][SOURCE], letter["attributes"][ID]) == (queue, identifier)
        assert "Poisoned" in letter["attributes"][REASON]
        assert counted == attempts if self.can("queue.attempts.exact") else counted >= 1
        assert 1 <= min(row["attempt"] for row in self.rows(testbed, case)) <= attempts

    def test_what_fails_at_first_is_tried_again_and_is_no_dead_letter(self, testbed: Testbed, case: str) -> None:
        testbed.resource("Work").send({"case": case, "label": "x", "fail": 1})
        self.eventually(lambda: any(row["attempt"] > 1 for row in self.rows(testbed, case)))
        self.hush()

        assert self.rows(testbed, "dead " + case) == []

    def test_a_delayed_message_waits(self, testbed: Testbed, case: str) -> None:
        work = testbed.resource("Work")
        started = time.time()
        work.send({"case": case, "label": "late"}, delay=1)
        work.send({"case": case, "label": "soon"})
        self.seen(testbed, case, 2)
        late = min(
            float(row["id"].partition("-")[0]) / 1e9 for row in self.rows(testbed, case) if row["label"] == "late"
        )

        assert late - started >= 0.95
        assert self.rows(testbed, case)[0]["label"] == "soon"

    @requires("queue.subscribe.max_concurrency", _narrow)
    def test_no_more_handlers_run_at_once_than_are_allowed(self, testbed: Testbed, case: str) -> None:
        testbed.resource("Narrow").send_many({"case": case, "label": str(n), "pause": 0.1} for n in range(8))
        rows = self.seen(testbed, case, 8)
        edges = sorted([(row["entered"], 1) for row in rows] + [(row["left"], -1) for row in rows])
        running = most = 0
        for _, step in edges:
            running += step
            most = max(most, running)

        assert most <= 2

    def test_a_message_over_the_limit_is_refused(self, testbed: Testbed, case: str) -> None:
        limit = self.provider.capabilities.limits.message_bytes
        if limit is not None:
            with pytest.raises(TooLargeError):
                testbed.resource("Raw").send(b"x" * (limit + 1), attributes={"case": case})

    def test_what_is_no_message_is_refused(self, testbed: Testbed) -> None:
        work = testbed.resource("Work")

        for body in ({"a": object()}, {1, 2}, object()):
            with pytest.raises((InvalidValueError, TypeError)):
                work.send(body)
        with pytest.raises(InvalidValueError):
            work.send({}, attributes={"isthmus-correlation-id": "forged"})


class FifoContract(Contract):
    """Order within a group, and duplicates dropped."""

    @requires("queue.fifo", lambda app: app.queue("Line", fifo=True))
    def test_messages_of_a_group_are_handled_in_order(self, testbed: Testbed, case: str) -> None:
        line = testbed.resource("Line")
        for n in range(12):
            line.send({"case": case, "label": str(n), "group": str(n % 2)}, group=f"{case}-{n % 2}")
        rows = self.seen(testbed, case, 12)

        for group in range(2):
            assert self._order(rows, f"{case}-{group}") == [str(n) for n in range(group, 12, 2)]

    @requires("queue.fifo", lambda app: app.queue("Line", fifo=True))
    def test_a_group_waits_for_its_failing_message_and_others_go_on(self, testbed: Testbed, case: str) -> None:
        line = testbed.resource("Line")
        line.send({"case": case, "label": "a1", "fail": 1}, group=case + "a")
        line.send({"case": case, "label": "a2"}, group=case + "a")
        line.send({"case": case, "label": "b1"}, group=case + "b")
        rows = self.seen(testbed, case, 3)
        done = [(row["label"], row["attempt"]) for row in rows]

        assert done.index(("a2", 1)) > done.index(("a1", 2))

    @requires("queue.fifo", lambda app: app.queue("Line", fifo=True))
    def test_a_group_goes_on_after_its_poison_message_is_buried(self, testbed: Testbed, case: str) -> None:
        line = testbed.resource("Line")
        line.send({"case": case, "label": "1", "fail": ALWAYS}, group=case)
        line.send({"case": case, "label": "2"}, group=case)
        rows = self.seen(testbed, case, 2)

        assert max(row["attempt"] for row in rows if row["label"] == "1") == 3
        assert json.loads(self.seen(testbed, "dead " + case)[0]["letter"])["label"] == "1"
        assert self._order(rows, case) == ["1", "2"]

    @requires("queue.fifo", lambda app: app.queue("Line", fifo=True))
    def test_a_duplicate_is_dropped_and_gets_the_first_ones_id(self, testbed: Testbed, case: str) -> None:
        line = testbed.resource("Line")
        first = line.send({"case": case, "label": "1"}, group=case, deduplicate=case)
        again = line.send({"case": case, "label": "2"}, group=case, deduplicate=case)
        line.send({"case": case, "label": "3"}, group=case, deduplicate=case + "other")
        rows = self.seen(testbed, case, 2)

        assert first == again
        assert labels(rows) == {"1", "3"}

    @requires("queue.fifo", lambda app: app.queue("Line", fifo=True))
    def test_a_fifo_queue_needs_a_group(self, testbed: Testbed, case: str) -> None:
        with pytest.raises(InvalidValueError):
            testbed.resource("Line").send({"case": case})

    def _order(self, rows: list[Item], group: str) -> list[str]:
        """Return the labels of a group in the order in which they were first seen."""
        return list(dict.fromkeys(row["label"] for row in rows if row["group"] == group))
