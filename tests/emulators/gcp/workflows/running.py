"""An execution that runs in a thread of its own, in real time, and what the API tells of it.

https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions
"""

from __future__ import annotations

import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tests.emulators.gcp.metadata import NUMBER
from tests.emulators.gcp.workflows.clock import RealClock
from tests.emulators.gcp.workflows.execution import Execution
from tests.emulators.gcp.workflows.failures import CancelledError
from tests.emulators.gcp.workflows.http_calls import Http
from tests.emulators.gcp.workflows.values import decoded, encoded
from tests.emulators.gcp.workflows.workflow import Outcome, Workflow, built_in

BASIC = ("name", "startTime", "endTime", "duration", "state", "workflowRevisionId", "createTime")
"""What a list tells of each where nobody asks for more."""


def numbered(name: str) -> str:
    """Return a resource's name with the project's number, as the API tells it, whatever it was asked by."""
    collection, _, *rest = name.split("/")
    return "/".join((collection, NUMBER, *rest))


@dataclass(frozen=True, slots=True)
class Revision:
    """A workflow as it has been deployed: its executions go on with it when another takes its place."""

    name: str
    number: str
    workflow: Workflow
    account: str
    variables: Mapping[str, str] = field(default_factory=dict[str, str])

    def environment(self, execution: str) -> Mapping[str, str]:
        """Return the variables of an execution: https://cloud.google.com/workflows/docs/reference/environment-variables."""
        _, project, _, location, _, workflow = self.name.split("/")
        identifier = {"GOOGLE_CLOUD_WORKFLOW_EXECUTION_ID": execution}
        return {**self.variables, **built_in(project, location, workflow, self.number, self.account), **identifier}


class Run:
    """One execution."""

    def __init__(self, name: str, revision: Revision, asked: Mapping[str, Any]) -> None:
        self.name = name
        self.revision = revision
        self.made = datetime.now(UTC)
        self._asked = asked
        self._ended: datetime | None = None
        self._outcome: Outcome | None = None
        self._execution: Execution | None = None
        self._known = threading.Event()

    def start(self, http: Http, base: str) -> None:
        """Begin."""
        threading.Thread(target=self._run, args=(http, base), daemon=True).start()

    def cancel(self) -> bool:
        """End it as it stands; whether it still ran."""
        self._known.wait(10)
        if self._outcome is not None or self._execution is None:
            return False
        self._execution.loop.stop(CancelledError())
        return True

    @property
    def execution(self) -> Execution | None:
        """What runs; None where it does not, any more or yet."""
        self._known.wait(10)
        return None if self._outcome else self._execution

    @property
    def state(self) -> str:
        """Its state, as the API names it."""
        return self._outcome.state if self._outcome else "ACTIVE"

    def told(self, view: str = "FULL") -> dict[str, Any]:
        """Return what the API tells of it."""
        told: dict[str, Any] = {
            "name": numbered(self.name),
            "createTime": stamp(self.made),
            "startTime": stamp(self.made),
            "state": self.state,
            "argument": self._asked.get("argument", "null"),
            "workflowRevisionId": self.revision.number,
            "callLogLevel": self._asked.get("callLogLevel", "CALL_LOG_LEVEL_UNSPECIFIED"),
            "labels": self._asked.get("labels") or {},
            **self._end(),
        }
        return {key: value for key, value in told.items() if view != "BASIC" or key in BASIC}

    def _end(self) -> dict[str, Any]:
        outcome, ended = self._outcome, self._ended
        if outcome is None or ended is None:
            return {}
        told: dict[str, Any] = {
            "endTime": stamp(ended),
            "duration": f"{(ended - self.made).total_seconds():.6f}s",
            "result": outcome.result,
            "error": outcome.error,
        }
        return {key: value for key, value in told.items() if value is not None}

    def _run(self, http: Http, base: str) -> None:
        outcome = self._tried(http, base)
        self._ended = datetime.now(UTC)
        self._outcome = outcome

    def _tried(self, http: Http, base: str) -> Outcome:
        """Run it; a fault of this double is told as well, or who waits for the end would wait for ever."""
        argument = decoded(self._asked.get("argument", "null"))
        environment = self.revision.environment(self.name.rpartition("/")[2])
        try:
            return self.revision.workflow.run(
                argument, http=http, clock=RealClock(), environment=environment, base=base, started=self._begun
            )
        except Exception as error:
            traceback.print_exc()
            told = encoded({"message": f"fault of the double: {error!r}", "tags": ["SystemError"]})
            return Outcome("FAILED", None, {"payload": told, "context": traceback.format_exc()}, ())

    def _begun(self, execution: Execution) -> None:
        self._execution = execution
        self._known.set()


def stamp(at: datetime) -> str:
    """Return a time as the API tells it."""
    return at.isoformat().replace("+00:00", "Z")
