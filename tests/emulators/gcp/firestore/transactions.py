"""Transactions: how they begin, what they see, and how they end.

Limits of time: https://cloud.google.com/firestore/quotas#writes_and_transactions. The answer to a transaction that is
no more (INVALID_ARGUMENT, with those words) is what Google's own clients look for before they retry:
https://github.com/googleapis/nodejs-firestore/blob/main/dev/src/transaction.ts
"""

from __future__ import annotations

import itertools
import time
from dataclasses import dataclass

from tests.emulators.gcp.firestore.clock import Clock, microseconds
from tests.emulators.gcp.firestore.locks import Age, Holder, Locks
from tests.emulators.gcp.firestore.messages import Message
from tests.emulators.gcp.firestore.refusals import aborted, expired

_REMEMBERED = 10_000
"""Of so many transactions that were aborted it is remembered; what is older counts as expired."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long things may take, in seconds."""

    total: float = 270
    idle: float = 60
    lock: float = 20


class Transaction(Holder):
    """A transaction that has begun."""

    def __init__(self, identity: bytes, age: Age, *, exclusive: bool, at: int | None) -> None:
        super().__init__(age, exclusive=exclusive)
        self.identity = identity
        self.at = at
        self.began = self.used = time.monotonic()

    @property
    def is_read_only(self) -> bool:
        """Whether it reads as of a time, without locks."""
        return self.at is not None


class Transactions:
    """The transactions of one database."""

    def __init__(self, clock: Clock, locks: Locks, patience: Patience) -> None:
        self._clock = clock
        self._locks = locks
        self._patience = patience
        self._open: dict[bytes, Transaction] = {}
        self._ages: dict[bytes, Age] = {}
        self._aborted: dict[bytes, None] = {}
        self._numbers = itertools.count(1)

    def begin(self, options: Message) -> Transaction:
        """Begin a transaction; one that retries another one has its age."""
        begin = self._read_only if options.HasField("read_only") else self._read_write
        transaction = begin(b"transaction-%d" % next(self._numbers), options)
        self._open[transaction.identity] = transaction
        return transaction

    def _read_only(self, identity: bytes, options: Message) -> Transaction:
        given, now = options.read_only.HasField("read_time"), self._clock.now()
        at = microseconds(options.read_only.read_time) if given else now
        return Transaction(identity, (now, 0), exclusive=False, at=at)

    def _read_write(self, identity: bytes, options: Message) -> Transaction:
        retried = bytes(options.read_write.retry_transaction)
        self._settle(retried)
        began = self._clock.now()
        # Never that of a live one: threads that share a retry id name each other's.
        age = (self._ages[retried][0] if retried in self._aborted else began, began)
        self._ages[identity] = age
        return Transaction(identity, age, exclusive=bool(retried), at=None)

    def _settle(self, identity: bytes) -> None:
        transaction = self._open.get(identity)
        if transaction and transaction.is_aborted:
            self._forget(identity, transaction)

    def get(self, identity: bytes) -> Transaction:
        """Return a transaction that is used now; one that was aborted, or is over, is refused."""
        transaction = self._open.get(identity)
        if transaction is None or transaction.is_aborted:
            self._forget(identity, transaction)
            raise aborted() if identity in self._aborted else expired()
        transaction.used = time.monotonic()
        return transaction

    def end(self, transaction: Transaction) -> None:
        """End a transaction, and let go what it has locked."""
        if not transaction.is_over:
            self._locks.release(transaction)
        self._forget(transaction.identity, transaction)

    def roll_back(self, identity: bytes) -> None:
        """End a transaction without its writes; one that is over already is none the worse for it."""
        if transaction := self._open.get(identity):
            self.end(transaction)

    def expire(self) -> None:
        """End those that were left alone, or took too long."""
        now = time.monotonic()
        for transaction in list(self._open.values()):
            if now - transaction.used > self._patience.idle or now - transaction.began > self._patience.total:
                self.end(transaction)

    def end_all(self) -> None:
        """End every transaction."""
        for transaction in list(self._open.values()):
            self.end(transaction)

    def _forget(self, identity: bytes, transaction: Transaction | None) -> None:
        self._open.pop(identity, None)
        if transaction is None:
            return
        if transaction.is_aborted:
            self._aborted[identity] = None
        else:
            self._ages.pop(identity, None)
        while len(self._aborted) > _REMEMBERED:
            oldest = next(iter(self._aborted))
            del self._aborted[oldest]
            self._ages.pop(oldest, None)
