"""Connectors: calls of Google's APIs by HTTP, with the token of the workflow's account.

- https://cloud.google.com/workflows/docs/reference/googleapis/pubsub/Overview
- https://cloud.google.com/workflows/docs/reference/googleapis/workflowexecutions/Overview: `create` takes the argument
  as JSON text; `run` takes it as it is, waits for the end, and returns the result.
- A connector tries again what fails for the moment, as `http.default_retry` would (from memory), and polls what takes
  time: after 1 second, then 1.25 times as long each time, up to 60 seconds, for at most 1800 seconds.
  https://cloud.google.com/workflows/docs/connectors
- What a failed `run` raises is an `OperationError` (its form is from memory).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from tests.emulators.gcp.workflows.failures import Raised, failure
from tests.emulators.gcp.workflows.library.blocking import EXECUTIONS, PUBLISH
from tests.emulators.gcp.workflows.library.function import text
from tests.emulators.gcp.workflows.loop import until
from tests.emulators.gcp.workflows.retries import BACKOFF, matches
from tests.emulators.gcp.workflows.values import decoded, encoded, is_map

PUBSUB_API = "https://pubsub.googleapis.com"
EXECUTIONS_API = "https://workflowexecutions.googleapis.com"
AUTH = {"type": "OAuth2"}
RETRIES = 5
LONGEST = 1800.0

Send = Callable[[str, Mapping[str, Any]], Awaitable[dict[str, Any]]]
"""Sends a request of `http.*` and returns what a workflow gets of the answer."""

Given = Mapping[str, Any]


class Connectors:
    """The connectors, for one execution; `environment` says where it runs."""

    def __init__(self, send: Send, now: Callable[[], float], environment: Mapping[str, str]) -> None:
        self._send = send
        self._now = now
        self._environment = environment
        self._known: Mapping[str, Callable[[Given], Awaitable[Any]]] = {
            PUBLISH: self._publish,
            f"{EXECUTIONS}.create": self._create,
            f"{EXECUTIONS}.get": self._get,
            f"{EXECUTIONS}.cancel": self._cancel,
            f"{EXECUTIONS}.run": self._run,
        }

    async def call(self, name: str, given: Given) -> Any:
        """Call a connector by its name."""
        return await self._known[name](given)

    async def _publish(self, given: Given) -> Any:
        return await self._asked("POST", f"{PUBSUB_API}/v1/{text('topic', given['topic'])}:publish", given["body"])

    async def _create(self, given: Given) -> Any:
        argument = given["body"].get("argument", "null") if is_map(given["body"]) else None
        if not isinstance(argument, str):
            raise failure("TypeError", "body.argument must be a JSON string")
        return await self._asked("POST", _executions(text("parent", given["parent"])), given["body"])

    async def _get(self, given: Given) -> Any:
        query = {"view": given["view"]} if given["view"] else None
        return await self._asked("GET", f"{EXECUTIONS_API}/v1/{text('name', given['name'])}", None, query)

    async def _cancel(self, given: Given) -> Any:
        return await self._asked("POST", f"{EXECUTIONS_API}/v1/{text('name', given['name'])}:cancel", {})

    async def _run(self, given: Given) -> Any:
        """Start an execution, wait for its end, and return its result."""
        project = given["project_id"] or self._environment["GOOGLE_CLOUD_PROJECT_ID"]
        location = given["location"] or self._environment["GOOGLE_CLOUD_LOCATION"]
        parent = f"projects/{project}/locations/{location}/workflows/{text('workflow_id', given['workflow_id'])}"
        begun = {} if given["argument"] is None else {"argument": encoded(given["argument"])}
        execution = await self._asked("POST", _executions(parent), begun)
        ends = self._now() + _timeout(given["connector_params"])
        wait = float(BACKOFF["initial_delay"])
        while execution["state"] in ("ACTIVE", "QUEUED"):
            if self._now() + wait > ends:
                raise failure("TimeoutError", "the execution has not ended in time")
            await until(self._now() + wait)
            wait = min(wait * BACKOFF["multiplier"], BACKOFF["max_delay"])
            execution = await self._get({"name": execution["name"], "view": None})
        return _result(execution)

    async def _asked(self, method: str, url: str, body: Any, query: Any = None) -> Any:
        arguments = {"url": url, "body": body, "query": query, "auth": AUTH}
        wait = float(BACKOFF["initial_delay"])
        for attempt in range(RETRIES + 1):
            try:
                return (await self._send(method, arguments))["body"]
            except Raised as error:
                if attempt == RETRIES or not matches("http.default_retry_predicate", error.value):
                    raise
            await until(self._now() + wait)
            wait = min(wait * BACKOFF["multiplier"], BACKOFF["max_delay"])
        return None


def _executions(parent: str) -> str:
    return f"{EXECUTIONS_API}/v1/{parent}/executions"


def _timeout(params: Any) -> float:
    return float(params.get("timeout", LONGEST)) if is_map(params) else LONGEST


def _result(execution: Mapping[str, Any]) -> Any:
    if execution["state"] == "SUCCEEDED":
        return decoded(execution.get("result") or "null")
    told = {"error": execution.get("error") or {}, "operation": dict(execution)}
    raise failure("OperationError", f"execution {execution['name']} {execution['state'].lower()}", **told)
