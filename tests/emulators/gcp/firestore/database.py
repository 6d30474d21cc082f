"""One database: its documents, and the reads and commits that transactions, locks and indexes allow."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from tests.emulators.gcp.firestore import entries, plans
from tests.emulators.gcp.firestore.clock import Clock
from tests.emulators.gcp.firestore.documents import Documents
from tests.emulators.gcp.firestore.feed import Change, Feed
from tests.emulators.gcp.firestore.indexes import Indexes
from tests.emulators.gcp.firestore.locks import Holder, Locks
from tests.emulators.gcp.firestore.messages import Message
from tests.emulators.gcp.firestore.names import database_of
from tests.emulators.gcp.firestore.queries import Query
from tests.emulators.gcp.firestore.refusals import aborted, invalid, precondition
from tests.emulators.gcp.firestore.transactions import Patience, Transaction, Transactions
from tests.emulators.gcp.firestore.writes import Batch, check_transforms, written

OLDEST_READ = 3600 * 1_000_000
"""https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#getdocumentrequest: the past one hour."""


@dataclass(frozen=True, slots=True)
class View:
    """What a read sees: the present, a time in the past, or what a transaction may see."""

    transaction: Transaction | None = None
    at: int | None = None

    @property
    def locking(self) -> Transaction | None:
        """The transaction for which the read takes locks."""
        return self.transaction if self.transaction and not self.transaction.is_read_only else None


class Database:
    """A database of a project."""

    def __init__(self, name: str, clock: Clock, patience: Patience, *, delete_protection: bool = False) -> None:
        self.name = name
        self.clock = clock
        self.delete_protection = delete_protection
        self.documents = Documents()
        self.indexes = Indexes()
        self.feed = Feed()
        self.locks = Locks(patience.lock)
        self.transactions = Transactions(clock, self.locks, patience)
        self.contention: Counter[str] = Counter()
        self._changed = asyncio.Event()

    def view(self, transaction: bytes = b"", at: int | None = None) -> View:
        """Return what a read sees that names a transaction or a time."""
        if transaction:
            found = self.transactions.get(transaction)
            return View(found, found.at)
        if at is not None:
            self._check_time(at)
        return View(None, at)

    def begin(self, options: Message) -> Transaction:
        """Begin a transaction."""
        transaction = self.transactions.begin(options)
        if transaction.at is not None:
            self._check_time(transaction.at)
        return transaction

    async def read(self, names: Collection[str], view: View) -> list[Message | None]:
        """Return documents by their names, `None` for each that is missing."""
        for name in names:
            self._check_own(name)
        if transaction := view.locking:
            self._contend("reads", transaction)
            await self.locks.take(transaction, names, exclusive=transaction.reads_exclusively)
        return [self.documents.get(name, view.at) for name in names]

    async def find(self, query: Query, view: View, aggregated: Iterable[str] = ()) -> list[Message]:
        """Return the documents that a query finds; one without an index fails."""
        plans.check(query, self.indexes, aggregated)
        found = query.run(self.documents, view.at)
        if transaction := view.locking:
            self._contend("reads", transaction)
            while await self.locks.take(transaction, _names(found), exclusive=transaction.reads_exclusively):
                found = query.run(self.documents)
            self.locks.take_query(transaction, query)
        return found

    async def commit(self, writes: Sequence[Message], identity: bytes = b"", *, by_system: bool = False) -> Batch:
        """Apply all writes or none, within a transaction or by themselves; `by_system` says that no client asks it."""
        transaction = self.transactions.get(identity) if identity else None
        self._contend("commits", transaction)
        holder = transaction or Holder((self.clock.now(), 0), exclusive=True)
        try:
            return await self._commit(writes, holder, transaction, by_system=by_system)
        finally:
            if transaction:
                self.transactions.end(transaction)
            else:
                self.locks.release(holder)

    async def changed(self) -> None:
        """Wait until any document changes."""
        await self._changed.wait()

    def clear(self) -> None:
        """Forget all documents and transactions; indexes and subscriptions stay."""
        self.transactions.end_all()
        self.documents.clear()
        self._wake()

    async def _commit(
        self, writes: Sequence[Message], holder: Holder, transaction: Transaction | None, *, by_system: bool
    ) -> Batch:
        if transaction and transaction.is_read_only and writes:
            raise invalid("Cannot modify entities in a read-only transaction.")
        check_transforms(writes)
        names = list(dict.fromkeys(written(write) for write in writes))
        for name in names:
            self._check_own(name)
        await self.locks.take(holder, names, exclusive=True)
        batch = await self._settled(writes, holder)
        self._store(batch, by_system=by_system)
        return batch

    async def _settled(self, writes: Sequence[Message], holder: Holder) -> Batch:
        """Return what the writes make of the documents once no other transaction's query would see it."""
        while True:
            batch = Batch(self.clock.now(), self.documents.get)
            for write in writes:
                batch.add(write)
            for name, size in batch.sizes.items():
                if (document := batch.after[name]) is not None:
                    entries.check(document, size, self.indexes)
            images = [image for pair in batch.changes().values() for image in pair if image is not None]
            if not await self.locks.clear_queries(holder, images):
                return batch

    def _store(self, batch: Batch, *, by_system: bool) -> None:
        for name, (before, after) in batch.changes().items():
            self.documents.put(name, after, batch.at)
            self.feed.publish(Change(name, before, after, batch.at, by_system))
        self._wake()

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _contend(self, what: str, transaction: Transaction | None) -> None:
        """Lose against nobody, as often as a test has asked for it."""
        if self.contention[what] <= 0:
            return
        self.contention[what] -= 1
        if transaction and not transaction.is_over:
            self.locks.abort(transaction)
        raise aborted()

    def _check_own(self, name: str) -> None:
        if database_of(name) != self.name:
            raise invalid(f"The document {name} is not of the database {self.name}.")

    def _check_time(self, at: int) -> None:
        now = self.clock.now()
        if at > now:
            raise invalid("The requested read time is in the future.")
        if at < now - OLDEST_READ:
            raise precondition("The requested read time is older than one hour.")


def _names(documents: Iterable[Message]) -> list[str]:
    return [document.name for document in documents]
