"""The function client: calls, and starts through Cloud Tasks; a double answers for both.

What it answers is what `isthmus_gcp.events.task` and Google's front end do:
https://cloud.google.com/run/docs/troubleshooting.
"""

from __future__ import annotations

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest

from isthmus import context as contexts
from isthmus.errors import (
    AccessDeniedError,
    InvalidValueError,
    InvocationFailedError,
    ServiceError,
    TooLargeError,
)
from isthmus.testing.factories import context
from isthmus_gcp import wire
from isthmus_gcp.services import Services
from tests.gcp.clients.http_double import Asked, HttpDouble
from tests.gcp.clients.linked import ACCOUNT, PROJECT, TASKS, linked, services_of
from tests.gcp.clients.tokens import handed_out

PATH = f"/{PROJECT}/europe-west1/orders-test-reserve"


@pytest.fixture
def reserve(services: Services, metadata: HttpDouble) -> Any:
    """Return the client of a linked function; the metadata server tells who this one is."""
    metadata.answer = handed_out
    properties = {"inbox": "orders-test-Reserve-start"}
    return linked(services, "function", "orders-test-reserve", ["invoke"], name="Reserve", properties=properties)


def test_a_call_is_a_signed_request_with_the_envelope(reserve: Any, functions: HttpDouble) -> None:
    functions.answer = lambda _: (200, {"reserved": 3})
    token = contexts.current.set(context(correlation_id="c-1", traceparent=f"00-{'a' * 32}-{'b' * 16}-01"))
    try:
        result = reserve.invoke({"sku": "é"})
    finally:
        contexts.current.reset(token)
    (asked,) = functions.asked
    claims = json.loads(base64.urlsafe_b64decode(asked.headers["authorization"].split(".")[1] + "=="))

    assert result == {"reserved": 3}
    assert (asked.method, asked.path, asked.document) == ("POST", PATH, {"sku": "é"})
    assert claims["aud"] == f"http://{functions.host}{PATH}"
    assert asked.headers["content-type"] == "application/json"
    assert asked.headers["isthmus-correlation-id"] == "c-1"
    assert asked.headers["traceparent"].startswith(f"00-{'a' * 32}-")


@pytest.mark.parametrize("result", [None, 1, "text", [1], {"a": None}])
def test_any_json_comes_back(reserve: Any, functions: HttpDouble, result: Any) -> None:
    functions.answer = lambda _: (200, json.dumps(result).encode())

    assert reserve.invoke() == result
    assert functions.asked[0].body == b"null"


def test_an_exception_is_named(reserve: Any, functions: HttpDouble) -> None:
    functions.answer = lambda _: (500, {"error": {"type": "OutOfStock", "message": "none left"}})

    with pytest.raises(InvocationFailedError, match="none left") as raised:
        reserve.invoke()
    assert (raised.value.function, raised.value.type) == ("Reserve", "OutOfStock")


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (504, b"upstream request timeout", "Timeout"),
        (503, b"malformed response or connection error", "Http503"),
        (500, b"<html>Internal Server Error</html>", "Http500"),
        (500, b'{"error": "text"}', "Http500"),
        (500, b'{"error": {"code": 500}}', "Http500"),
        (502, b"", "Http502"),
    ],
)
def test_a_function_that_was_ended_has_failed(
    reserve: Any, functions: HttpDouble, status: int, body: bytes, kind: str
) -> None:
    functions.answer = lambda _: (status, body)

    with pytest.raises(InvocationFailedError) as raised:
        reserve.invoke()
    assert raised.value.type == kind
    assert len(functions.asked) == 1  # it may have done something: it is not asked again


@pytest.mark.parametrize("status", [401, 403])
def test_a_call_that_google_refuses_names_the_grant(reserve: Any, functions: HttpDouble, status: int) -> None:
    functions.answer = lambda _: (status, b"Your client does not have permission")

    with pytest.raises(AccessDeniedError) as raised:
        reserve.invoke()
    assert str(status) in raised.value.__notes__[0]


@pytest.mark.parametrize(("status", "body"), [(404, b"no such function"), (200, b"no JSON"), (200, b"[" * 9999)])
def test_an_answer_that_makes_no_sense_is_an_error(
    reserve: Any, functions: HttpDouble, status: int, body: bytes
) -> None:
    functions.answer = lambda _: (status, body)

    with pytest.raises(ServiceError, match="'Reserve'"):
        reserve.invoke()


def test_a_call_that_reached_no_instance_is_made_again(reserve: Any, functions: HttpDouble) -> None:
    functions.answer = lambda _: (429, b"Rate exceeded.") if len(functions.asked) < 3 else (200, b"1")

    assert reserve.invoke() == 1


def test_where_no_instance_is_free_for_long_it_says_so(environment: None, reserve: Any, functions: HttpDouble) -> None:
    functions.answer = lambda _: (429, b"Rate exceeded.")
    busy = linked(services_of(deadline=0.3), "function", "orders-test-reserve", ["invoke"], name="Reserve")

    with pytest.raises(ServiceError, match="429: Rate exceeded"):
        busy.invoke()


def test_a_dead_address_fails_in_time(reserve: Any, functions: HttpDouble, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLOUD_FUNCTIONS_EMULATOR_HOST", "127.0.0.1:1")
    dead = linked(services_of(), "function", "orders-test-reserve", ["invoke"], name="Reserve")
    start = time.monotonic()

    with pytest.raises(ServiceError, match="invoke was not answered"):
        dead.invoke()
    assert time.monotonic() - start < 2


def test_what_is_no_json_or_too_large_is_refused(reserve: Any) -> None:
    with pytest.raises(InvalidValueError):
        reserve.invoke({"a": 1j})
    with pytest.raises(TooLargeError):
        reserve.invoke("x" * 32 * 1024 * 1024)
    with pytest.raises(TooLargeError):
        reserve.start("x" * 256 * 1024)
    with pytest.raises(InvalidValueError):
        reserve.start(None, delay=901)


def test_without_the_verb_nothing_is_asked() -> None:
    client = linked(services_of(), "function", "reserve", [], name="Reserve")

    with pytest.raises(AccessDeniedError):
        client.invoke()
    with pytest.raises(AccessDeniedError):
        client.start()


def test_many_calls_at_once_share_connections_and_a_token(
    reserve: Any, functions: HttpDouble, metadata: HttpDouble
) -> None:
    functions.answer = lambda asked: (200, asked.body)
    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(reserve.invoke, range(200))) == list(range(200))

    assert functions.connections <= 16
    assert len([asked for asked in metadata.asked if "identity" in asked.path]) == 1


# Starts


def made(asked: Asked) -> tuple[int, Any]:
    return 200, {"name": f"{asked.path.removeprefix('/v2/')}/t-1"}


def test_a_start_is_a_task_that_calls_the_function(reserve: Any, functions: HttpDouble, tasks: HttpDouble) -> None:
    tasks.answer = made
    token = contexts.current.set(context(correlation_id="c-1"))
    try:
        identifier = reserve.start({"a": 1}, delay=90)
    finally:
        contexts.current.reset(token)
    (asked,) = tasks.asked
    task = asked.document["task"]
    request = task["httpRequest"]
    address = f"http://{functions.host}{PATH}"

    assert identifier == "t-1"
    assert asked.path == f"/v2/{TASKS}/tasks"
    assert (request["url"], request["httpMethod"]) == (address, "POST")
    assert json.loads(base64.b64decode(request["body"])) == {"a": 1}
    assert request["oidcToken"] == {"serviceAccountEmail": ACCOUNT, "audience": address}
    assert request["headers"][wire.SOURCE_HEADER] == "orders-test-Reserve-start"
    assert request["headers"]["isthmus-correlation-id"] == "c-1"
    assert 88 < datetime.fromisoformat(task["scheduleTime"]).timestamp() - time.time() <= 90
    assert task["dispatchDeadline"] == "1800s"  # the function's own timeout is what ends it


def test_a_start_without_a_delay_is_due_at_once(reserve: Any, functions: HttpDouble, tasks: HttpDouble) -> None:
    tasks.answer = made
    reserve.start()

    assert "scheduleTime" not in tasks.asked[0].document["task"]


def test_a_start_that_cloud_tasks_does_not_take_is_told(reserve: Any, functions: HttpDouble, tasks: HttpDouble) -> None:
    tasks.answer = lambda _: (404, {"error": {"message": "Queue does not exist.", "status": "NOT_FOUND"}})

    with pytest.raises(ServiceError, match="Queue does not exist"):
        reserve.start()


def test_a_function_that_nobody_may_start_says_what_to_do(services: Services, functions: HttpDouble) -> None:
    with pytest.raises(ServiceError, match="deploy the app again"):
        linked(services, "function", "reserve", ["invoke"], name="Reserve").start()
