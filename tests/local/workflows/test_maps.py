"""A Map in the store: its results come in the order of its items, though the app was off in the middle."""

from __future__ import annotations

from typing import Any

from isthmus import App
from tests.local.workflows.conftest import Run
from tests.local.workflows.laptop import one

REST: dict[str, Any] = {"Type": "Wait", "SecondsPath": "$", "End": True}
EACH: dict[str, Any] = {
    "Type": "Map",
    "ItemProcessor": {"StartAt": "Rest", "States": {"Rest": REST}},
    "End": True,
}


def _declare(app: App) -> None:
    app.workflow("Work", one(EACH))


def test_results_come_in_the_order_of_the_items_whoever_ends_first(run: Run) -> None:
    laptop = run(_declare)
    execution = laptop.resource("Work").start([30, 10, 40, 20])
    laptop.advance(15)
    laptop.sleep(10)
    laptop.advance(20)

    assert laptop.resource("Work").describe(execution).output == [30, 10, 40, 20]
