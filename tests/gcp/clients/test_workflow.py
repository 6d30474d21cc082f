"""The workflow client; a double answers as the REST API of executions does.

https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions
"""

from __future__ import annotations

import json
import time
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from isthmus import context as contexts
from isthmus.errors import AccessDeniedError, InvalidValueError, ServiceError, TooLargeError
from isthmus.testing.factories import context
from isthmus_gcp.clients import sent
from isthmus_gcp.services import Services
from tests.emulators.gcp.firestore.process import Firestore
from tests.gcp.clients.at_once import at_once
from tests.gcp.clients.google import firestore_library
from tests.gcp.clients.http_double import Answer, Asked, HttpDouble
from tests.gcp.clients.linked import PROJECT, VARIABLES, linked, services_of

WORKFLOW = f"projects/{PROJECT}/locations/europe-west1/workflows/orders-test-process"


class Workflows:
    """The executions that were started, the newest first in a listing, in pages of two."""

    def __init__(self) -> None:
        self.executions: list[dict[str, Any]] = []

    def __call__(self, asked: Asked) -> Answer:
        address = urlsplit(asked.path)
        assert address.path == f"/v1/{WORKFLOW}/executions"
        if asked.method == "GET":
            return 200, self._page({name: values[0] for name, values in parse_qs(address.query).items()})
        made = {"name": f"{WORKFLOW}/executions/{uuid.uuid4()}", "createTime": datetime.now(UTC), **asked.document}
        self.executions.insert(0, made)
        return 200, {"name": made["name"], "state": "ACTIVE"}

    def _page(self, asked: dict[str, str]) -> Any:
        since = datetime.fromisoformat(asked["filter"].split('"')[1])
        found = [made for made in self.executions if made["createTime"] > since]
        start = int(asked.get("pageToken", 0))
        shown = [{"name": made["name"], "labels": made.get("labels", {})} for made in found[start : start + 2]]
        assert asked["view"] == "FULL"  # labels are not in the basic one
        return {"executions": shown, **({"nextPageToken": str(start + 2)} if start + 2 < len(found) else {})}


@pytest.fixture
def workflows(executions: HttpDouble) -> Workflows:
    executions.answer = workflows = Workflows()
    return workflows


@pytest.fixture
def database(firestore: Firestore) -> Any:
    """Return a client of a new database for the notes."""
    name = f"sent-{uuid.uuid4().hex[:8]}"
    firestore.create_database(PROJECT, name)
    return firestore.client(PROJECT, name)


@pytest.fixture
def named(environment: None, database: Any, workflows: Workflows) -> Any:
    """Return a client that can remember names."""
    return process(services_of(variables={**VARIABLES, "ISTHMUS_SENT": database._database}))


def process(services: Services) -> Any:
    return linked(services, "workflow", "orders-test-process", ["start"], name="Process")


def test_an_execution_has_its_input_and_the_envelope(services: Services, workflows: Workflows) -> None:
    token = contexts.current.set(context(correlation_id="c-1", traceparent=f"00-{'a' * 32}-{'b' * 16}-01"))
    try:
        identifier = process(services).start({"n": "é"})
    finally:
        contexts.current.reset(token)
    (made,) = workflows.executions
    argument = json.loads(made["argument"])

    assert identifier == made["name"]
    assert argument.pop("isthmus")["isthmus-correlation-id"] == "c-1"
    assert argument == {"n": "é"}


def test_an_input_that_is_no_object_goes_as_it_is(services: Services, workflows: Workflows) -> None:
    process(services).start([1, 2])
    process(services).start()

    assert workflows.executions[1]["argument"] == "[1,2]"
    assert set(json.loads(workflows.executions[0]["argument"])) == {"isthmus"}


def test_an_input_that_workflows_does_not_take_is_refused(services: Services) -> None:
    for given, error in (({"isthmus": 1}, InvalidValueError), ({1j}, InvalidValueError), ("x" * 32768, TooLargeError)):
        with pytest.raises(error):
            process(services).start(given)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "x" * 81, 5, "a\n"])
def test_a_name_that_not_every_provider_takes_is_refused(services: Services, name: Any) -> None:
    with pytest.raises(InvalidValueError):
        process(services).start(name=name)


def test_a_second_start_by_the_same_name_returns_the_first_ones(named: Any, workflows: Workflows) -> None:
    first = named.start({"n": 1}, name="one")

    assert named.start({"n": 2}, name="one") == first
    assert named.start(name="two") != first
    assert len(workflows.executions) == 2


def test_of_many_starts_by_one_name_at_once_one_starts(named: Any, workflows: Workflows) -> None:
    ids = set(at_once(lambda _: named.start(name="one"), 16))

    assert len(ids) == len(workflows.executions) == 1


def test_an_execution_is_started_once_where_the_answer_is_lost(
    named: Any, workflows: Workflows, executions: HttpDouble
) -> None:
    def lost(asked: Asked) -> Answer:
        answered = workflows(asked)
        return (503, b"gone") if asked.method == "POST" else answered

    executions.answer = lost

    assert named.start(name="one") == workflows.executions[0]["name"]
    assert len(workflows.executions) == 1


def test_a_start_by_name_is_given_up_before_another_starter_takes_it_over(
    named: Any, executions: HttpDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sent, "HURRY", 0.5)
    executions.answer = lambda asked: (503, b"busy") if asked.method == "POST" else (200, {})
    began = time.monotonic()
    with pytest.raises(ServiceError, match="busy"):
        named.start(name="one")

    assert time.monotonic() - began < 3


def forget(database: Any, **fields: Any) -> None:
    """Make of the only note one whose starter has died before it noted the execution."""
    (note,) = database.collection(sent.COLLECTION).list_documents()
    at = datetime.now(UTC) - timedelta(seconds=sent.HELD + 1)
    note.update({"at": at, "id": firestore_library.DELETE_FIELD, **fields})


def test_an_execution_whose_starter_died_before_it_noted_it_is_found_again(
    named: Any, workflows: Workflows, database: Any
) -> None:
    first = named.start(name="one")
    for _ in range(5):
        named.start()  # which push it onto another page
    forget(database)

    assert named.start(name="one") == first
    assert len(workflows.executions) == 6


def test_where_the_starter_died_before_it_started_the_next_one_does(
    named: Any, workflows: Workflows, database: Any
) -> None:
    named.start(name="one")
    workflows.executions.clear()
    forget(database)

    assert named.start(name="one") == workflows.executions[0]["name"]


def test_a_workflow_that_is_not_there_is_told(services: Services, executions: HttpDouble) -> None:
    executions.answer = lambda _: (404, {"error": {"status": "NOT_FOUND", "message": "no workflow"}})

    with pytest.raises(ServiceError, match="no workflow"):
        process(services).start()


def test_a_name_that_nobody_could_remember_says_what_to_do(environment: None, workflows: Workflows) -> None:
    with pytest.raises(ServiceError, match="deploy the app again"):
        process(services_of(variables={})).start(name="one")
    assert workflows.executions == []


def test_without_the_verb_nothing_is_asked() -> None:
    with pytest.raises(AccessDeniedError):
        linked(services_of(), "workflow", "process", [], name="Process").start()


@pytest.mark.parametrize("project", [PROJECT, "123456789012"])
def test_an_execution_is_found_whether_its_name_has_the_projects_id_or_its_number(
    services: Services, executions: HttpDouble, project: str
) -> None:
    name = f"{WORKFLOW.replace(PROJECT, project, 1)}/executions/e-1"
    found = {"name": name, "state": "SUCCEEDED", "argument": "{}", "result": "7", "startTime": "2026-01-01T00:00:00Z"}
    executions.answer = lambda _: (200, found)
    client = linked(services, "workflow", "orders-test-process", ["read", "stop"], name="Process")

    assert client.describe(name).output == 7
    client.stop(name)
    assert [asked.path for asked in executions.asked] == [
        f"/v1/{WORKFLOW}/executions/e-1?view=FULL",
        f"/v1/{WORKFLOW}/executions/e-1:cancel",
    ]


def test_an_execution_that_is_queued_runs_for_us_since_it_was_made(services: Services, executions: HttpDouble) -> None:
    """It has no `startTime` until it begins.

    https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions#State
    """
    name = f"{WORKFLOW}/executions/e-1"
    executions.answer = lambda _: (200, {"name": name, "state": "QUEUED", "createTime": "2026-01-01T00:00:00Z"})
    seen = linked(services, "workflow", "orders-test-process", ["read"], name="Process").describe(name)

    assert (seen.status, seen.started, seen.stopped) == ("RUNNING", 1767225600.0, None)
