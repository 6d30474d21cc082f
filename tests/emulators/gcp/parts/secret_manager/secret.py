"""A secret and its versions, as the service keeps them."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib import import_module
from typing import Any, NoReturn
from uuid import uuid4

_types: Any = import_module("google.cloud.secretmanager_v1.types")

ENABLED, DISABLED, DESTROYED = (_types.SecretVersion.State[name] for name in ("ENABLED", "DISABLED", "DESTROYED"))


class RefusedError(Exception):
    """A request that the service answers with an error."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        """The name of a gRPC status."""


def refuse(code: str, message: str) -> NoReturn:
    """Answer with an error."""
    raise RefusedError(code, message)


class Version:
    """One version of a secret, with its payload until it is destroyed."""

    def __init__(self, name: str, data: bytes) -> None:
        now = datetime.now(UTC)
        self.data = data
        self.shown = _types.SecretVersion(
            name=name, create_time=now, state=ENABLED, etag=_etag(), client_specified_payload_checksum=True
        )

    def move(self, state: Any, etag: str) -> Any:
        """Change the state: a destroyed version has no other any more."""
        check_etag(self.shown.etag, etag)
        if self.shown.state == DESTROYED:
            refuse("FAILED_PRECONDITION", f"Secret Version [{self.shown.name}] is in DESTROYED state.")
        self.shown.state = state
        self.shown.etag = _etag()
        if state == DESTROYED:
            self.data = b""
            self.shown.destroy_time = datetime.now(UTC)
        return self.shown


class Secret:
    """One secret and its versions, numbered from 1; a number is never given twice."""

    def __init__(self, name: str, shown: Any) -> None:
        self.versions: list[Version] = []
        self.shown = shown
        self.shown.name = name
        self.shown.create_time = datetime.now(UTC)
        self.touch()

    def touch(self) -> None:
        """Give it a new etag, and the end that its time to live means."""
        self.shown.etag = _etag()
        if "ttl" in self.shown:
            self.shown.expire_time = datetime.now(UTC) + self.shown.ttl

    @property
    def is_over(self) -> bool:
        """Whether it has expired, which deletes it."""
        return "expire_time" in self.shown and self.shown.expire_time <= datetime.now(UTC)

    def add(self, data: bytes) -> Version:
        """Add a version."""
        self.versions.append(Version(f"{self.shown.name}/versions/{len(self.versions) + 1}", data))
        return self.versions[-1]

    def find(self, wanted: str) -> Version:
        """Return a version by its number, by an alias, or the latest: the newest, whatever its state."""
        number = len(self.versions) if wanted == "latest" else self.shown.version_aliases.get(wanted, wanted)
        if not str(number).isdecimal() or not 1 <= int(number) <= len(self.versions):
            refuse("NOT_FOUND", f"Secret Version [{self.shown.name}/versions/{wanted}] not found.")
        return self.versions[int(number) - 1]


def check_etag(real: str, given: str) -> None:
    """Refuse a change of what has changed since.

    https://cloud.google.com/secret-manager/docs/etags
    """
    if given and given != real:
        refuse("FAILED_PRECONDITION", f"The etag {given} does not match {real}.")


def _etag() -> str:
    return f'"{uuid4().hex[:13]}"'
