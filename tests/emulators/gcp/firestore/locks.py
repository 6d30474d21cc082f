"""Locks of transactions on documents and on the results of queries, and who waits or is aborted for whom.

Concurrency control is pessimistic, the default of the Standard edition: a transaction's lock on a document blocks other
transactions, batched writes and single writes from changing it, until it ends; contention delays one of the operations,
or fails it with ABORTED. https://cloud.google.com/firestore/docs/transaction-data-contention

Which one is not documented. Here the older has its way: who wants to write aborts younger holders and waits for older
ones. A transaction that retries another one reads with an exclusive lock: it waits for its turn, and whoever comes
while it has that lock waits for it. Only if it waits for something itself do the older abort it, so that none wait in
a circle.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Collection, Iterable

from tests.emulators.gcp.firestore.messages import Message
from tests.emulators.gcp.firestore.queries import Query
from tests.emulators.gcp.firestore.refusals import aborted, expired

Age = tuple[int, int]
"""When somebody first began, and when this attempt did: no two are the same."""


class Holder:
    """Somebody who holds locks: a transaction, or for a moment a write outside of one."""

    def __init__(self, age: Age, *, exclusive: bool) -> None:
        self.age = age
        self.reads_exclusively = exclusive
        self.names: dict[str, bool] = {}
        self.queries: list[Query] = []
        self.is_aborted = False
        self.is_over = False
        self.is_waiting = False


Request = tuple[Holder, Collection[str], bool]


class Locks:
    """The locks of one database."""

    def __init__(self, longest_wait: float) -> None:
        self._longest_wait = longest_wait
        self._holders: dict[str, dict[Holder, bool]] = {}
        self._with_queries: dict[Holder, None] = {}
        self._waiting: list[Request] = []
        self._changed = asyncio.Event()

    async def take(self, holder: Holder, names: Collection[str], *, exclusive: bool) -> bool:
        """Lock documents, and return whether that took waiting; `RefusalError` (ABORTED) if it was in vain."""
        if self._is_free(holder, names, exclusive):
            self._hold(holder, names, exclusive)
            return False
        request = (holder, names, exclusive)
        self._waiting.append(request)
        try:
            await self._wait(holder, names, exclusive)
        finally:
            self._waiting.remove(request)
            holder.is_waiting = False
        self._hold(holder, names, exclusive)
        return True

    def take_query(self, holder: Holder, query: Query) -> None:
        """Lock what a query found: until the end nobody else may change what it would find."""
        holder.queries.append(query)
        self._with_queries[holder] = None

    async def clear_queries(self, holder: Holder, documents: Iterable[Message]) -> bool:
        """Wait until no other transaction's query would find any of `documents`; return whether that took waiting."""
        documents = list(documents)
        if not self._with_queries or not self._readers(holder, documents):
            return False
        limit = time.monotonic() + self._longest_wait
        while self._readers(holder, documents):
            await self._sleep(holder, limit)
            _check(holder)
        holder.is_waiting = False
        return True

    def release(self, holder: Holder) -> None:
        """End a holder, and let go all that it has."""
        holder.is_over = True
        self._with_queries.pop(holder, None)
        for name in holder.names:
            holders = self._holders[name]
            del holders[holder]
            if not holders:
                del self._holders[name]
        holder.names.clear()
        self._wake()

    def abort(self, holder: Holder) -> None:
        """End a holder because another one needs what it has."""
        holder.is_aborted = True
        self.release(holder)

    def _wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    async def _wait(self, holder: Holder, names: Collection[str], exclusive: bool) -> None:
        limit = time.monotonic() + self._longest_wait
        while not self._is_free(holder, names, exclusive):
            await self._sleep(holder, limit)

    async def _sleep(self, holder: Holder, limit: float) -> None:
        """Wait until locks are released, or somebody begins to wait: either may let `holder` have what it wants."""
        if not holder.is_waiting:
            holder.is_waiting = True
            self._wake()
        try:
            await asyncio.wait_for(self._changed.wait(), limit - time.monotonic())
        except TimeoutError:
            self.abort(holder)
            raise aborted("Transaction lock timeout.") from None

    def _is_free(self, holder: Holder, names: Collection[str], exclusive: bool) -> bool:
        """Whether it may have them now, after those that must make way were aborted."""
        _check(holder)
        stands = False
        for other in self._conflicting(holder, names, exclusive):
            if other.age > holder.age and (exclusive or other.is_waiting):
                self.abort(other)
            else:
                stands = True
        return not stands and not self._is_behind(holder, names, exclusive)

    def _conflicting(self, holder: Holder, names: Collection[str], exclusive: bool) -> list[Holder]:
        found: dict[Holder, None] = {}
        for name in names:
            for other, excludes in self._holders.get(name, {}).items():
                if other is not holder and (exclusive or excludes):
                    found[other] = None
        return list(found)

    def _is_behind(self, holder: Holder, names: Collection[str], exclusive: bool) -> bool:
        """Whether somebody older waits for one of these: else a stream of readers would keep a writer out for ever."""
        new = set(names).difference(holder.names)  # for what one holds already one does not queue again
        return any(
            other.age < holder.age and (exclusive or excludes) and not new.isdisjoint(wanted)
            for other, wanted, excludes in self._waiting
            if other is not holder and not other.is_over
        )

    def _hold(self, holder: Holder, names: Collection[str], exclusive: bool) -> None:
        for name in names:
            held = exclusive or holder.names.get(name, False)
            holder.names[name] = held
            self._holders.setdefault(name, {})[holder] = held

    def _readers(self, holder: Holder, documents: list[Message]) -> list[Holder]:
        """Return the older ones whose queries find any of the documents; the younger are aborted."""
        older: list[Holder] = []
        for other in list(self._with_queries):
            if other is holder or not _finds(other, documents):
                continue
            if other.age > holder.age:
                self.abort(other)
            else:
                older.append(other)
        return older


def _finds(holder: Holder, documents: list[Message]) -> bool:
    return any(query.selects(document) for query in holder.queries for document in documents)


def _check(holder: Holder) -> None:
    if holder.is_aborted:
        raise aborted()
    if holder.is_over:
        raise expired()
