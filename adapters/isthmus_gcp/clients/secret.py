"""The client of a linked secret, which is one of Secret Manager."""

from __future__ import annotations

import time
from _thread import allocate_lock

from isthmus._typing import Any, Callable
from isthmus.errors import IsthmusError, SecretNotSetError, ServiceError
from isthmus.links import Link
from isthmus_gcp.clients.asking import Asking
from isthmus_gcp.clients.errors import code_of
from isthmus_gcp.clients.retries import patient

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

CACHE_SECONDS = 300.0
"""How long a value is kept."""

_NOT_SET = ("NOT_FOUND", "FAILED_PRECONDITION")
"""There is no version, or the latest is disabled or destroyed.

https://cloud.google.com/secret-manager/docs/reference/rest/v1/projects.secrets.versions/access
"""


class SecretClient:
    """A linked secret: see `isthmus.ports.Secret`. Its value is in no repr and in no error.

    The wall clock tells its age, as the other one may stand still while the instance is frozen.
    """

    __slots__ = ("_asking", "_cached", "_clock", "_lock", "_services", "name")

    def __init__(self, link: Link, services: Services, *, clock: Callable[[], float] = time.time) -> None:
        self.name = link.physical
        self._asking = Asking(link, services)
        self._cached: tuple[float, str] | None = None
        self._clock = clock
        self._lock = allocate_lock()
        self._services = services

    def value(self) -> str:
        """Return the current value; `SecretNotSetError` where it has none."""
        self._asking.allow("read")
        with self._lock:  # of many threads one asks
            now, cached = self._clock(), self._cached
            if cached is None or not 0 <= now - cached[0] < CACHE_SECONDS:
                self._cached = None
                self._cached = cached = (now, self._read())
            return cached[1]

    def _read(self) -> str:
        version = f"projects/{self._services.project}/secrets/{self.name}/versions/latest"
        options = patient(self._services.deadline)
        try:
            answer = self._asking.ask(
                "read", lambda: self._services.secrets().access_secret_version(request={"name": version}, **options)
            )
        except IsthmusError as error:
            if code_of(error.__cause__) not in _NOT_SET:
                raise
            raise self._not_set() from error.__cause__
        return self._text(answer.payload)

    def _text(self, payload: Any) -> str:
        from importlib import import_module

        google_crc32c: Any = import_module("google_crc32c")
        data: bytes = payload.data
        if "data_crc32c" in payload and payload.data_crc32c != google_crc32c.value(data):
            raise ServiceError(f"secret {self._asking.link.name!r} was damaged on its way: try again")
        try:
            return data.decode()
        except UnicodeDecodeError:
            pass
        # Raised out here, without the error as its cause or its context: that one holds the value.
        raise ServiceError(f"secret {self._asking.link.name!r} was set to bytes that are no text")

    def _not_set(self) -> SecretNotSetError:
        identity = self._services.identity
        return SecretNotSetError(self._asking.link.name, identity.stage, target=f"{identity.provider}-{identity.stage}")

    def __repr__(self) -> str:
        return f"<Secret {self._asking.link.name}>"

    def __reduce__(self) -> str:
        raise TypeError("a secret is not pickled")
