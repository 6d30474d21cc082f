"""Workflows: what Google would refuse, or can do only otherwise, is told by the plan."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.gcp.rules.planning import HANDLERS, notes, problems

ENDS = {"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}}


def work(state: Any, **options: Any) -> Callable[[App], object]:
    def declare(app: App) -> None:
        app.function("Pack", f"{HANDLERS}.anything")
        app.workflow("Work", {"StartAt": "Do", "States": {"Do": state}, **options})

    return declare


def task(**fields: Any) -> dict[str, Any]:
    return {"Type": "Task", "Resource": "Pack", "End": True, **fields}


def test_a_workflow_that_can_be_compiled_is_no_problem() -> None:
    assert problems(work(task(TimeoutSeconds=60), TimeoutSeconds=600)) == []


@pytest.mark.parametrize(
    ("state", "pointer", "why"),
    [
        (task(HeartbeatSeconds=5), "/States/Do/HeartbeatSeconds", "no heartbeats"),
        (task(QueryLanguage="JSONata", Arguments={"a": "{% 1 %}"}), "/States/Do", "JSONata"),
        (task(Resource="arn:aws:states:us-east-1:1:activity:pack"), "/States/Do/Resource", "activity"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_workflows_has_no_counterpart_for_is_refused_by_name_and_place(state: Any, pointer: str, why: str) -> None:
    found = problems(work(state))

    assert len(found) == 1, found
    assert found[0].startswith(f"workflow 'Work': {pointer}")
    assert why in found[0]


def test_every_fault_of_every_workflow_is_told_at_once() -> None:
    def declare(app: App) -> None:
        app.function("Pack", f"{HANDLERS}.anything")
        for name in ("One", "Two"):
            states = {
                "A": {"Type": "Task", "Resource": "Pack", "HeartbeatSeconds": 5, "Next": "B"},
                "B": {"Type": "Task", "Resource": "Pack", "HeartbeatSeconds": 6, "End": True},
            }
            app.workflow(name, {"StartAt": "A", "States": states})

    found = problems(declare)

    assert sorted(what.partition(": Workflows")[0] for what in found) == [
        f"workflow {name!r}: /States/{state}/HeartbeatSeconds" for name in ("One", "Two") for state in ("A", "B")
    ]


def test_a_source_that_is_too_large_is_refused_with_its_size() -> None:
    states: dict[str, Any] = {
        f"S{number}": {"Type": "Pass", "Result": "x" * 4000, "Next": f"S{number + 1}"} for number in range(40)
    }
    states["S40"] = {"Type": "Succeed"}
    (found,) = problems(lambda app: app.workflow("Big", {"StartAt": "S0", "States": states}))

    assert "131,072" in found


def test_an_app_with_workflows_is_told_once_of_rights_and_of_what_they_may_come_up_against() -> None:
    def declare(app: App) -> None:
        app.workflow("One", ENDS)
        app.workflow("Two", ENDS)

    told = [note for note in notes(declare) if "workflows One, Two" in note]

    assert len(told) == 4
    for word in ("whole project", "after 100,000", "512 KB", "no order"):
        assert len([note for note in told if word in note]) == 1


def test_an_app_without_workflows_is_told_nothing_of_them() -> None:
    assert [note for note in notes(lambda app: app.queue("Work")) if "workflow" in note] == []
