"""What an invoked function must do."""

from __future__ import annotations

import time
from typing import Any

import pytest

from isthmus.errors import InvalidValueError, InvocationFailedError
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract, invoke
from isthmus.testing.contract.queues import ALWAYS


class FunctionContract(Contract):
    """Calls that wait, and calls that go on."""

    @pytest.mark.parametrize("function", ["Add", "AddLater"])
    def test_a_call_returns_the_result(self, testbed: Testbed, function: str) -> None:
        payload: dict[str, Any] = {"numbers": [1, 2.5, 3], "nested": {"list": [None, True, "é", {"deep": []}]}}

        assert invoke(testbed, function, payload) == {"sum": 6.5, "echo": payload}

    @pytest.mark.parametrize("payload", [None, 0, False, "text", [1, [2]], {}], ids=repr)
    def test_a_payload_is_any_json(self, testbed: Testbed, payload: object) -> None:
        assert testbed.resource("About").invoke(payload)["echo"] == payload

    def test_what_is_no_json_is_refused(self, testbed: Testbed) -> None:
        for payload in ({1, 2}, object(), {"a": b"bytes"}, float("nan")):
            with pytest.raises((InvalidValueError, TypeError)):
                testbed.resource("About").invoke(payload)

    def test_the_context_tells_who_runs_and_for_how_long(self, testbed: Testbed) -> None:
        about = invoke(testbed, "About", {})

        assert about["function"] == "About"
        assert about["app"] == about["resource"]["name"] == "contract"
        assert about["provider"] == about["resource"]["provider"] == self.provider.name
        assert about["stage"] == about["resource"]["stage"]
        assert 0 < about["remaining"] <= 20
        assert about["request"] != invoke(testbed, "About", {})["request"]

    def test_a_call_started_goes_on_without_the_caller(self, testbed: Testbed, case: str) -> None:
        attempt = testbed.resource("Attempt")
        identifiers = {attempt.start({"case": case, "label": str(n)}) for n in range(5)}
        self.seen(testbed, case, 5)

        assert len(identifiers) == 5

    def test_a_started_call_that_fails_is_tried_again(self, testbed: Testbed, case: str) -> None:
        testbed.resource("Attempt").start({"case": case, "fail": 1})

        self.eventually(lambda: any(row["attempt"] > 1 for row in self.rows(testbed, case)))

    def test_a_started_call_that_always_fails_ends_at_last(self, testbed: Testbed, case: str) -> None:
        testbed.resource("Attempt").start({"case": case, "fail": ALWAYS})
        self.eventually(lambda: len(self.rows(testbed, case)) >= 3)
        self.hush()

        assert 1 < max(row["attempt"] for row in self.rows(testbed, case)) <= 3

    def test_a_started_call_may_be_delayed(self, testbed: Testbed, case: str) -> None:
        before = time.time()
        testbed.resource("Attempt").start({"case": case}, delay=1)
        row = self.seen(testbed, case)[0]

        assert int(row["id"].partition("-")[0]) / 1e9 - before >= 0.95

    def test_a_condition_works_from_a_handler(self, testbed: Testbed, case: str) -> None:
        testbed.resource("Items").put({"id": case})

        assert invoke(testbed, "Claim", {"id": case}) == {"id": case, "claims": 1}
        with pytest.raises(InvocationFailedError) as caught:
            invoke(testbed, "Claim", {"id": case + "none"})
        assert caught.value.type == "ConditionFailedError"
