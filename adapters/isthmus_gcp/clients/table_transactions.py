"""Several writes as one: all of them, or none; made again where others are in the way.

https://cloud.google.com/firestore/docs/transaction-data-contention
"""

from __future__ import annotations

from isthmus._typing import Any, Callable, Item, Mapping, Sequence
from isthmus.errors import ConditionFailedError, InvalidValueError, IsthmusError, TooLargeError
from isthmus_gcp.clients.errors import code_of
from isthmus_gcp.clients.table_commits import Commit
from isthmus_gcp.clients.table_database import is_contended, persistently
from isthmus_gcp.clients.table_errors import REQUEST_LIMIT
from isthmus_gcp.clients.table_patience import Patience
from isthmus_gcp.clients.table_steps import Step
from isthmus_gcp.clients.table_store import Store

WRITE_LIMIT = 100
"""The most writes of one transaction, on every provider."""

SIZE_LIMIT = 4 * 1024 * 1024
"""The most bytes of the items that one transaction writes, on every provider."""

_FRAME = 8
_ROOM = 64 * 1024
"""What surrounds a write in a request, and all the writes of one, at most."""


def transact(store: Store, steps: Sequence[Step]) -> None:
    """Do all writes or none."""
    _check(steps)
    store.allow("write")
    if all(step.is_blind for step in steps):
        writes = _dense_enough(steps, lambda step: step.blindly())
        store.ask("write", lambda: store.database.commit(writes))
        return
    Transaction(store, steps).run()


class Transaction:
    """Steps on one database, as one: each attempt is a transaction of Firestore's, and says which it follows.

    The library's own shares the id that it follows among all threads that use one function: here each call has its own.
    """

    __slots__ = ("_answers", "_id", "_retried", "_steps", "_store")

    def __init__(self, store: Store, steps: Sequence[Step]) -> None:
        self._store = store
        self._steps = steps
        self._answers: dict[str, Item | None] = {}
        self._id = b""
        self._retried = b""

    def run(self) -> list[Item | None]:
        """Do all steps or none; returns the answer of each."""
        patience = Patience()
        while True:
            try:
                self._attempt()
            except IsthmusError:
                self._end()
                raise
            except Exception as error:
                self._end()
                if not _may_pass(error) or not patience.wait(contended=True):
                    self._store.refuse(error, "write")
                    raise
            else:
                return [self._answers[step.name] for step in self._steps]

    def _attempt(self) -> None:
        database = self._store.database
        names = [step.name for step in self._steps]
        self._id = b""
        documents, self._id = persistently(
            lambda: database.get(names, begin=True, retried=self._retried), through_contention=False
        )
        writes = self._writes(documents)
        # The same transaction, where the answer is lost: it may have been done, and is not to be done twice.
        persistently(Commit(database, writes, self._id), through_contention=False)

    def _writes(self, documents: Mapping[str, Any]) -> list[Any]:
        return _dense_enough(self._steps, lambda step: self._write(step, documents.get(step.name)))

    def _write(self, step: Step, document: Any) -> Any:
        try:
            made, self._answers[step.name] = step.on(document)
        except (ConditionFailedError, InvalidValueError) as error:
            if len(self._steps) > 1:
                number = self._steps.index(step) + 1
                error.args = (f"write {number} of {len(self._steps)}: {error}",)
            raise
        return made

    def _end(self) -> None:
        """Let go of what is locked, as far as that can be done; Firestore does it by itself after a minute."""
        if not self._id:
            return
        self._retried = self._id
        try:
            self._store.database.roll_back(self._id)
        except Exception:
            return


def _dense_enough(steps: Sequence[Step], write_of: Callable[[Step], Any]) -> list[Any]:
    """Return the writes of steps, made so that one request can hold them all."""
    made = [write for write in map(write_of, steps) if write is not None]
    if sum(write.ByteSize() + _FRAME for write in made) <= REQUEST_LIMIT - _ROOM:
        return made
    for step in steps:
        step.is_dense = True
    return [write for write in map(write_of, steps) if write is not None]


def _may_pass(error: Exception) -> bool:
    """Say whether another transaction may succeed; one that has lasted too long, Firestore calls invalid."""
    return is_contended(error) or (code_of(error) == "INVALID_ARGUMENT" and "transaction has expired" in str(error))


def _check(steps: Sequence[Step]) -> None:
    if len(steps) > WRITE_LIMIT:
        raise InvalidValueError(f"a transaction has at most {WRITE_LIMIT} writes, and this one has {len(steps)}")
    seen: set[str] = set()
    for step in steps:
        if step.name in seen:
            name = step.store.keys.name
            raise InvalidValueError(f"table {name!r}: a transaction has at most one write for each item")
        seen.add(step.name)
    _check_databases(steps)
    size = sum(step.size for step in steps)
    if size > SIZE_LIMIT:
        raise TooLargeError("the transaction", size, SIZE_LIMIT)


def _check_databases(steps: Sequence[Step]) -> None:
    databases = {step.store.database.path: step.store.keys.name for step in steps}
    if len(databases) > 1:
        names = " and ".join(map(repr, sorted(databases.values())))
        raise InvalidValueError(
            f"tables {names} lie in databases of their own, which no transaction spans: declare them without isolated"
        )
