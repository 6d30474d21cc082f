"""The secret client against the API of Secrets Manager: its cache, and what is never told."""

from __future__ import annotations

import logging
import pickle
import threading
import uuid
from typing import Any

import pytest

from isthmus.errors import AccessDeniedError, SecretNotSetError, ServiceError
from isthmus.links import Link
from isthmus_aws.clients.secret import REMOVED, SecretClient
from isthmus_aws.services import Services
from tests.aws.botocore_parts import ClientError, Stubber
from tests.aws.clients.linked import linked
from tests.emulators.aws.ministack import Ministack


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def name(ministack: Ministack) -> str:
    """Return the name of a new secret without a value."""
    name = f"key-{uuid.uuid4().hex}"
    ministack.client("secretsmanager").create_secret(Name=name)
    return name


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def key(services: Services, name: str, clock: Clock) -> SecretClient:
    return SecretClient(Link("secret", "ApiKey", name, ("read",)), services, clock=clock)


def put(ministack: Ministack, name: str, value: str | bytes, **options: Any) -> None:
    given = {"SecretString": value} if isinstance(value, str) else {"SecretBinary": value}
    ministack.client("secretsmanager").put_secret_value(SecretId=name, **given, **options)


def asked(services: Services) -> list[str]:
    """Return a list that grows by an entry for each question to Secrets Manager."""
    questions: list[str] = []

    def note(request: Any, **_: Any) -> None:
        questions.append(request.url)

    services.client("secretsmanager").meta.events.register("before-send.secrets-manager", note)
    return questions


def test_a_value_is_read_once_and_kept_for_five_minutes(
    ministack: Ministack, services: Services, name: str, key: SecretClient, clock: Clock
) -> None:
    put(ministack, name, "one é")
    questions = asked(services)
    values = [key.value() for _ in range(3)]
    put(ministack, name, "two")
    clock.now += 299
    values.append(key.value())
    clock.now += 1
    values.append(key.value())

    assert values == ["one é"] * 4 + ["two"]
    assert len(questions) == 2


def test_a_clock_that_was_set_back_makes_a_value_stale(
    ministack: Ministack, name: str, key: SecretClient, clock: Clock
) -> None:
    put(ministack, name, "one")
    key.value()
    put(ministack, name, "two")
    clock.now -= 3600

    assert key.value() == "two"


def test_many_threads_ask_once(ministack: Ministack, services: Services, name: str, key: SecretClient) -> None:
    put(ministack, name, "one")
    questions = asked(services)
    values: list[str] = []
    threads = [threading.Thread(target=lambda: values.append(key.value())) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert values == ["one"] * 16
    assert len(questions) == 1


def test_a_secret_without_a_value_is_named_with_the_command_that_sets_it(services: Services, key: SecretClient) -> None:
    with pytest.raises(SecretNotSetError, match="isthmus secret set ApiKey --target aws-test"):
        key.value()
    # The emulator answers with a version that has no value; AWS has none, and says that it cannot find it.
    stubber = Stubber(services.client("secretsmanager"))
    stubber.add_client_error("get_secret_value", "ResourceNotFoundException", "can't find … AWSCURRENT")
    with stubber, pytest.raises(SecretNotSetError) as caught:
        key.value()
    assert isinstance(caught.value.__cause__, ClientError)


def test_a_secret_that_is_not_deployed_has_no_value_either(services: Services) -> None:
    with pytest.raises(SecretNotSetError):
        linked(services, "secret", "no-such-secret", ["read"]).value()


def test_a_removed_value_is_no_value(ministack: Ministack, name: str, key: SecretClient) -> None:
    put(ministack, name, "removed", ClientRequestToken=f"{REMOVED}{2:016}")

    with pytest.raises(SecretNotSetError):
        key.value()


def test_bytes_are_read_where_they_are_text_and_told_without_themselves_where_not(
    ministack: Ministack, name: str, key: SecretClient, clock: Clock
) -> None:
    put(ministack, name, "né".encode())
    assert key.value() == "né"
    put(ministack, name, b"hidden\xff")
    clock.now += 300
    with pytest.raises(ServiceError) as caught:
        key.value()

    assert "hidden" not in str(caught.value)
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)


def test_the_value_is_in_no_repr_and_is_not_pickled(ministack: Ministack, name: str, key: SecretClient) -> None:
    put(ministack, name, "hush-hush")
    key.value()

    assert "hush" not in repr(key)
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_the_value_is_in_no_log_even_where_everything_is_logged(
    ministack: Ministack, name: str, key: SecretClient, caplog: pytest.LogCaptureFixture
) -> None:
    put(ministack, name, "hush-hush")
    with caplog.at_level(logging.DEBUG):
        key.value()

    assert "hush" not in caplog.text


def test_a_failure_of_the_service_is_told_and_the_value_is_read_anew(
    ministack: Ministack, services: Services, name: str, key: SecretClient
) -> None:
    put(ministack, name, "one")
    stubber = Stubber(services.client("secretsmanager"))
    stubber.add_client_error("get_secret_value", "DecryptionFailure", "the key is disabled")
    with stubber, pytest.raises(ServiceError, match="the key is disabled"):
        key.value()

    assert key.value() == "one"


def test_a_verb_that_is_not_linked_is_refused(services: Services, name: str) -> None:
    with pytest.raises(AccessDeniedError, match="Caller"):
        linked(services, "secret", name, []).value()
