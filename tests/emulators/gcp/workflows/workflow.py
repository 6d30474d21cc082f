"""A deployed workflow, and what comes of running it.

`deploy` refuses what Google would refuse; `Workflow.run` runs it in this process, in virtual time where no clock is
given:

    workflow = deploy(source)
    outcome = workflow.run({"name": "Ada"}, http=lambda request: json_response({"ok": True}))
    assert outcome.state == "SUCCEEDED"

An execution's result and its error are JSON text; its argument has at most 32 KB.
https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions#Execution
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.emulators.gcp.workflows.checks import problems
from tests.emulators.gcp.workflows.clock import Clock, VirtualClock
from tests.emulators.gcp.workflows.execution import Execution
from tests.emulators.gcp.workflows.failures import CancelledError, DeploymentError, Raised, failure
from tests.emulators.gcp.workflows.http_calls import Http, HttpRequest, HttpResponse, NotConnectedError
from tests.emulators.gcp.workflows.interpreter import Frame, called
from tests.emulators.gcp.workflows.routines import MAIN, routines
from tests.emulators.gcp.workflows.scopes import Scope
from tests.emulators.gcp.workflows.steps import Routine
from tests.emulators.gcp.workflows.values import decoded, encoded

ARGUMENT = 32 * 1024
"""The most bytes of an argument: https://cloud.google.com/workflows/quotas#resource_limits."""

Started = Callable[[Execution], None]


class ArgumentError(ValueError):
    """An argument with which no execution begins."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an execution has ended: `error` is `{"payload": JSON text, "context": …}`, `result` is JSON text as well."""

    state: str
    result: str | None
    error: Mapping[str, str] | None
    steps: tuple[str, ...]
    logs: tuple[tuple[str, Any], ...] = ()
    seconds: float = 0.0
    memory: int = 0

    @property
    def value(self) -> Any:
        """The result as a value."""
        return decoded(self.result or "null")

    @property
    def raised(self) -> Any:
        """What was raised, as a value; None where nothing was."""
        return decoded(self.error["payload"]) if self.error else None


@dataclass(frozen=True, slots=True)
class Workflow:
    """A workflow that can be run, from any thread."""

    routines: Mapping[str, Routine]

    def run(
        self,
        argument: Any = None,
        *,
        http: Http | None = None,
        clock: Clock | None = None,
        environment: Mapping[str, str] | None = None,
        base: str = "",
        started: Started | None = None,
    ) -> Outcome:
        """Run it to its end.

        `http` answers its requests; none reaches anybody without. `environment` has variables beside, or instead of,
        the built-in ones. Addresses of callbacks begin with `base`. `started` gets the execution before it begins: its
        `callbacks.send` is how a test answers a callback, `loop.stop` how it is cancelled.
        """
        if len(encoded(argument).encode()) > ARGUMENT:
            raise ArgumentError(f"the argument has more than {ARGUMENT} bytes")
        variables = {**built_in(), **(environment or {})}
        execution = Execution(
            self.routines, clock or VirtualClock(), http or _nobody, variables, base or _base(variables)
        )
        if started:
            started(execution)
        begun = execution.now()
        state, result, error = _ended(execution, argument)
        took = execution.now() - begun
        return Outcome(state, result, error, tuple(execution.steps), tuple(execution.logs), took, execution.memory.most)


def deploy(source: str) -> Workflow:
    """Return the workflow that a source describes; `DeploymentError` with all that Google would refuse."""
    try:
        found = routines(source)
        wrong = problems(found)
    except RecursionError:
        raise DeploymentError(["parse error: nested too deep"]) from None
    if wrong:
        raise DeploymentError(wrong)
    return Workflow(found)


def built_in(
    project: str = "test-project",
    location: str = "europe-west1",
    workflow: str = "workflow",
    revision: str = "000001-abc",
    account: str = "workflow@test-project.iam.gserviceaccount.com",
) -> Mapping[str, str]:
    """Return the variables that every execution has.

    https://cloud.google.com/workflows/docs/reference/stdlib/sys/get_env
    """
    return {
        "GOOGLE_CLOUD_PROJECT_ID": project,
        "GOOGLE_CLOUD_PROJECT_NUMBER": "123456789012",
        "GOOGLE_CLOUD_LOCATION": location,
        "GOOGLE_CLOUD_WORKFLOW_ID": workflow,
        "GOOGLE_CLOUD_WORKFLOW_REVISION_ID": revision,
        "GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID": str(uuid.uuid4()),
        "GOOGLE_CLOUD_SERVICE_ACCOUNT_NAME": account,
    }


def _base(variables: Mapping[str, str]) -> str:
    keys = ("PROJECT_ID", "LOCATION", "WORKFLOW_ID", "WORKFLOW_EXECUTION_ID")
    project, location, workflow, execution = (variables[f"GOOGLE_CLOUD_{key}"] for key in keys)
    path = f"projects/{project}/locations/{location}/workflows/{workflow}/executions/{execution}"
    return f"https://workflowexecutions.googleapis.com/v1/{path}"


def _nobody(request: HttpRequest) -> HttpResponse:
    raise NotConnectedError(f"{request.method} {request.url}: nobody answers")


def _ended(execution: Execution, argument: Any) -> tuple[str, str | None, Mapping[str, str] | None]:
    frame = Frame(execution, MAIN, Scope(execution.memory))
    params = execution.routines[MAIN].params
    try:
        result = execution.loop.run(called(frame, MAIN, dict.fromkeys(params, argument)))
        return "SUCCEEDED", encoded(result), None
    except CancelledError:
        return "CANCELLED", None, None
    except RecursionError:
        return _failed(failure("SystemError", "a value is nested too deep"))
    except Raised as error:
        return _failed(error)


def _failed(error: Raised) -> tuple[str, None, Mapping[str, str]]:
    return "FAILED", None, {"payload": encoded(error.value), "context": error.context}
