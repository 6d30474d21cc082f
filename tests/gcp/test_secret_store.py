"""`isthmus secret`, on Secret Manager's double."""

from __future__ import annotations

import itertools
from collections.abc import Generator
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.errors import InvalidValueError, SecretNotSetError, TooLargeError
from isthmus.links import Identity, Link
from isthmus.tool_ports import KeepsSecrets
from isthmus_gcp import provider
from isthmus_gcp.clients.secret import SecretClient
from isthmus_gcp.names import physical_name
from isthmus_gcp.secret_store import VALUE_LIMIT, SecretNotDeployedError, SecretStore
from isthmus_gcp.services import Services
from tests.emulators.environment import environment
from tests.emulators.gcp.parts.secrets import Secrets, secrets

__all__ = ["secrets"]

NUMBERS = itertools.count()


class Shop:
    """An app on a stage of its own, with a secret that has no value."""

    def __init__(self, server: Secrets) -> None:
        self.target = Target("gcp", f"s{next(NUMBERS)}", account="here", region="europe-west1")
        self.app = App("shop")
        self._client = server.client()
        self.store = SecretStore("shop", self.target)
        self.make("Key")

    def physical(self, name: str) -> str:
        return physical_name(self.app, self.target, "secret", name)

    def make(self, name: str) -> None:
        replication: dict[str, Any] = {"replication": {"automatic": {}}}
        self._client.create_secret(parent="projects/here", secret_id=self.physical(name), secret=replication)

    def add(self, name: str, data: bytes) -> None:
        """Add a version as somebody else would."""
        path = f"projects/here/secrets/{self.physical(name)}"
        self._client.add_secret_version(parent=path, payload={"data": data})

    def read(self, name: str) -> str:
        """Return the value as a function gets it."""
        identity = Identity(app="shop", stage="s", provider="gcp", function="f", account="here", region="r")
        return SecretClient(Link("secret", name, self.physical(name), ("read",)), Services(identity)).value()


@pytest.fixture
def shop(secrets: Secrets) -> Generator[Shop]:
    with environment(secrets.variables):
        yield Shop(secrets)


def test_a_value_that_is_set_is_what_functions_read(shop: Shop) -> None:
    first = shop.store.set("Key", "é" * 10)
    again = shop.store.set("Key", "new")

    assert (first, again) == (1, 2)
    assert shop.read("Key") == "new"


def test_secrets_with_a_value_are_listed_with_their_versions(shop: Shop) -> None:
    shop.make("Other")
    shop.make("Empty")
    shop.store.set("Other", "x")
    shop.store.set("Key", "x")
    shop.add("Key", b"of somebody else")

    assert [tuple(info) for info in shop.store.list()] == [("Key", 2), ("Other", 1)]


def test_a_removed_secret_has_no_value_and_its_versions_are_destroyed(shop: Shop) -> None:
    shop.store.set("Key", "one")
    shop.store.set("Key", "two")
    removed, again = shop.store.remove("Key"), shop.store.remove("Key")

    assert (removed, again) == (True, False)
    assert shop.store.list() == []
    with pytest.raises(SecretNotSetError):
        shop.read("Key")


def test_a_secret_can_be_set_again_after_it_was_removed(shop: Shop) -> None:
    shop.store.set("Key", "one")
    shop.store.remove("Key")

    assert shop.store.set("Key", "two") == 2
    assert shop.read("Key") == "two"


def test_a_secret_that_is_not_deployed_is_told_with_what_to_do(shop: Shop) -> None:
    with pytest.raises(SecretNotDeployedError, match="pulumi up"):
        shop.store.set("Nowhere", "x")

    assert not shop.store.remove("Nowhere")


@pytest.mark.parametrize("value", ["", None, b"bytes", "\ud800"])
def test_what_is_no_text_is_refused(shop: Shop, value: str) -> None:
    with pytest.raises(InvalidValueError):
        shop.store.set("Key", value)


def test_a_value_over_the_limit_is_refused_and_one_at_it_is_not(shop: Shop) -> None:
    with pytest.raises(TooLargeError):
        shop.store.set("Key", "x" * (VALUE_LIMIT + 1))

    assert shop.store.set("Key", "x" * VALUE_LIMIT) == 1


def test_the_provider_keeps_secrets_here(shop: Shop) -> None:
    assert isinstance(provider, KeepsSecrets)
    assert provider.secrets("shop", shop.target).set("Key", "x") == 1


def test_no_value_is_in_a_repr(shop: Shop) -> None:
    shop.store.set("Key", "hidden")

    assert "hidden" not in repr(shop.store)
