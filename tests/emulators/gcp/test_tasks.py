"""Cloud Tasks, over the sample: each fact that `dispatch.tasks` stands for."""

from __future__ import annotations

import json
import time
import uuid
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from http.client import HTTPConnection
from itertools import pairwise
from typing import Any

import pytest

from isthmus.testing.waiting import wait_until
from tests.emulators.gcp.sample.deployed import Sample, sample

__all__ = ["sample"]


@pytest.fixture
def case() -> str:
    return uuid.uuid4().hex


def create(sample: Sample, url: str, body: bytes = b"", *, queue: str = "", **task: Any) -> tuple[int, dict[str, Any]]:
    """Create a task and return the status and what the API answers."""
    request = {"url": url, "body": b64encode(body).decode(), **task.pop("request", {})}
    connection = HTTPConnection(sample.google.address, timeout=20)
    try:
        path = f"/v2/{queue or sample.outputs['tasks']}/tasks"
        connection.request("POST", path, json.dumps({"task": {"httpRequest": request, **task}}))
        response = connection.getresponse()
        return response.status, json.loads(response.read())
    finally:
        connection.close()


def oidc(sample: Sample) -> Mapping[str, Any]:
    return {"oidcToken": {"serviceAccountEmail": f"sample-account@{sample.google.project}.iam.gserviceaccount.com"}}


def test_a_task_is_called_with_its_body_headers_and_token(sample: Sample, case: str) -> None:
    headers = {"x-own": "1", "X-CloudTasks-TaskName": "forged", "content-type": "text/plain"}
    request = {**oidc(sample), "headers": headers}
    status, made = create(sample, sample.outputs["private"], case.encode(), request=request)
    told = sample.eventually("private", case)[0]

    assert status == 200
    assert (told.data, told.headers["x-own"], told.headers["content-type"]) == (case.encode(), "1", "text/plain")
    assert told.headers["x-cloudtasks-taskname"] == made["name"].rpartition("/")[2]
    assert told.headers["x-cloudtasks-taskretrycount"] == "0"
    assert told.headers["x-cloudtasks-queuename"] == sample.outputs["tasks"].rpartition("/")[2]


def test_a_task_waits_until_its_time(sample: Sample, case: str) -> None:
    due = time.time() + 1.5
    text = datetime.fromtimestamp(due, UTC).isoformat().replace("+00:00", "Z")
    create(sample, sample.outputs["public"], case.encode(), scheduleTime=text)

    assert sample.eventually("public", case)[0].at >= due - 0.01


def test_a_failing_task_is_tried_as_often_as_its_queue_says(sample: Sample, case: str) -> None:
    body = json.dumps({"message": {"data": b64encode(f"poison {case}".encode()).decode()}})
    create(sample, sample.outputs["public"], body.encode())
    found = sample.eventually("public", case, 5)
    time.sleep(1.5)
    again = sample.told("public", case)
    waits = [after.at - before.at for before, after in pairwise(found)]

    assert [told.headers["x-cloudtasks-taskretrycount"] for told in again] == ["0", "1", "2", "3", "4"]
    assert [wait >= 0.1 * 2**number - 0.02 for number, wait in enumerate(waits)] == [True] * 4


def test_without_a_token_a_private_function_is_not_reached(sample: Sample, case: str) -> None:
    create(sample, sample.outputs["private"], case.encode())
    time.sleep(1)

    assert sample.told("private", case) == []


def test_a_name_can_be_used_once(sample: Sample, case: str) -> None:
    name = f"{sample.outputs['tasks']}/tasks/{case}"
    first, _ = create(sample, sample.outputs["public"], case.encode(), name=name)
    again, refused = create(sample, sample.outputs["public"], case.encode(), name=name)
    sample.eventually("public", case)
    time.sleep(0.5)

    assert (first, again, refused["error"]["status"]) == (200, 409, "ALREADY_EXISTS")
    assert len(sample.told("public", case)) == 1


@pytest.mark.parametrize(
    ("url", "changes"),
    [
        ("ftp://nowhere", {}),
        ("http://x", {"request": {"body": "no base64"}}),
        ("http://x", {"request": {"body": b64encode(b"x" * 1_100_000).decode()}}),
        ("http://x", {"scheduleTime": "2100-01-01T00:00:00Z"}),
        ("http://x", {"scheduleTime": "tomorrow"}),
        ("http://x", {"name": "projects/p/locations/l/queues/other/tasks/t"}),
        ("http://x", {"request": {"oauthToken": {"serviceAccountEmail": "a@b"}}}),
    ],
    ids=["scheme", "body", "size", "ahead", "time", "name", "oauth"],
)
def test_what_the_service_would_refuse_is_refused(sample: Sample, url: str, changes: dict[str, Any]) -> None:
    status, answer = create(sample, url, **changes)

    assert (status, answer["error"]["status"]) == (400, "INVALID_ARGUMENT")


def test_a_queue_that_is_not_there_is_not_found(sample: Sample) -> None:
    queue = f"projects/{sample.google.project}/locations/{sample.google.region}/queues/none"

    assert create(sample, "http://x", queue=queue)[0] == 404


def test_a_task_for_pubsub_is_published_with_attributes_and_key(sample: Sample, case: str) -> None:
    topic = f"projects/{sample.google.project}/topics/sample-stored"
    message = {"data": b64encode(case.encode()).decode(), "attributes": {"a": "b"}, "orderingKey": "k"}
    body = json.dumps({"messages": [message]}).encode()
    token = {"oauthToken": {"serviceAccountEmail": "a@b"}}
    url = f"https://europe-west1-pubsub.googleapis.com/v1/{topic}:publish"
    create(sample, url, body, request=token)
    found: Any = sample.pulled("sample-stored", lambda one: one.message if case.encode() in one.message.data else None)

    assert (dict(found.attributes), found.ordering_key) == ({"a": "b"}, "k")


def test_no_more_tasks_run_at_once_than_the_queue_allows(sample: Sample, case: str) -> None:
    google = sample.google
    queue = f"projects/{google.project}/locations/{google.region}/queues/q{case}"
    google.put("queue", queue, {"rateLimits": {"maxConcurrentDispatches": 1}})
    started = time.time()
    for number in range(3):
        create(sample, f"{sample.outputs['public']}/slow?seconds=0.4&{case}-{number}", queue=queue)
    create(sample, sample.outputs["public"], f"last {case}".encode(), queue=queue)
    last = sample.eventually("public", f"last {case}")[0]

    assert last.at - started >= 1.2


def test_what_waits_outlives_a_change_of_its_queue(sample: Sample, case: str) -> None:
    google = sample.google
    queue = sample.outputs["tasks"]
    text = datetime.fromtimestamp(time.time() + 1, UTC).isoformat()
    create(sample, sample.outputs["public"], case.encode(), scheduleTime=text)
    google.put("queue", queue, google.get("queue", queue) or {})
    sample.eventually("public", case)
    time.sleep(0.5)

    assert len(sample.told("public", case)) == 1


def test_a_task_outlives_the_instance_that_dies_with_it(sample: Sample, case: str) -> None:
    create(sample, f"{sample.outputs['public']}/slow?seconds=1&{case}")
    create(sample, f"{sample.outputs['public']}/{case}")
    wait_until(lambda: sample.google.kill(sample.name("public")), 10)

    assert sample.eventually("public", case)
