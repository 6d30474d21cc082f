"""Secrets."""

from __future__ import annotations

import copy
import pickle
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus import ports, resource
from isthmus.declarations.app import App
from isthmus.errors import SecretNotSetError
from isthmus.links import Identity
from isthmus_local.clients.secret import SecretClient
from isthmus_local.secret_store import SecretStore
from tests.local.desk import Desk

HIDDEN = "s3cr3t-value"


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    app = App("shop")
    app.secret("Token")
    desk = Desk(app, tmp_path)
    yield desk
    desk.database.close()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def token(desk: Desk, clock: Clock) -> SecretClient:
    return SecretClient(desk.link("Token"), desk, stage="dev", clock=clock)


@pytest.fixture
def store(tmp_path: Path) -> SecretStore:
    return SecretStore(tmp_path)


def test_a_secret_has_the_value_that_was_set(token: SecretClient, store: SecretStore) -> None:
    port: ports.Secret = token
    store.set("Token", HIDDEN)

    assert port.value() == HIDDEN
    assert port.name == "shop-test-Token"


def test_a_secret_without_a_value_says_how_to_set_it(token: SecretClient, store: SecretStore) -> None:
    with pytest.raises(SecretNotSetError, match=r"'dev'\. Set it: isthmus secret set Token"):
        token.value()

    store.set("Token", HIDDEN)
    assert token.value() == HIDDEN, "that it was not set is not remembered"


def test_the_stage_of_the_running_function_is_named(desk: Desk) -> None:
    identity = Identity(app="shop", stage="feature-7", provider="local", function="f")
    running = resource.scope.set(resource.Scope(identity, {}))
    try:
        with pytest.raises(SecretNotSetError, match="feature-7"):
            SecretClient(desk.link("Token"), desk).value()
    finally:
        resource.scope.reset(running)


def test_a_value_is_asked_for_again_after_a_while(
    token: SecretClient, store: SecretStore, clock: Clock, desk: Desk
) -> None:
    store.set("Token", "old")
    assert [token.value() for _ in range(3)] == ["old"] * 3
    assert len(desk.calls) == 1

    store.set("Token", "new")
    clock.now = 300.0

    assert token.value() == "new"


def test_a_value_that_was_removed_is_not_kept_for_ever(token: SecretClient, store: SecretStore, clock: Clock) -> None:
    store.set("Token", HIDDEN)
    token.value()
    store.remove("Token")
    clock.now = 300.0

    with pytest.raises(SecretNotSetError):
        token.value()


def test_an_empty_value_is_a_value(token: SecretClient, store: SecretStore) -> None:
    store.set("Token", "")

    assert token.value() == ""


def test_a_secret_is_in_no_repr_no_copy_and_no_traceback(token: SecretClient, store: SecretStore) -> None:
    store.set("Token", HIDDEN)
    token.value()

    assert HIDDEN not in f"{token!r} {token} {[token]}"
    assert repr(token) == "<Secret Token>"
    assert not hasattr(token, "__dict__")
    with pytest.raises(TypeError):
        pickle.dumps(token)
    with pytest.raises(TypeError):
        copy.copy(token)
    with pytest.raises(AttributeError) as caught:
        token.valeu  # type: ignore[attr-defined]  # noqa: B018  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnusedExpression]
    assert HIDDEN not in "".join(traceback.format_exception(caught.value))
