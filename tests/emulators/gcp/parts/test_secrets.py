"""What we rely on of Secret Manager, asked of the double through Google's own client: each fact with its page.

https://cloud.google.com/secret-manager/docs/reference/rpc/google.cloud.secretmanager.v1 unless a test names another.
"""

from __future__ import annotations

import itertools
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from importlib import import_module
from typing import Any

import pytest
from google.api_core.exceptions import AlreadyExists, FailedPrecondition, InvalidArgument, NotFound

from tests.emulators.gcp.parts.secrets import Secrets, secrets

__all__ = ["secrets"]

NUMBERS = itertools.count()
AUTOMATIC: dict[str, Any] = {"replication": {"automatic": {}}}


def checksum(data: bytes) -> int:
    value: int = import_module("google_crc32c").value(data)
    return value


class Vault:
    """A secret by a name of its own."""

    def __init__(self, server: Secrets, *, parent: str = "projects/isthmus", **properties: Any) -> None:
        self.client = server.client()
        self.id = f"secret-{next(NUMBERS)}"
        self.name = f"{parent}/secrets/{self.id}"
        described = properties if "/locations/" in parent else {**AUTOMATIC, **properties}
        self.made = self.client.create_secret(request={"parent": parent, "secret_id": self.id, "secret": described})

    def add(self, text: str | bytes = "text", **payload: Any) -> Any:
        data = text.encode() if isinstance(text, str) else text
        request = {"parent": self.name, "payload": {"data": data, **payload}}
        return self.client.add_secret_version(request=request)

    def read(self, version: str = "latest") -> bytes:
        reply = self.client.access_secret_version(name=f"{self.name}/versions/{version}")
        data: bytes = reply.payload.data
        return data


def test_a_version_is_read_by_its_number_and_the_newest_as_latest(secrets: Secrets) -> None:
    vault = Vault(secrets)

    vault.add("one")
    vault.add(b"\0\xff")

    assert (vault.read("1"), vault.read("2"), vault.read()) == (b"one", b"\0\xff", b"\0\xff")


def test_a_name_in_a_response_has_the_number_of_the_project(secrets: Secrets) -> None:
    vault = Vault(secrets)
    added = vault.add()

    accessed = vault.client.access_secret_version(name=f"{vault.name}/versions/latest")

    assert accessed.name == added.name
    _, project, *rest = added.name.split("/")
    assert project.isdecimal()
    assert rest == ["secrets", vault.id, "versions", "1"]
    assert vault.client.access_secret_version(name=added.name).payload.data == b"text"


def test_what_is_read_has_its_checksum(secrets: Secrets) -> None:
    """https://cloud.google.com/secret-manager/docs/data-integrity"""
    vault = Vault(secrets)
    vault.add("text", data_crc32c=checksum(b"text"))

    payload = vault.client.access_secret_version(name=f"{vault.name}/versions/1").payload

    assert payload.data_crc32c == checksum(b"text")


def test_a_damaged_payload_is_refused(secrets: Secrets) -> None:
    vault = Vault(secrets)

    with pytest.raises(InvalidArgument):
        vault.add("text", data_crc32c=1)
    with pytest.raises(NotFound):
        vault.read()


@pytest.mark.parametrize(("size", "fits"), [(0, False), (1, True), (65_536, True), (65_537, False)])
def test_a_payload_has_one_byte_to_64_kib(secrets: Secrets, size: int, fits: bool) -> None:
    """https://cloud.google.com/secret-manager/quotas"""
    vault = Vault(secrets)

    if fits:
        vault.add(b"x" * size)
        assert len(vault.read()) == size
    else:
        with pytest.raises(InvalidArgument):
            vault.add(b"x" * size)


@pytest.mark.parametrize("version", ["1", "0", "2", "latest", "unknown", "-1", "1.0"])
def test_a_version_that_is_not_there_is_not_found(secrets: Secrets, version: str) -> None:
    with pytest.raises(NotFound):
        Vault(secrets).read(version)


def test_a_secret_that_is_not_there_is_not_found(secrets: Secrets) -> None:
    client = secrets.client()
    name = "projects/isthmus/secrets/nobody"

    with pytest.raises(NotFound):
        client.get_secret(name=name)
    with pytest.raises(NotFound):
        client.access_secret_version(name=f"{name}/versions/latest")
    with pytest.raises(NotFound):
        client.add_secret_version(parent=name, payload={"data": b"x"})
    with pytest.raises(NotFound):
        client.delete_secret(name=name)


def test_a_secret_is_made_once(secrets: Secrets) -> None:
    vault = Vault(secrets)

    with pytest.raises(AlreadyExists):
        vault.client.create_secret(parent="projects/isthmus", secret_id=vault.id, secret=AUTOMATIC)


@pytest.mark.parametrize("name", ["", "a b", "a/b", "ä", "a.b", "x" * 256])
def test_an_id_that_cannot_be_is_refused(secrets: Secrets, name: str) -> None:
    """https://cloud.google.com/secret-manager/docs/creating-and-accessing-secrets"""
    with pytest.raises(InvalidArgument):
        secrets.client().create_secret(parent="projects/isthmus", secret_id=name, secret=AUTOMATIC)


def test_a_global_secret_says_how_it_is_replicated(secrets: Secrets) -> None:
    """https://cloud.google.com/secret-manager/docs/choosing-replication"""
    with pytest.raises(InvalidArgument):
        secrets.client().create_secret(parent="projects/isthmus", secret_id="no-replication", secret={})


def test_a_regional_secret_is_another_than_the_global_one(secrets: Secrets) -> None:
    """https://cloud.google.com/secret-manager/regional-secrets/create-regional-secret"""
    region = "projects/isthmus/locations/europe-west1"
    vault = Vault(secrets, parent=region)
    vault.add("regional")

    assert vault.read() == b"regional"
    with pytest.raises(NotFound):
        vault.client.get_secret(name=f"projects/isthmus/secrets/{vault.id}")
    with pytest.raises(InvalidArgument):
        vault.client.create_secret(parent=region, secret_id="replicated", secret=AUTOMATIC)


# States: https://cloud.google.com/secret-manager/docs/managing-secret-versions


def test_a_disabled_version_is_not_read_until_it_is_enabled(secrets: Secrets) -> None:
    vault = Vault(secrets)
    name = vault.add("text").name

    assert vault.client.disable_secret_version(name=name).state.name == "DISABLED"
    with pytest.raises(FailedPrecondition, match="DISABLED"):
        vault.read("1")
    assert vault.client.enable_secret_version(name=name).state.name == "ENABLED"
    assert vault.read("1") == b"text"


def test_latest_is_the_newest_version_also_when_it_is_disabled(secrets: Secrets) -> None:
    vault = Vault(secrets)
    vault.add("old")
    vault.client.disable_secret_version(name=vault.add("new").name)

    with pytest.raises(FailedPrecondition):
        vault.read("latest")


def test_a_destroyed_version_is_gone_for_good_and_its_number_too(secrets: Secrets) -> None:
    vault = Vault(secrets)
    name = vault.add("text").name

    destroyed = vault.client.destroy_secret_version(name=name)

    assert (destroyed.state.name, "destroy_time" in destroyed) == ("DESTROYED", True)
    for change in ("enable_secret_version", "disable_secret_version", "destroy_secret_version"):
        with pytest.raises(FailedPrecondition):
            getattr(vault.client, change)(name=name)
    with pytest.raises(FailedPrecondition):
        vault.read("1")
    assert vault.add("again").name.endswith("/versions/2")


def test_versions_are_listed_the_newest_first_page_by_page(secrets: Secrets) -> None:
    vault = Vault(secrets)
    for number in range(5):
        vault.add(str(number))
    vault.client.destroy_secret_version(name=f"{vault.name}/versions/2")

    listed = vault.client.list_secret_versions(request={"parent": vault.name, "page_size": 2})
    enabled = vault.client.list_secret_versions(request={"parent": vault.name, "filter": "state:ENABLED"})

    assert [version.name[-1] for version in listed] == ["5", "4", "3", "2", "1"]
    assert [version.name[-1] for version in enabled] == ["5", "4", "3", "1"]


def test_a_secret_is_deleted_with_its_versions(secrets: Secrets) -> None:
    vault = Vault(secrets)
    vault.add()

    vault.client.delete_secret(name=vault.name)

    with pytest.raises(NotFound):
        vault.read("1")
    vault.client.create_secret(parent="projects/isthmus", secret_id=vault.id, secret=AUTOMATIC)
    assert vault.add("again").name.endswith("/versions/1")


def test_secrets_are_listed_of_one_project_the_newest_first(secrets: Secrets) -> None:
    vaults = [Vault(secrets, parent="projects/listed") for _ in range(3)]

    listed = vaults[0].client.list_secrets(request={"parent": "projects/listed", "page_size": 2})

    assert [secret.name.rpartition("/")[2] for secret in listed] == [vault.id for vault in reversed(vaults)]
    assert list(vaults[0].client.list_secrets(parent="projects/liste")) == []


def test_properties_are_changed_by_a_mask(secrets: Secrets) -> None:
    vault = Vault(secrets, labels={"a": "1"}, annotations={"b": "2"})

    changed = vault.client.update_secret(
        secret={"name": vault.name, "labels": {"c": "3"}}, update_mask={"paths": ["labels"]}
    )

    assert (dict(changed.labels), dict(changed.annotations)) == ({"c": "3"}, {"b": "2"})
    with pytest.raises(InvalidArgument):
        vault.client.update_secret(secret={"name": vault.name}, update_mask={"paths": ["replication"]})


def test_a_version_is_read_by_an_alias(secrets: Secrets) -> None:
    """https://cloud.google.com/secret-manager/docs/assign-alias-to-secret-version"""
    vault = Vault(secrets)
    vault.add("one")
    vault.add("two")
    vault.client.update_secret(
        secret={"name": vault.name, "version_aliases": {"prod": 1}}, update_mask={"paths": ["version_aliases"]}
    )

    assert vault.read("prod") == b"one"


def test_a_stale_etag_changes_nothing(secrets: Secrets) -> None:
    """https://cloud.google.com/secret-manager/docs/etags"""
    vault = Vault(secrets)
    version = vault.add("text")
    vault.client.disable_secret_version(name=version.name)

    with pytest.raises(FailedPrecondition):
        vault.client.destroy_secret_version(request={"name": version.name, "etag": version.etag})
    with pytest.raises(FailedPrecondition):
        vault.client.delete_secret(request={"name": vault.name, "etag": '"stale"'})
    vault.client.delete_secret(request={"name": vault.name, "etag": vault.made.etag})


def test_a_secret_expires(secrets: Secrets) -> None:
    """https://cloud.google.com/secret-manager/docs/secret-expiration"""
    vault = Vault(secrets, ttl=timedelta(seconds=0.3))
    vault.add("text")
    assert vault.read() == b"text"
    time.sleep(0.4)

    with pytest.raises(NotFound):
        vault.read()


def test_versions_added_at_once_have_different_numbers(secrets: Secrets) -> None:
    vault = Vault(secrets)

    def add(number: int) -> str:
        return str(vault.add(str(number)).name)

    with ThreadPoolExecutor(8) as pool:
        names = set(pool.map(add, range(40)))

    assert len(names) == 40


@pytest.mark.parametrize("name", ["", "x", "projects/a", "projects/a/secrets/", "projects/a/secrets/b/versions"])
def test_a_name_that_cannot_be_is_refused(secrets: Secrets, name: str) -> None:
    with pytest.raises(InvalidArgument):
        secrets.client().get_secret(name=name)


def test_a_server_ends_with_its_block() -> None:
    with Secrets() as server:
        client = server.client()

    with pytest.raises(Exception, match=r"UNAVAILABLE|failed to connect"):
        client.get_secret(name="projects/a/secrets/b", timeout=2, retry=None)
