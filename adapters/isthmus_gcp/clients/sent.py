"""What was sent under a name is sent once: a note in Firestore says so, which the first sender makes.

A note without an id is of a sender that is still at it, or has died: after `HELD` seconds somebody else takes it over,
so that nothing is lost.
"""

from __future__ import annotations

import time

from isthmus._typing import Any, Callable, Sequence
from isthmus.envelope import new_id
from isthmus.errors import ServiceError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

DATABASE = "ISTHMUS_SENT"
"""The variable with the name of the Firestore database that holds the notes."""

COLLECTION = "sent"
"""The collection of the notes."""

EXPIRES = "expires"
"""The field, a timestamp, after which a note may be deleted: for the collection's time-to-live policy."""

HELD = 10.0
"""How many seconds a note without an id is left to whoever made it."""

HURRY = 8.0
"""In how many seconds it is sent: before another sender would take the note over."""

_PAUSE = 0.05
_MOST_PAUSE = 1.0


def once(
    services: Services,
    names: Sequence[str],
    send: Callable[[float], str],
    *,
    seconds: float,
    recall: Callable[[float], str] | None = None,
) -> str:
    """Return the id that `send`, given how many seconds it has, returned for the first who sent under `names`.

    They are free again after `seconds`.

    Where the first one died before it had noted the id, `recall` may find what it sent, given since when (epoch
    seconds); it returns "" where there is nothing.
    """
    note = _Note(services, names, seconds)
    known = note.claim()
    if known:
        return known
    try:
        identifier = (recall(note.since) if recall and note.since else "") or send(min(HURRY, services.deadline))
    except Exception:
        note.withdraw()
        raise
    note.complete(identifier)
    return identifier


class _Note:
    """The note of one sender; `since` is when a dead one made it that was taken over, in epoch seconds."""

    __slots__ = ("_client", "_document", "_lifetime", "_owner", "_services", "_written", "since")

    def __init__(self, services: Services, names: Sequence[str], seconds: float) -> None:
        from hashlib import sha256

        self._services = services
        self._client: Any = services.firestore(_database(services))
        digest = sha256("\0".join(names).encode()).hexdigest()
        self._document: Any = self._client.collection(COLLECTION).document(digest)
        self._lifetime = seconds
        self._owner = new_id()
        self._written: Any = None
        self.since = 0.0

    def claim(self) -> str:
        """Make the note, or take it over, and return ""; or return the id that another has noted."""
        attempt = 0
        while not self._made():
            snapshot = self._document.get(**self._patience)
            if not snapshot.exists:
                continue
            known = self._known(snapshot)
            if known is not None:
                return known
            time.sleep(min(_MOST_PAUSE, _PAUSE * 2**attempt))
            attempt += 1
        return ""

    def complete(self, identifier: str) -> None:
        """Note the id of what was sent."""
        try:
            self._document.update({"id": identifier}, option=self._unless_changed(self._written), **self._patience)
        except _errors("GoogleAPICallError", "RetryError") as error:
            self._warn(identifier, error)  # it has been sent: that is what the sender must hear

    def withdraw(self) -> None:
        """Delete the note, so that the next sender need not wait."""
        try:
            self._document.delete(option=self._unless_changed(self._written), timeout=2.0, retry=None)
        except _errors("GoogleAPICallError", "RetryError") as error:
            self._warn("nothing", error)

    def _made(self) -> bool:
        try:
            self._written = self._document.create(self._fields(), **self._patience).update_time
        except _errors("AlreadyExists"):
            return False
        return True

    def _known(self, snapshot: Any) -> str | None:
        """Return the id of a note, "" where it is this sender's from now on, None where somebody is still sending."""
        fields = snapshot.to_dict()
        made = fields["at"].timestamp()
        age = snapshot.read_time.timestamp() - made
        if fields.get("owner") == self._owner:  # made by a request whose answer was lost
            self._written = snapshot.update_time
            return ""
        if fields.get("id") and age < self._lifetime:
            return str(fields["id"])
        if age < HELD:
            return None
        if not fields.get("id"):
            self.since = made
        return self._taken(snapshot)

    def _taken(self, snapshot: Any) -> str | None:
        fields = {**self._fields(), "id": _library().DELETE_FIELD}
        unless = self._unless_changed(snapshot.update_time)
        try:
            self._written = self._document.update(fields, option=unless, **self._patience).update_time
        except _errors("FailedPrecondition", "NotFound"):  # somebody else was quicker
            return None
        return ""

    def _fields(self) -> dict[str, Any]:
        from datetime import UTC, datetime, timedelta

        expires = datetime.now(UTC) + timedelta(seconds=self._lifetime)
        return {"owner": self._owner, "at": _library().SERVER_TIMESTAMP, EXPIRES: expires}

    def _unless_changed(self, update_time: Any) -> Any:
        return self._client.write_option(last_update_time=update_time)

    @property
    def _patience(self) -> dict[str, Any]:
        from isthmus_gcp.clients.retries import patient

        return patient(self._services.deadline)

    def _warn(self, identifier: str, error: Exception) -> None:
        import logging

        logging.getLogger("isthmus").warning(
            "%s was sent, but its note could not be written: a second one may be sent: %s", identifier, error
        )


def _library() -> Any:
    from importlib import import_module

    return import_module("google.cloud.firestore")


def _errors(*names: str) -> tuple[type[Exception], ...]:
    from importlib import import_module

    errors: Any = import_module("google.api_core.exceptions")
    return tuple(getattr(errors, name) for name in names)


def _database(services: Services) -> str:
    database = services.variable(DATABASE)
    if not database:
        raise ServiceError(
            f"the variable {DATABASE} is missing, so nobody remembers what was sent: deploy the app again"
        )
    return database
