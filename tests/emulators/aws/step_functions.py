"""Runs definitions on ministack's Step Functions, with tasks that answer what a test says: a few milliseconds each.

    outcome = run(definition, {"n": 1}, {"Pay": [{"error": "Flaky"}, {"result": {"paid": True}}]})
    assert (outcome.status, outcome.calls["Pay"]) == ("SUCCEEDED", [{"n": 1}, {"n": 1}])

Waits and the intervals of retries take no time. What ministack does otherwise than AWS, and nobody corrects, is in
`corrections/workflows.py`.
"""

from __future__ import annotations

import atexit
import json
import threading
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from tests.emulators.aws.corrections.workflows import SCRIPT
from tests.emulators.aws.ministack import Ministack, start

_STARTING = threading.Lock()


@dataclass(frozen=True)
class Outcome:
    """What an execution has come to; `calls` are the arguments of each call of a task, by its state's name."""

    status: str
    output: Any
    error: str
    cause: str
    calls: Mapping[str, Sequence[Any]]


def run(
    definition: Mapping[str, Any],
    given: Any,
    tasks: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    server: Ministack | None = None,
) -> Outcome:
    """Run a definition and return what it came to.

    `tasks` are the answers of each Task by its state's name, one for each call: `{"result": …}`, or `{"error": …,
    "cause": …}`. The last one is given again to whoever calls again; a task without any returns what it is given.
    `server` is a ministack other than the one that is kept for this.
    """
    client = (server or _server()).client("stepfunctions")
    machine = client.create_state_machine(
        name=f"m-{uuid.uuid4().hex}",
        definition=json.dumps(_scripted(definition, tasks)),
        roleArn="arn:aws:iam::123456789012:role/test",
    )["stateMachineArn"]
    ended = client.start_sync_execution(stateMachineArn=machine, input=json.dumps(given))
    calls = _calls(client, ended["executionArn"])
    client.delete_state_machine(stateMachineArn=machine)
    succeeded = ended["status"] == "SUCCEEDED"
    output = json.loads(ended["output"]) if succeeded else None
    return Outcome(ended["status"], output, ended.get("error", ""), ended.get("cause", ""), calls)


def _server() -> Ministack:
    with _STARTING:
        return _kept()


@cache
def _kept() -> Ministack:
    """Start the ministack whose waits take no time; it ends with this process."""
    server = start(variables={"SFN_WAIT_SCALE": "0"})
    atexit.register(server.stop)
    return server


def _scripted(value: Any, tasks: Mapping[str, Sequence[Mapping[str, Any]]]) -> Any:
    """Return a machine, and all within it, with scripted tasks."""
    states = {name: _scripted_state(name, state, tasks) for name, state in value["States"].items()}
    return {**value, "States": states}


def _scripted_state(name: str, state: Mapping[str, Any], tasks: Mapping[str, Sequence[Mapping[str, Any]]]) -> Any:
    changed = dict(state)
    if state.get("Type") == "Task":
        changed["Resource"] = SCRIPT + json.dumps({"state": name, "answers": list(tasks.get(name, ()))})
    if "Branches" in state:
        changed["Branches"] = [_scripted(branch, tasks) for branch in state["Branches"]]
    for processor in ("Iterator", "ItemProcessor"):
        if processor in state:
            changed[processor] = _scripted(state[processor], tasks)
    return changed


def _calls(client: Any, execution: str) -> Mapping[str, Sequence[Any]]:
    calls: dict[str, list[Any]] = {}
    for page in client.get_paginator("get_execution_history").paginate(executionArn=execution):
        for event in page["events"]:
            told = event.get("taskSubmittedEventDetails")
            if told:
                calls.setdefault(told["resource"], []).append(json.loads(told["output"]))
    return calls
