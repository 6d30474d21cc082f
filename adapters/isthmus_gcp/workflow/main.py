"""The main workflow: it makes the context object, and names the error that an execution fails with.

What an execution fails with is `{"Error": …, "Cause": …}`, and `"Status": "TIMED_OUT"` where its own time was over.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_EXECUTION = (
    '${"projects/" + sys.get_env("GOOGLE_CLOUD_PROJECT_NUMBER") + "/locations/" + sys.get_env("GOOGLE_CLOUD_LOCATION")'
    ' + "/workflows/" + sys.get_env("GOOGLE_CLOUD_WORKFLOW_ID") + "/executions/"'
    ' + sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")}'
)


_CONTEXT = {
    "Execution": {
        "Id": "${execution}",
        "Input": "${args}",
        "Name": '${sys.get_env("GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID")}',
        "RoleArn": "",
        "StartTime": "${time.format(sys.now())}",
        "RedriveCount": 0,
    },
    "StateMachine": {
        "Id": '${sys.get_env("GOOGLE_CLOUD_WORKFLOW_ID")}',
        "Name": '${sys.get_env("GOOGLE_CLOUD_WORKFLOW_ID")}',
    },
}

_GIVEN: Mapping[str, Any] = {"data": "${args}", "context": "${context}", "variables": {}, "envelope": "${envelope}"}


def main(timeout: Any) -> Mapping[str, Any]:
    """Return the main workflow; `timeout` is the seconds that an execution may take, None where nothing is said."""
    begun = [{"execution": _EXECUTION}, {"context": _CONTEXT}, {"output": None}]
    until = [] if timeout is None else [{'envelope["until"]': f"${{sys.now() + {timeout}}}"}]
    named: list[Any] = [_step("name_error", "states_error", {"e": "${e}"}, "error")]
    if until:
        named.append(_step("late", "states_late", {"error": "${error}", "until": "${envelope.until}"}, "error"))
    machine: Mapping[str, Any] = {"call": "machine", "args": _GIVEN, "result": "output"}
    return {
        "params": ["args"],
        "steps": [
            _step("envelope", "states_envelope", {"input": "${args}"}, "envelope"),
            {"init": {"assign": [*begun, *until]}},
            {"run": {"try": machine, "except": {"as": "e", "steps": [*named, {"fail": {"raise": "${error}"}}]}}},
            {"give": {"return": "${output}"}},
        ],
    }


def _step(name: str, called: str, arguments: Mapping[str, Any], result: str) -> Mapping[str, Any]:
    return {name: {"call": called, "args": arguments, "result": result}}
