"""Task tokens: whatever a token says, nobody but Workflows is asked, and for nothing but a callback of the workflow."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import AccessDeniedError
from isthmus.workflow_errors import TaskTokenError
from isthmus_gcp.clients.callbacks import path_of
from isthmus_gcp.services import Services
from tests.gcp.clients.http_double import HttpDouble
from tests.gcp.clients.linked import PROJECT, linked

HOST = "https://workflowexecutions.googleapis.com"
WORKFLOW = "orders-test-approve"
PATH = f"/v1/projects/{PROJECT}/locations/europe-west1/workflows/{WORKFLOW}/executions/e-1/callbacks/0_7f3a"
BY_NUMBER = PATH.replace(PROJECT, "123456789012")


@pytest.fixture
def approve(services: Services, executions: HttpDouble) -> Any:
    return linked(services, "workflow", WORKFLOW, ["complete"], name="Approve")


def test_a_task_is_completed_by_a_post_of_its_output(approve: Any, executions: HttpDouble) -> None:
    approve.succeed(HOST + BY_NUMBER, {"by": "Ada"})
    (asked,) = executions.asked

    assert (asked.method, asked.path, asked.document) == ("POST", BY_NUMBER, {"output": {"by": "Ada"}})


def test_a_task_fails_by_a_post_of_its_error(approve: Any, executions: HttpDouble) -> None:
    approve.fail(HOST + PATH, "Refused", "too dear")

    assert executions.asked[0].document == {"error": "Refused", "cause": "too dear"}


def test_a_token_that_names_another_host_is_answered_by_workflows_alone(
    approve: Any, executions: HttpDouble, functions: HttpDouble
) -> None:
    approve.succeed(f"http://{functions.host}{PATH}")

    assert functions.asked == []
    assert [asked.path for asked in executions.asked] == [PATH]


@pytest.mark.parametrize(
    "token",
    [
        "",
        PATH,
        HOST,
        f"ftp://host{PATH}",
        f"https://who@host{PATH}",
        f"{HOST}{PATH.replace(WORKFLOW, 'orders-test-other')}",
        f"{HOST}{PATH.replace(WORKFLOW, WORKFLOW + '-2')}",
        f"{HOST}{PATH}/more",
        f"{HOST}{PATH}?alt=media",
        f"{HOST}{PATH}#x",
        f"{HOST}{PATH}\n",
        f"{HOST}{PATH} ",
        f"{HOST}/x{PATH}",
        f"{HOST}{PATH.replace('/e-1/', '/../')}",
        f"{HOST}{PATH.replace('/e-1/', '/./')}",
        f"{HOST}{PATH.replace('/e-1/', '/%2e%2e/')}",
        f"{HOST}{PATH.replace('/e-1/', '/..%5c/')}",
        f"{HOST}{PATH.replace('0_7f3a', '..')}",
        f"{HOST}{PATH.replace(PROJECT, '..')}",
        f"{HOST}{PATH.replace('e-1', 'é')}",
        HOST + PATH.replace("e-1", "e" * 9) + "/" * 9,
        None,
        7,
        b"https",
    ],
    ids=repr,
)
def test_what_is_no_token_of_the_workflow_is_refused_and_nobody_is_asked(
    approve: Any, executions: HttpDouble, token: Any
) -> None:
    for complete, *why in ((approve.succeed,), (approve.fail, "E"), (approve.heartbeat,)):
        with pytest.raises(TaskTokenError):
            complete(token, *why)

    assert executions.asked == []


def test_a_heartbeat_looks_at_the_token_and_asks_nobody(approve: Any, executions: HttpDouble) -> None:
    approve.heartbeat(HOST + PATH)

    assert executions.asked == []


@pytest.mark.parametrize("status", [400, 404, 409, 410])
def test_a_token_that_nothing_waits_for_any_more_is_told_as_that(
    approve: Any, executions: HttpDouble, status: int
) -> None:
    executions.answer = lambda _: (status, {"error": {"message": "gone"}})

    with pytest.raises(TaskTokenError):
        approve.succeed(HOST + PATH)


def test_a_refusal_of_the_service_is_none_of_the_tokens_fault(approve: Any, executions: HttpDouble) -> None:
    executions.answer = lambda _: (403, {"error": {"status": "PERMISSION_DENIED", "message": "no"}})

    with pytest.raises(AccessDeniedError):
        approve.succeed(HOST + PATH)


def test_who_may_only_start_completes_nothing(services: Services, executions: HttpDouble) -> None:
    client = linked(services, "workflow", WORKFLOW, ["start"], name="Approve")

    for complete in (client.succeed, client.heartbeat):
        with pytest.raises(AccessDeniedError):
            complete(HOST + PATH)
    assert executions.asked == []


def test_a_long_token_is_looked_at_in_little_time() -> None:
    for token in (HOST + "/" * 200_000, HOST + "/v1/projects/" + "." * 200_000, "https://" + "a" * 200_000):
        with pytest.raises(TaskTokenError):
            path_of(token, WORKFLOW)
