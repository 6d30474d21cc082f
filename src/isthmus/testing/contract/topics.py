"""What a topic must do: filters and fan-out."""

from __future__ import annotations

import json
from functools import partial

import pytest

from isthmus._typing import Mapping
from isthmus.declarations.app import App
from isthmus.declarations.subscription import Filter
from isthmus.errors import InvalidValueError
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract
from isthmus.testing.contract.contract_app import FILTER_FORMS, TOPIC_FILTERS, heard
from isthmus.testing.contract.queues import ALWAYS

MESSAGES: tuple[tuple[Mapping[str, str | int | float], set[str]], ...] = (
    ({}, {"Absent"}),
    ({"type": "order.placed"}, {"Exact", "Prefix", "AnythingBut", "Absent"}),
    (
        {"type": "order.paid", "weight": 7},
        {"Exact", "Prefix", "AnythingBut", "Numeric", "ExactNumber", "Absent", "Both"},
    ),
    ({"type": "order.lost"}, {"Prefix", "Absent"}),
    ({"type": "user.born", "urgent": "no"}, {"AnythingBut", "Exists"}),
    ({"type": "ORDER.placed"}, {"AnythingBut", "Absent"}),
    ({"weight": 5}, {"Absent"}),
    ({"weight": 5.5}, {"Numeric", "Absent"}),
    ({"weight": 9.5}, {"Numeric", "Absent"}),
    ({"weight": 9.75}, {"Absent"}),
    ({"weight": 7.0}, {"Numeric", "ExactNumber", "Absent"}),
    ({"weight": "7"}, {"Absent"}),
    ({"type": "order.x", "weight": 5, "urgent": "-"}, {"Prefix", "AnythingBut", "Exists", "Both"}),
    ({"type": "order", "weight": -1e9}, {"AnythingBut", "Absent"}),
)
"""Attributes of a message, and the subscriptions of `Events` that it passes; `Everything` takes each."""


def _filtered(wanted: Filter, app: App) -> None:
    app.topic("Events").subscribe("isthmus.testing.contract.handlers.topics.hear", filter=wanted)


def _name(value: object) -> str:
    """Return the name of a case: its attributes; the set of those who hear it has no stable order."""
    return "" if isinstance(value, set) else repr(value)


class TopicContract(Contract):
    """Filters and fan-out."""

    @pytest.mark.parametrize(("attributes", "passes"), MESSAGES, ids=_name)
    def test_a_message_reaches_the_subscriptions_that_it_passes(
        self, testbed: Testbed, case: str, attributes: Mapping[str, str | int | float], passes: set[str]
    ) -> None:
        testbed.resource("Events").publish({"case": case, "label": "x"}, attributes=attributes)
        expected = {*heard(self.can)} & (passes | {"Everything"})
        self.eventually(lambda: expected <= {row["function"] for row in self.rows(testbed, case)})
        self.hush()

        assert {row["function"] for row in self.rows(testbed, case)} == expected

    @pytest.mark.parametrize("name", FILTER_FORMS)
    def test_a_filter_is_planned_or_refused_as_its_forms_are_supported(self, name: str) -> None:
        declare = partial(_filtered, TOPIC_FILTERS[name])
        unsupported = [form for form in FILTER_FORMS[name] if not self.can(f"filter.{form}")]

        for form in unsupported:
            self.refusal(f"filter.{form}", declare)
        assert bool(self.planned(declare).problems) == bool(unsupported)

    def test_a_message_fans_out_to_queues_and_functions(self, testbed: Testbed, case: str) -> None:
        testbed.resource("News").publish({"case": case, "label": "x"}, attributes={"type": "a"})
        everybody = {"Worker", "Errand", "Hear", "Overhear"}
        self.eventually(lambda: everybody == {row["function"] for row in self.rows(testbed, case)})
        rows = self.rows(testbed, case)

        assert {row["attributes"]["type"] for row in rows} == {"a"}
        assert {row["source"] for row in rows if row["function"] == "Hear"} == {"News"}

    def test_many_messages_reach_everybody(self, testbed: Testbed, case: str) -> None:
        testbed.resource("News").publish_many([{"case": case, "label": str(n)} for n in range(25)])

        for function in ("Worker", "Errand", "Hear", "Overhear"):
            self.seen(testbed, case, 25, by=function)

    def test_a_failing_subscriber_disturbs_no_other_and_its_message_is_kept(self, testbed: Testbed, case: str) -> None:
        testbed.resource("News").publish({"case": case, "label": "x", "fail": ALWAYS})
        letters = self.eventually(
            lambda: [row for row in self.rows(testbed, "dead " + case) if row["source"] == "NewsDeadLetters"]
        )

        assert json.loads(letters[0]["letter"])["case"] == case
        assert {row["function"] for row in self.rows(testbed, case)} == {"Worker", "Errand", "Hear", "Overhear"}

    def test_an_attribute_that_no_filter_could_read_is_refused(self, testbed: Testbed, case: str) -> None:
        events = testbed.resource("Events")
        for value in (None, True, ["a"], float("nan"), b"x"):
            with pytest.raises((InvalidValueError, TypeError)):
                events.publish({"case": case}, attributes={"type": value})
