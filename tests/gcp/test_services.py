"""The clients that a function's links share: made once, on first use, whoever asks, and by whom they are signed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import pytest

from isthmus.errors import ServiceError
from isthmus_gcp import services as module
from isthmus_gcp.rest import Rest, RestError
from isthmus_gcp.services import Services
from tests.gcp.clients.at_once import at_once
from tests.gcp.clients.http_double import HttpDouble
from tests.gcp.clients.linked import services_of
from tests.gcp.clients.tokens import handed_out

VARIABLES = {
    "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
    "STORAGE_EMULATOR_HOST": "127.0.0.1:1",
    "SECRET_MANAGER_EMULATOR_HOST": "127.0.0.1:1",
    "CLOUD_TASKS_EMULATOR_HOST": "127.0.0.1:1",
    "WORKFLOWS_EXECUTIONS_EMULATOR_HOST": "127.0.0.1:1",
}

MAKERS: dict[str, Callable[[Services], Any]] = {
    "publisher": Services.publisher,
    "subscriber": Services.subscriber,
    "firestore": lambda services: services.firestore("tables"),
    "storage": Services.storage,
    "secrets": Services.secrets,
    "tasks": Services.tasks,
    "executions": Services.executions,
    "http": Services.http,
}


@pytest.fixture
def emulated(monkeypatch: pytest.MonkeyPatch) -> Services:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    return services_of()


@pytest.fixture
def metadata(monkeypatch: pytest.MonkeyPatch) -> Iterator[HttpDouble]:
    """Return a metadata server, and nothing else that could tell who this is."""
    with HttpDouble() as double:
        double.answer = handed_out
        for name in (*VARIABLES, "GOOGLE_APPLICATION_CREDENTIALS", "GOOGLE_CLOUD_PROJECT"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("CLOUDSDK_CONFIG", "/nowhere")
        monkeypatch.setenv("GCE_METADATA_IP", double.host)
        monkeypatch.setattr(import_module("google.auth.compute_engine._metadata"), "_GCE_METADATA_HOST", double.host)
        yield double


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_a_client_is_made_once_for_all_threads(emulated: Services, make: Callable[[Services], Any]) -> None:
    assert len({id(client) for client in at_once(lambda _: make(emulated), 16)}) == 1


def test_each_database_has_a_client_of_its_own(emulated: Services) -> None:
    assert emulated.firestore("a") is not emulated.firestore("b")


def test_each_part_that_is_needed_is_there() -> None:
    for paths in module.NEEDED.values():
        for path in paths:
            name, _, function = path.partition(":")
            assert callable(getattr(import_module(name), function))


def test_names_lie_in_the_apps_project() -> None:
    services = services_of()

    assert services.topic_path("t") == "projects/isthmus/topics/t"
    assert services.subscription_path("s") == "projects/isthmus/subscriptions/s"


def test_messages_are_published_in_the_apps_own_region(metadata: HttpDouble) -> None:
    services = services_of()

    assert services.publisher().api_endpoint == "europe-west1-pubsub.googleapis.com"
    assert services.publish_address("t") == (
        "https://europe-west1-pubsub.googleapis.com/v1/projects/isthmus/topics/t:publish"
    )


def test_a_token_is_kept_until_shortly_before_its_end(metadata: HttpDouble) -> None:
    services = services_of()

    assert len(set(at_once(lambda _: services.id_token("https://a"), 16))) == 1
    assert len(set(at_once(lambda _: services.access_token(), 16))) == 1
    assert services.id_token("https://a") != services.id_token("https://b")


def test_whoever_asks_first_nobody_waits_for_ever(metadata: HttpDouble) -> None:
    def ask(services: Services) -> None:
        first: list[Callable[[], Any]] = [services.access_token, services.publisher, services.tasks, services.secrets]
        at_once(lambda number: first[number % 4](), 8)

    for _ in range(10):
        ask(services_of())


def test_a_token_that_is_about_to_end_is_replaced(metadata: HttpDouble) -> None:
    metadata.answer = lambda asked: handed_out(asked, seconds=100)
    services = services_of()

    assert services.access_token() != services.access_token()
    assert services.id_token("https://a") != services.id_token("https://a")


def test_without_anybody_who_knows_who_this_is_it_says_what_to_do(
    metadata: HttpDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = import_module("google.auth")

    def refuse(**_: Any) -> Any:
        raise library.exceptions.DefaultCredentialsError("who are you")

    monkeypatch.setattr(library, "default", refuse)

    with pytest.raises(ServiceError, match=r"publisher cannot be asked: who are you\. Sign in: gcloud auth"):
        services_of().publisher()


def test_a_function_is_called_with_a_token_unless_an_emulator_takes_none(
    metadata: HttpDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    services = services_of()

    assert services.function_token("https://a")
    monkeypatch.setenv("CLOUD_FUNCTIONS_EMULATOR_HOST", "127.0.0.1:1")
    monkeypatch.delenv("GCE_METADATA_HOST", raising=False)
    assert services.function_token("https://a") == ""
    monkeypatch.setenv("GCE_METADATA_HOST", metadata.host)
    assert services.function_token("https://a")


def test_nothing_of_googles_is_imported_before_it_is_needed() -> None:
    code = "import sys, isthmus_gcp.services, isthmus_gcp.wire, isthmus_gcp.clients.queue; print(*sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(found.stdout.split())

    assert "isthmus_gcp.clients.queue" in loaded
    assert not loaded & {"google.auth", "google.api_core", "google.protobuf", "grpc", "urllib3", "requests", "typing"}


def test_no_library_warns_or_leaves_a_thread_behind() -> None:
    code = """
import threading
from tests.gcp.clients.linked import services_of
from tests.gcp.test_services import MAKERS
services = services_of()
for make in MAKERS.values():
    make(services)
assert threading.active_count() == 1, threading.enumerate()
"""
    command = [sys.executable, "-W", "error", "-c", code]
    found = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **VARIABLES})

    assert (found.returncode, found.stderr) == (0, "")


# REST


@pytest.fixture
def double() -> Iterator[HttpDouble]:
    with HttpDouble() as made:
        yield made


def rest(double: HttpDouble, token: Callable[[], str] | None = None) -> Rest:
    return Rest(f"http://{double.host}", services_of().http(), token=token)


def test_a_request_is_signed_and_answered(double: HttpDouble) -> None:
    double.answer = lambda _: (200, {"a": 1})

    assert rest(double, lambda: "secret").post("/v1/x", {"b": "é"}) == {"a": 1}
    assert double.asked[0].headers["authorization"] == "Bearer secret"
    assert double.asked[0].document == {"b": "é"}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(double: HttpDouble, status: int) -> None:
    double.answer = lambda _: (200, {}) if len(double.asked) > 2 else (status, b"busy")

    assert rest(double).get("/v1/x") == {}


def test_an_answer_that_is_no_json_is_tried_again_and_told(double: HttpDouble) -> None:
    double.answer = lambda _: (200, b"<html>")

    with pytest.raises(RestError, match="not JSON"):
        rest(double).get("/v1/x", deadline=0.5)
    assert len(double.asked) > 1


def test_what_does_not_pass_fails_at_the_deadline(double: HttpDouble) -> None:
    double.answer = lambda _: (503, b"busy")

    with pytest.raises(RestError, match="busy"):
        rest(double).get("/v1/x", deadline=0.5)


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [
        (b'{"error": {"code": 400, "message": "bad", "status": "INVALID_ARGUMENT"}}', "INVALID_ARGUMENT", "bad"),
        (b'{"error": "text"}', "", '{"error": "text"}'),
        (b"[]", "", "[]"),
        (b"", "", "no reason given"),
        (b"\xff" * 9999, "", "�" * 500),
    ],
)
def test_a_refusal_is_told_as_far_as_it_can_be_read(double: HttpDouble, body: bytes, code: str, said: str) -> None:
    double.answer = lambda _: (400, body)

    with pytest.raises(RestError) as raised:
        rest(double).post("/v1/x", {})
    assert (raised.value.code, raised.value.said) == (code, said)
    assert len(double.asked) == 1
