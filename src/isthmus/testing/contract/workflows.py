"""What a workflow must do."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.errors import InvalidValueError, InvocationFailedError, TooLargeError
from isthmus.ports import Testbed
from isthmus.testing.contract.contract import Contract, labels, requires
from isthmus.testing.contract.machines import EXPRESS, EXPRESSIONS
from isthmus.workflow_errors import ExecutionNotFoundError, TaskTokenError, WorkflowFailedError
from isthmus.workflow_execution import WorkflowExecution

PATIENCE = 60


def _express(app: App) -> None:
    app.workflow("Express", EXPRESS, express=True)


def _expressions(app: App) -> None:
    app.workflow("Expressions", EXPRESSIONS)


class WorkflowContract(Contract):
    """One definition means the same everywhere."""

    def ended(self, testbed: Testbed, workflow: str, execution: str) -> WorkflowExecution:
        """Return an execution once it has ended."""
        client = testbed.resource(workflow)

        def over() -> WorkflowExecution | None:
            seen: WorkflowExecution = client.describe(execution)
            return seen if seen.ended else None

        found = self.eventually(over, f"the end of execution {execution} of {workflow}")
        assert found is not None
        return found

    def test_data_flows_through_every_kind_of_state(self, testbed: Testbed, case: str) -> None:
        output = testbed.resource("Flow").run({"case": case, "numbers": [1, 2.5, 30], "kind": "x"}, timeout=PATIENCE)
        tag = f"{case}/x"

        assert output == {
            "case": case,
            "numbers": [1, 2.5, 30],
            "size": 3,
            "doubled": [{"at": n, "is": twice, "tag": tag} for n, twice in enumerate((2, 5, 60))],
            "both": {"left": 2, "right": "right"},
        }

    def test_a_choice_goes_on_by_its_default(self, testbed: Testbed, case: str) -> None:
        flow = testbed.resource("Flow")

        assert flow.run({"case": case, "numbers": [1], "kind": "dull"}, timeout=PATIENCE) == "nothing"
        assert flow.run({"case": case, "numbers": [], "kind": "x"}, timeout=PATIENCE) == "nothing"

    def test_an_execution_tells_what_became_of_it(self, testbed: Testbed, case: str) -> None:
        given: dict[str, Any] = {"case": case, "numbers": [], "kind": "x"}
        execution = testbed.resource("Flow").start(given)
        seen = self.ended(testbed, "Flow", execution)

        assert seen.id == execution
        assert seen.status == "SUCCEEDED"
        assert seen.output == "nothing"
        assert {name: seen.input[name] for name in given} == given
        assert seen.stopped is not None
        assert seen.started <= seen.stopped

    def test_a_task_is_tried_again_as_often_as_its_retry_says(self, testbed: Testbed, case: str) -> None:
        order = {"case": case, "raise": "Flaky", "times": 2}
        output = testbed.resource("Resilient").run(order, timeout=PATIENCE)

        assert output == {"is": "fine", "attempt": 3}
        assert [row["attempt"] for row in self.rows(testbed, case)] == [1, 2, 3]

    def test_a_task_that_fails_for_good_is_caught_by_the_next_rule(self, testbed: Testbed, case: str) -> None:
        with pytest.raises(WorkflowFailedError) as caught:
            testbed.resource("Resilient").run({"case": case, "raise": "Flaky", "times": 9}, timeout=PATIENCE)

        assert (caught.value.error, caught.value.cause) == ("Flaky", f"broken: {case}")
        assert [row["attempt"] for row in self.rows(testbed, case)] == [1, 2, 3]

    def test_a_retry_without_attempts_tries_once(self, testbed: Testbed, case: str) -> None:
        with pytest.raises(WorkflowFailedError) as caught:
            testbed.resource("Resilient").run({"case": case, "raise": "ValueError", "times": 9}, timeout=PATIENCE)

        assert caught.value.error == "ValueError"
        assert [row["attempt"] for row in self.rows(testbed, case)] == [1]

    def test_an_error_is_caught_by_the_name_of_its_class_with_its_cause(self, testbed: Testbed, case: str) -> None:
        order = {"case": case, "raise": "OutOfStock", "times": 9, "message": "none lëft"}
        output = testbed.resource("Resilient").run(order, timeout=PATIENCE)

        assert output["is"] == "sorry"
        assert output["error"] == output["told"]["errorType"] == "OutOfStock"
        assert output["told"]["errorMessage"] == "none lëft"
        assert output["case"] == case

    def test_a_branch_that_fails_is_caught_by_its_error(self, testbed: Testbed, case: str) -> None:
        order = {"case": case, "raise": "OutOfStock", "times": 9}

        assert testbed.resource("Uncaught").run(order, timeout=PATIENCE) == "OutOfStock"

    def test_an_error_that_nobody_catches_fails_the_execution(self, testbed: Testbed, case: str) -> None:
        execution = testbed.resource("Uncaught").start({"case": case, "raise": "ValueError", "times": 9})
        seen = self.ended(testbed, "Uncaught", execution)

        assert (seen.status, seen.error, seen.output) == ("FAILED", "ValueError", None)
        assert "told to" in seen.cause

    def test_a_second_start_by_a_name_is_the_first_one(self, testbed: Testbed, case: str) -> None:
        resilient = testbed.resource("Resilient")
        first = resilient.start({"case": case}, name=case)
        self.ended(testbed, "Resilient", first)

        assert resilient.start({"case": case}, name=case) == first
        assert resilient.start({"case": case}, name=f"{case}-2") != first

    def test_a_handler_starts_a_workflow_that_it_is_linked_to(self, testbed: Testbed, case: str) -> None:
        order = {"workflow": "Resilient", "input": {"case": case, "label": "launched"}, "name": case}
        execution = testbed.resource("Launch").invoke(order)["execution"]

        assert self.ended(testbed, "Resilient", execution).output == {"is": "fine", "attempt": 1}
        with pytest.raises(InvocationFailedError) as caught:
            testbed.resource("Launch").invoke({**order, "workflow": "Flow"})
        assert caught.value.type == "NotLinkedError"

    def test_somebody_completes_a_task_by_its_token(self, testbed: Testbed, case: str) -> None:
        approval = testbed.resource("Approval")
        execution = approval.start({"case": case})
        token = self.seen(testbed, case)[0]["token"]
        approval.heartbeat(token)
        approval.succeed(token, {"approved": True, "by": "Ada"})
        seen = self.ended(testbed, "Approval", execution)

        assert (seen.status, seen.output) == ("SUCCEEDED", {"approved": True, "by": "Ada"})
        with pytest.raises(TaskTokenError):
            approval.succeed(token, {"approved": False})

    def test_a_handler_completes_a_task_that_it_is_linked_to(self, testbed: Testbed, case: str) -> None:
        execution = testbed.resource("Approval").start({"case": case})
        token = self.seen(testbed, case)[0]["token"]
        told = testbed.resource("Answer").invoke({"token": token, "execution": execution, "output": [1, None, "é"]})

        assert told["id"] == execution
        assert told["status"] in ("RUNNING", "SUCCEEDED")
        assert self.ended(testbed, "Approval", execution).output == [1, None, "é"]

    def test_somebody_lets_a_task_fail_by_its_token(self, testbed: Testbed, case: str) -> None:
        approval = testbed.resource("Approval")
        execution = approval.start({"case": case})
        approval.fail(self.seen(testbed, case)[0]["token"], "Refused", "too dear")

        assert self.ended(testbed, "Approval", execution).output == {"Error": "Refused", "Cause": "too dear"}

    @pytest.mark.parametrize("token", ["", "nonsense", "https://example.com/v1/projects/p", "é" * 2000], ids=repr)
    def test_a_token_of_nobody_is_refused(self, testbed: Testbed, token: str) -> None:
        approval = testbed.resource("Approval")
        for complete, *why in ((approval.succeed,), (approval.fail, "E"), (approval.heartbeat,)):
            with pytest.raises(TaskTokenError):
                complete(token, *why)

    @pytest.mark.parametrize(
        ("error", "cause"), [("E" * 257, ""), ("E", "c" * 32_769), (7, ""), ("E", None), ("\ud800", "")], ids=repr
    )
    def test_a_reason_that_some_provider_would_refuse_is_refused_by_all(
        self, testbed: Testbed, case: str, error: Any, cause: Any
    ) -> None:
        approval = testbed.resource("Approval")
        execution = approval.start({"case": case})
        token = self.seen(testbed, case)[0]["token"]
        with pytest.raises(InvalidValueError):
            approval.fail(token, error, cause)
        with pytest.raises(InvalidValueError):
            approval.stop(execution, error=error, cause=cause)

        assert approval.describe(execution).status == "RUNNING"
        approval.stop(execution)

    def test_a_result_that_is_too_large_leaves_the_task_waiting(self, testbed: Testbed, case: str) -> None:
        approval = testbed.resource("Approval")
        execution = approval.start({"case": case})
        token = self.seen(testbed, case)[0]["token"]
        with pytest.raises(TooLargeError):
            approval.succeed(token, "x" * 256 * 1024)
        approval.succeed(token, "é" * 100)

        assert self.ended(testbed, "Approval", execution).output == "é" * 100

    def test_an_execution_is_stopped(self, testbed: Testbed, case: str) -> None:
        approval = testbed.resource("Approval")
        execution = approval.start({"case": case})
        token = self.seen(testbed, case)[0]["token"]
        approval.stop(execution, error="Withdrawn", cause="by the customer")
        seen = self.ended(testbed, "Approval", execution)

        assert seen.status == "ABORTED"
        with pytest.raises(TaskTokenError):
            approval.succeed(token, {})
        approval.stop(execution)
        assert self.ended(testbed, "Approval", execution).status == "ABORTED"

    def test_a_workflow_sends_publishes_and_calls_another(self, testbed: Testbed, case: str) -> None:
        output = testbed.resource("Courier").run({"case": case}, timeout=PATIENCE)

        assert output["awaited"] == "nothing"
        assert list(output["sent"]) == ["MessageId"]
        self.eventually(lambda: labels(self.rows(testbed, case)) >= {"sent", "published"})
        self.seen(testbed, case, by="Hear")

    def test_a_workflow_keeps_and_reads_an_item_as_the_language_has_it(self, testbed: Testbed, case: str) -> None:
        keeper = testbed.resource("Keeper")

        assert keeper.run({"case": case, "pages": 635}, timeout=PATIENCE) == {"pages": "635"}
        assert testbed.resource("Books").get((case, "Moby Dick"))["pages"] == 635
        assert keeper.run({"case": case, "pages": 1}, timeout=PATIENCE) == "known"

    def test_whoever_starts_it_is_known_to_its_tasks(self, testbed: Testbed, case: str) -> None:
        order = {"workflow": "Resilient", "input": {"case": case, "label": "traced"}}
        told = testbed.resource("Launch").invoke(order)
        self.ended(testbed, "Resilient", told["execution"])
        row = self.seen(testbed, case)[0]

        assert row["correlation"] == told["correlation"]
        assert set(row["payload"]) - {"isthmus"} == {"case", "label"}

    def test_an_unknown_execution_is_not_found(self, testbed: Testbed, case: str) -> None:
        flow = testbed.resource("Flow")
        execution = flow.start({"case": case, "numbers": [], "kind": "x"})
        for unknown in ("", "nonsense", execution[:-4] + "0000", execution + "/../../x", "é"):
            with pytest.raises(ExecutionNotFoundError):
                flow.describe(unknown)

    @pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 81, 7], ids=repr)
    def test_a_name_that_some_provider_would_refuse_is_refused_by_all(self, testbed: Testbed, name: Any) -> None:
        with pytest.raises(InvalidValueError):
            testbed.resource("Flow").start({}, name=name)

    @pytest.mark.parametrize(
        "given", [{1, 2}, object(), float("nan"), {"isthmus": 1}], ids=["set", "object", "nan", "reserved"]
    )
    def test_an_input_that_is_no_json_is_refused(self, testbed: Testbed, given: Any) -> None:
        with pytest.raises((InvalidValueError, TypeError)):
            testbed.resource("Flow").start(given)

    @requires("workflow.express", _express)
    def test_an_express_workflow_answers_at_once(self, testbed: Testbed, case: str) -> None:
        assert testbed.resource("Express").run({"case": case}, timeout=PATIENCE)["case"] == case

    @requires("workflow.jsonata", _expressions)
    def test_a_workflow_computes_in_jsonata(self, testbed: Testbed, case: str) -> None:
        output = testbed.resource("Expressions").run({"case": case, "numbers": [1, 2, 3.5]}, timeout=PATIENCE)

        assert output == {"sum": 6.5, "case": case}
