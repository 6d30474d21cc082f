"""The secret client against a Secret Manager in a process of its own."""

from __future__ import annotations

import pickle
import uuid
from typing import Any

import pytest

from isthmus.errors import AccessDeniedError, SecretNotSetError, ServiceError
from isthmus.links import Link
from isthmus_gcp.clients.secret import SecretClient
from isthmus_gcp.services import Services
from tests.emulators.gcp.parts.secrets import Secrets
from tests.gcp.clients.at_once import at_once
from tests.gcp.clients.google import errors
from tests.gcp.clients.linked import PROJECT, linked, services_of


class Stored:
    """A secret on the emulator."""

    def __init__(self, server: Secrets) -> None:
        self.name = f"key-{uuid.uuid4().hex}"
        self.path = f"projects/{PROJECT}/secrets/{self.name}"
        self.client = server.client()
        secret: dict[str, Any] = {"replication": {"automatic": {}}}
        self.client.create_secret(parent=f"projects/{PROJECT}", secret_id=self.name, secret=secret)

    def set(self, value: bytes) -> str:
        """Add a version and return its name."""
        made: str = self.client.add_secret_version(parent=self.path, payload={"data": value}).name
        return made


@pytest.fixture
def stored(secrets: Secrets) -> Stored:
    return Stored(secrets)


def secret(services: Services, name: str, **options: Any) -> SecretClient:
    return SecretClient(Link("secret", "ApiKey", name, ("read",)), services, **options)


def test_the_latest_version_is_the_value(services: Services, stored: Stored) -> None:
    stored.set(b"first")
    stored.set("é\n".encode())

    assert secret(services, stored.name).value() == "é\n"


def test_a_value_is_kept_for_five_minutes(services: Services, stored: Stored) -> None:
    now = [1000.0]
    client = secret(services, stored.name, clock=lambda: now[0])
    stored.set(b"old")
    client.value()
    stored.set(b"new")
    now[0] += 299
    before = client.value()
    now[0] += 2

    assert (before, client.value()) == ("old", "new")


def test_a_secret_without_a_value_is_named_with_the_command_that_sets_it(services: Services, stored: Stored) -> None:
    with pytest.raises(SecretNotSetError, match="isthmus secret set ApiKey --target gcp-test"):
        secret(services, stored.name).value()
    with pytest.raises(SecretNotSetError):
        secret(services, "never-made").value()


@pytest.mark.parametrize("verb", ["disable_secret_version", "destroy_secret_version"])
def test_a_value_that_was_taken_back_is_none(services: Services, stored: Stored, verb: str) -> None:
    stored.set(b"old")
    getattr(stored.client, verb)(name=stored.set(b"new"))

    with pytest.raises(SecretNotSetError):
        secret(services, stored.name).value()


def test_bytes_that_are_no_text_are_in_no_error(services: Services, stored: Stored) -> None:
    stored.set(b"\xff\xfe hidden")

    with pytest.raises(ServiceError) as raised:
        secret(services, stored.name).value()
    assert raised.value.__cause__ is raised.value.__context__ is None
    assert "hidden" not in repr(raised.value)


def test_a_value_that_was_damaged_on_its_way_is_refused(
    services: Services, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.set(b"value")
    client = services.secrets()
    access = client.access_secret_version

    def damaged(**arguments: Any) -> Any:
        answer = access(**arguments)
        answer.payload.data_crc32c += 1
        return answer

    monkeypatch.setattr(client, "access_secret_version", damaged)

    with pytest.raises(ServiceError, match="damaged"):
        secret(services, stored.name).value()


def test_a_refusal_is_told_and_nothing_is_kept_of_it(
    services: Services, stored: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored.set(b"value")
    client, google = secret(services, stored.name), services.secrets()
    with monkeypatch.context() as patch:

        def denied(**_: Any) -> Any:
            raise errors.PermissionDenied("not yours")

        patch.setattr(google, "access_secret_version", denied)
        with pytest.raises(AccessDeniedError):
            client.value()

    assert client.value() == "value"


def test_without_the_verb_nothing_is_asked() -> None:
    with pytest.raises(AccessDeniedError):
        linked(services_of(), "secret", "key", [], name="ApiKey").value()


def test_a_value_is_in_no_repr_and_is_not_pickled(services: Services, stored: Stored) -> None:
    stored.set(b"hidden")
    client = secret(services, stored.name)
    client.value()

    assert repr(client) == "<Secret ApiKey>"
    with pytest.raises(TypeError):
        pickle.dumps(client)


def test_of_many_threads_one_asks(services: Services, stored: Stored, monkeypatch: pytest.MonkeyPatch) -> None:
    stored.set(b"value")
    google = services.secrets()
    access, asked = google.access_secret_version, list[int]()

    def counted(**arguments: Any) -> Any:
        asked.append(1)
        return access(**arguments)

    monkeypatch.setattr(google, "access_secret_version", counted)
    client = secret(services, stored.name)
    values = set(at_once(lambda _: client.value(), 64, threads=16))

    assert (values, len(asked)) == ({"value"}, 1)


def test_a_dead_endpoint_fails_in_time(environment: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_MANAGER_EMULATOR_HOST", "127.0.0.1:1")

    with pytest.raises(ServiceError, match="EMULATOR_HOST right"):
        secret(services_of(deadline=0.5), "key").value()
