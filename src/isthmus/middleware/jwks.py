"""The public keys of an issuer (RFC 7517), by key id, with rotation."""

from __future__ import annotations

import threading
import time

from isthmus._typing import Any, Callable, Mapping
from isthmus.errors import InvalidValueError


class KeySet:
    """A JWKS, or a function that fetches one: called when a key is first needed, when one is unknown, and once an hour.

    `keep` is the seconds after which the keys are fetched anew, so that a withdrawn one is forgotten; `pause` the
    seconds between two fetches for unknown ids, which anybody may invent. What the function raises passes.
    """

    __slots__ = ("_clock", "_fetched", "_keep", "_keys", "_lock", "_pause", "_source")

    def __init__(
        self,
        source: Mapping[str, Any] | Callable[[], Mapping[str, Any]],
        *,
        keep: float = 3600,
        pause: float = 60,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._keep = keep
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._keys: list[dict[str, Any]] = []
        self._fetched: float | None = None
        if not callable(source):
            self._keys = _signing_keys(source)

    def find(self, key_id: str | None) -> dict[str, Any] | None:
        """Return the key of that id, or the only key where a token names none; None where it is not known."""
        with self._lock:
            if self._is_older_than(self._keep):
                self._fetch()
            found = self._pick(key_id)
            if found is None and self._is_older_than(self._pause):
                self._fetch()
                found = self._pick(key_id)
            return found

    def _is_older_than(self, age: float) -> bool:
        return callable(self._source) and (self._fetched is None or self._clock() - self._fetched >= age)

    def _fetch(self) -> None:
        if callable(self._source):
            keys = _signing_keys(self._source())
            self._fetched = self._clock()
            self._keys = keys

    def _pick(self, key_id: str | None) -> dict[str, Any] | None:
        if key_id is None:
            return self._keys[0] if len(self._keys) == 1 else None
        return next((key for key in self._keys if key.get("kid") == key_id), None)


def _signing_keys(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    keys: Any = document.get("keys") if hasattr(document, "get") else None
    if not isinstance(keys, list):
        raise InvalidValueError('a JWKS is {"keys": [...]}, and this is not')
    return [key for key in document["keys"] if _is_for_signatures(key)]


def _is_for_signatures(key: Any) -> bool:
    return hasattr(key, "get") and key.get("use", "sig") == "sig" and "verify" in key.get("key_ops", ["verify"])
