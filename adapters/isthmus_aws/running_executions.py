"""The executions of a deployed workflow, as the commands of `isthmus workflow` reach them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from isthmus.declarations.workflow import Workflow
from isthmus.links import Link
from isthmus.running_executions import DeployedExecutions
from isthmus.workflow_execution import WorkflowExecution
from isthmus_aws.clients.asking import Asking
from isthmus_aws.clients.workflow import WorkflowClient, execution_of
from isthmus_aws.services import Services

_PAGE = 1000
_ENDING = "EventDetails"
_NOTHING: Mapping[str, Any] = {}


class Executions(DeployedExecutions):
    """See `isthmus.tool_ports.Executions`. Of an express workflow there are none: its log tells of them."""

    instead = "an express workflow keeps no executions; its log in CloudWatch tells of them"

    def __init__(self, declared: Workflow, client: WorkflowClient, services: Services) -> None:
        super().__init__(client)
        self.services = services
        self._is_express = declared.express
        self._machine = services.arn("states", f"stateMachine:{client.name}")
        self._asking = Asking(
            Link("workflow", declared.name, client.name, ("read", "start")), services, "stepfunctions"
        )

    def list(self, *, status: str | None = None, limit: int = 100) -> Sequence[WorkflowExecution]:
        """Return the last executions, the newest first."""
        if self._is_express:
            self._refuse(f"listing the executions of {self._client.name}")
        found: list[WorkflowExecution] = []
        wanted = {"statusFilter": status} if status else {}
        for page in self._pages("executions", "list_executions", limit, stateMachineArn=self._machine, **wanted):
            found += map(execution_of, page)
            if len(found) >= limit:
                break
        return found[:limit]

    def history(self, execution: str) -> Iterator[Mapping[str, Any]]:
        """Yield each event of an execution, in order; `frame` is 0, for Step Functions does not tell branches."""
        if self._is_express:
            self._refuse(f"showing the history of {execution}")
        self._client.describe(execution)  # tells what is no execution of this workflow
        return self._events(execution)

    def redrive(self, execution: str) -> None:
        """Let an execution go on from where it failed: within 14 days, says AWS.

        https://docs.aws.amazon.com/step-functions/latest/dg/redrive-executions.html
        """
        if self._is_express:
            self._refuse(f"redriving {execution}")
        self._client.describe(execution)
        self._asking.ask("start", "redrive_execution", executionArn=execution)

    def _events(self, execution: str) -> Iterator[Mapping[str, Any]]:
        states: dict[int, str] = {}
        for page in self._pages("events", "get_execution_history", _PAGE, executionArn=execution):
            for event in page:
                details: Mapping[str, Any] = next((event[name] for name in event if name.endswith(_ENDING)), _NOTHING)
                state = details.get("name") or states.get(event.get("previousEventId", 0), "")
                states[event["id"]] = state
                yield {
                    "id": event["id"],
                    "type": event["type"],
                    "time": event["timestamp"].timestamp(),
                    "frame": 0,
                    "state": state,
                    "details": details,
                }

    def _pages(self, what: str, operation: str, limit: int, **parameters: Any) -> Iterator[Sequence[Mapping[str, Any]]]:
        token: dict[str, str] = {}
        while True:
            page = self._asking.ask("read", operation, maxResults=min(limit, _PAGE), **parameters, **token)
            yield page[what]
            if not page.get("nextToken"):
                return
            token = {"nextToken": page["nextToken"]}
