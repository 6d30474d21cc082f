"""Errors that are caught, and what becomes of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.workflows.machines.machine import END, Machine, catch, fails, task

PLACES: Mapping[str, Mapping[str, Any]] = {
    "$ by default": {},
    "$": {"ResultPath": "$"},
    "$.e": {"ResultPath": "$.e"},
    "$.a.e.f": {"ResultPath": "$.a.e.f"},
    "null": {"ResultPath": None},
}
"""Where a catcher puts the error."""

CATCHES = [
    *(
        Machine(
            f"the error is put at {path}",
            {"A": task(Catch=[catch("X", **where)]), "Caught": END},
            answers={"A": fails("X")},
        )
        for path, where in PLACES.items()
    ),
    Machine(
        "the first catcher that fits takes it",
        {
            "A": task(Catch=[catch("Y", to="Other"), catch("X", "Z"), catch("States.ALL", to="Other")]),
            "Caught": END,
            "Other": {"Type": "Fail", "Error": "Wrong"},
        },
        answers={"A": fails("X")},
    ),
    Machine("no catcher fits", {"A": task(Catch=[catch("Y")]), "Caught": END}, answers={"A": fails("X")}),
    *(
        Machine(
            f"{listed} catches {error}", {"A": task(Catch=[catch(listed)]), "Caught": END}, answers={"A": fails(error)}
        )
        for listed in ("States.ALL", "States.TaskFailed", "States.Timeout", "States.Runtime")
        for error in (
            "X",
            "States.Timeout",
            "States.Runtime",
            "States.TaskFailed",
            "States.HeartbeatTimeout",
            "States.Permissions",
        )
    ),
    Machine(
        "a Fail is caught by nobody in its own machine",
        {
            "A": task(Catch=[catch("States.ALL")], Next="Bad"),
            "Bad": {"Type": "Fail", "Error": "X", "Cause": "c"},
            "Caught": END,
        },
    ),
    Machine(
        "who handles an error may fail too",
        {"A": task(Catch=[catch("States.ALL", to="B")]), "B": task(Catch=[catch("Y")]), "Caught": END},
        answers={"A": fails("X"), "B": fails("Y")},
    ),
    Machine(
        "a loop through a catcher",
        {
            "A": task(ResultPath="$.r", Catch=[catch("X", to="Wait", ResultPath="$.e")]),
            "Wait": {"Type": "Wait", "Seconds": 1, "Next": "A"},
        },
        answers={"A": fails("X", "X")},
    ),
    Machine(
        "the catcher of the state alone sees it",
        {"A": {**task(Catch=[catch("States.ALL")]), "Next": "B"} | {"End": False}, "B": task(), "Caught": END},
        answers={"B": fails("X")},
    ),
]
