from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import InvalidValueError
from isthmus.middleware.jwks import KeySet


class Issuer:
    """Serves a set of keys and counts who asks; its clock is set by the test."""

    def __init__(self, *key_ids: str) -> None:
        self.key_ids = key_ids
        self.fetched = 0
        self.now = 1000.0
        self.down = False

    def fetch(self) -> dict[str, Any]:
        self.fetched += 1
        if self.down:
            raise ConnectionError("down")
        return {"keys": [{"kid": key_id} for key_id in self.key_ids]}

    def keys(self) -> KeySet:
        return KeySet(self.fetch, keep=3600, pause=60, clock=lambda: self.now)


def test_keys_are_fetched_when_first_needed_and_then_kept() -> None:
    issuer = Issuer("a", "b")
    keys = issuer.keys()
    assert issuer.fetched == 0

    assert keys.find("a") == {"kid": "a"}
    assert keys.find("b") == {"kid": "b"}
    assert issuer.fetched == 1


def test_unknown_ids_that_anybody_may_invent_do_not_flood_the_issuer() -> None:
    issuer = Issuer("a")
    keys = issuer.keys()

    assert [keys.find(f"invented{i}") for i in range(100)] == [None] * 100
    assert issuer.fetched == 1

    issuer.now += 60
    issuer.key_ids = ("a", "b")
    assert keys.find("b") == {"kid": "b"}
    assert issuer.fetched == 2


def test_a_withdrawn_key_is_forgotten_after_an_hour() -> None:
    issuer = Issuer("a", "b")
    keys = issuer.keys()
    assert keys.find("a") is not None

    issuer.key_ids = ("b",)
    issuer.now += 3599
    assert keys.find("a") is not None
    issuer.now += 1
    assert keys.find("a") is None


def test_an_issuer_that_is_down_is_told_and_asked_again() -> None:
    issuer = Issuer("a")
    issuer.down = True
    keys = issuer.keys()

    with pytest.raises(ConnectionError):
        keys.find("a")
    issuer.down = False
    assert keys.find("a") is not None


def test_a_token_without_an_id_gets_the_only_key() -> None:
    assert KeySet({"keys": [{"kid": "a"}]}).find(None) == {"kid": "a"}
    assert KeySet({"keys": [{"kid": "a"}, {"kid": "b"}]}).find(None) is None
    assert KeySet({"keys": []}).find("a") is None


def test_keys_that_are_not_for_signatures_are_left_out() -> None:
    keys = KeySet(
        {"keys": [{"kid": "a", "use": "enc"}, {"kid": "b", "key_ops": ["encrypt"]}, {"kid": "c", "use": "sig"}, 5, "x"]}
    )

    assert [keys.find(key_id) is not None for key_id in "abc"] == [False, False, True]


@pytest.mark.parametrize("document", [{}, {"keys": None}, {"keys": {"kid": "a"}}, [], "keys"])
def test_a_document_that_is_no_key_set_is_refused(document: Any) -> None:
    with pytest.raises(InvalidValueError, match="a JWKS is"):
        KeySet(document).find("a")
    with pytest.raises(InvalidValueError, match="a JWKS is"):
        KeySet(lambda: document).find("a")
