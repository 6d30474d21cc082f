"""What a schedule must do."""

from __future__ import annotations

import time

from isthmus._typing import Item
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract


class ScheduleContract(Contract):
    """Ticks with their payload."""

    def test_a_tick_brings_the_declared_payload(self, testbed: Testbed) -> None:
        row = self._tick(testbed, "Nightly")

        assert row["function"] == "SchedulesFired"
        assert row["schedule"] == "Nightly"
        assert row["payload"] == {"keep": 30, "tables": ["Items"], "note": "nächtlich"}
        assert abs(row["due"] - time.time()) < 60

    def test_a_coroutine_is_fired_too_and_a_payload_may_be_left_out(self, testbed: Testbed) -> None:
        row = self._tick(testbed, "Yearly")

        assert row["payload"] is None

    def _tick(self, testbed: Testbed, schedule: str) -> Item:
        """Let a schedule fire, and return the row of that firing."""
        before = {row["id"] for row in self.rows(testbed, "tick " + schedule)}
        testbed.tick(schedule)
        rows = self.eventually(lambda: [r for r in self.rows(testbed, "tick " + schedule) if r["id"] not in before])
        return rows[0]
