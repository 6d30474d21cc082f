"""The service: deployed workflows, and the API of their executions.

- https://cloud.google.com/workflows/docs/reference/executions/rest: create, get, list and cancel executions, list
  their callbacks; a callback's own address takes a request of its method.
- Whoever asks needs an access token, and a role for what is asked (see `permissions`).
- An argument is JSON text of at most 32 KB. https://cloud.google.com/workflows/quotas
- Executions live in this process, and end with it.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import parse_qs

from tests.emulators.gcp.calls import Answer, Request
from tests.emulators.gcp.metadata import NUMBER
from tests.emulators.gcp.resources import Inputs, within
from tests.emulators.gcp.workflows.listing import ListingError, page
from tests.emulators.gcp.workflows.permissions import READ, RUN, allowed, caller
from tests.emulators.gcp.workflows.running import Revision, Run, numbered
from tests.emulators.gcp.workflows.sending import Outside, Sender
from tests.emulators.gcp.workflows.values import decoded, is_map
from tests.emulators.gcp.workflows.workflow import ARGUMENT, deploy

WORKFLOWS = "workflow"
"""The kind of deployed workflows."""

_WORKFLOW = r"projects/([^/]+)/locations/[^/]+/workflows/[^/]+"
_LIST = re.compile(rf"/v1/(?P<parent>{_WORKFLOW})/executions")
_ONE = re.compile(rf"/v1/(?P<name>{_WORKFLOW}/executions/[^/:]+)(?P<rest>:cancel|/callbacks(?:/[^/]+)?)?")
_FIELDS = frozenset(
    {"argument", "callLogLevel", "labels", "disableConcurrencyQuotaOverflowBuffering", "executionHistoryLevel"}
)
_JSON = ((b"content-type", b"application/json"),)


class RefusedError(Exception):
    """What the service refuses, with the HTTP status and Google's name for it."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Workflows:
    """All workflows and executions."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._revisions: dict[str, Revision] = {}
        self._runs: dict[str, Run] = {}
        self._numbers = 0
        outside.resources.watch(WORKFLOWS, self._deployed)

    async def answer(self, request: Request) -> Answer | None:
        """Answer a request of the API; None where it is none."""
        path = request.path.decode("latin-1")
        listed, one = _LIST.fullmatch(path), _ONE.fullmatch(path)
        try:
            if listed:
                return self._of_workflow(request, listed["parent"])
            return self._of_execution(request, one["name"], one["rest"] or "") if one else None
        except RefusedError as refused:
            error = {"code": refused.status, "message": str(refused), "status": refused.code}
            return Answer(refused.status, json.dumps({"error": error}).encode(), _JSON)

    def stop(self) -> None:
        """End all executions."""
        for run in self._runs.values():
            run.cancel()

    def _deployed(self, name: str, inputs: Inputs | None) -> None:
        if inputs is None:
            self._revisions.pop(name, None)
            return
        self._numbers += 1
        account = str(inputs.get("serviceAccount") or f"{NUMBER}-compute@developer.gserviceaccount.com")
        self._revisions[name] = Revision(
            name,
            f"{self._numbers:06}-{uuid.uuid4().hex[:3]}",
            deploy(str(inputs["sourceContents"])),
            account.rpartition("/")[2],
            {key: str(value) for key, value in within(inputs, "userEnvVars").items()},
        )

    def _of_workflow(self, request: Request, name: str) -> Answer:
        if request.method == "POST":
            self._permitted(request, name, RUN)
            return _json(self._create(name, _document(request.body)).told())
        if request.method != "GET":
            raise RefusedError(404, "NOT_FOUND", "The requested URL was not found on this server.")
        self._permitted(request, name, READ)
        self._revision(name)
        return _json(self._listed(name, request))

    def _of_execution(self, request: Request, name: str, rest: str) -> Answer:
        roles = READ if request.method == "GET" and rest in ("", "/callbacks") else RUN
        run = self._runs.get(numbered(name))
        self._permitted(request, run.name if run else name, roles)
        if run is None:
            raise RefusedError(404, "NOT_FOUND", f"execution {name} was not found")
        if rest.startswith("/callbacks/"):
            return _called_back(run, rest.rpartition("/")[2], request)
        act = _ACTS.get((request.method, rest))
        if act is None:
            raise RefusedError(404, "NOT_FOUND", "The requested URL was not found on this server.")
        return act(run, request)

    def _permitted(self, request: Request, name: str, roles: Collection[str]) -> None:
        email = caller(request)
        if not email:
            raise RefusedError(401, "UNAUTHENTICATED", "Request is missing required authentication credential.")
        if not allowed(self._outside.resources, email, name.split("/")[1], roles):
            raise RefusedError(403, "PERMISSION_DENIED", f"{email} may not do this on {name}")

    def _create(self, name: str, asked: Mapping[str, Any]) -> Run:
        revision = self._revision(name)
        _checked(asked)
        run = Run(f"{name}/executions/{uuid.uuid4()}", revision, asked)
        self._runs[numbered(run.name)] = run
        run.start(Sender(self._outside, revision.account), f"{self._outside.origin}/v1/{run.name}")
        return run

    def _revision(self, name: str) -> Revision:
        if name not in self._revisions:
            raise RefusedError(404, "NOT_FOUND", f"workflow {name} was not found")
        return self._revisions[name]

    def _listed(self, name: str, request: Request) -> Mapping[str, Any]:
        query = parse_qs(request.target.partition(b"?")[2].decode())
        asked = {key: values[0] for key, values in query.items()}
        here = [run for run in self._runs.values() if run.name.startswith(f"{name}/executions/")]
        try:
            return page([run.told() for run in reversed(here)], asked)
        except ListingError as error:
            raise RefusedError(400, "INVALID_ARGUMENT", str(error)) from None


def _document(body: bytes) -> Mapping[str, Any]:
    try:
        found: Any = json.loads(body or b"{}")
    except (ValueError, RecursionError) as error:
        raise RefusedError(400, "INVALID_ARGUMENT", f"Invalid JSON payload received. {error}") from None
    if not is_map(found):
        raise RefusedError(400, "INVALID_ARGUMENT", "Invalid JSON payload received: no object.")
    return found


def _checked(asked: Mapping[str, Any]) -> None:
    """Refuse what no execution can be made of."""
    unknown = set(asked) - _FIELDS
    argument = asked.get("argument", "null")
    if unknown:
        raise RefusedError(400, "INVALID_ARGUMENT", f"Unknown names {sorted(unknown)} at 'execution'")
    if not isinstance(argument, str) or len(argument.encode("utf-8", "replace")) > ARGUMENT:
        raise RefusedError(400, "INVALID_ARGUMENT", f"argument is JSON text of at most {ARGUMENT} bytes")
    try:
        decoded(argument)
    except (ValueError, RecursionError):
        raise RefusedError(400, "INVALID_ARGUMENT", "argument is no valid JSON") from None


def _get(run: Run, request: Request) -> Answer:
    view = parse_qs(request.target.partition(b"?")[2].decode()).get("view", ["FULL"])[0]
    return _json(run.told(view))


def _cancel(run: Run, _request: Request) -> Answer:
    if not run.cancel():
        raise RefusedError(400, "FAILED_PRECONDITION", f"execution {run.name} has ended already")
    return _json({**run.told(), "state": "CANCELLED"})


def _callbacks(run: Run, _request: Request) -> Answer:
    endpoints = run.execution.callbacks.endpoints if run.execution else ()
    told = [
        {"name": f"{run.name}/callbacks/{one.identifier}", "method": one.method, "waiters": str(len(one.waiting))}
        for one in endpoints
    ]
    return _json({"callbacks": told})


def _called_back(run: Run, identifier: str, request: Request) -> Answer:
    execution = run.execution
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in request.headers}
    headers.pop("authorization", None)
    query = request.target.partition(b"?")[2].decode("latin-1")
    status = 404
    if execution:
        status = execution.callbacks.receive(identifier, request.method, query, headers, request.body)
    if status == 404:
        raise RefusedError(404, "NOT_FOUND", f"callback {identifier} was not found")
    if status == 429:
        raise RefusedError(429, "RESOURCE_EXHAUSTED", f"callback {identifier} has been called already")
    return _json({})


_ACTS: Mapping[tuple[str, str], Callable[[Run, Request], Answer]] = {
    ("GET", ""): _get,
    ("POST", ":cancel"): _cancel,
    ("GET", "/callbacks"): _callbacks,
}


def _json(value: Mapping[str, Any]) -> Answer:
    return Answer(200, json.dumps(value).encode(), _JSON)
