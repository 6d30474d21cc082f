"""What changed: each change of a document, in order, kept for each subscriber until it is acknowledged."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

from tests.emulators.gcp.firestore.messages import Message


@dataclass(frozen=True, slots=True)
class Change:
    """One change of one document."""

    document: str
    before: Message | None
    after: Message | None
    at: int
    is_by_system: bool = False
    """Whether time to live did it."""
    identity: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def kind(self) -> str:
        """What happened to the document."""
        if self.before is None:
            return "created"
        return "deleted" if self.after is None else "updated"


class Feed:
    """The subscriptions to one database's changes."""

    def __init__(self) -> None:
        self._kept: dict[str, dict[str, Change]] = {}
        self._more = asyncio.Event()

    def subscribe(self, subscription: str) -> None:
        """Keep changes from now on; a subscription that is there goes on as it is."""
        self._kept.setdefault(subscription, {})

    def unsubscribe(self, subscription: str) -> None:
        """Forget a subscription with all that it has kept."""
        self._kept.pop(subscription, None)

    def publish(self, change: Change) -> None:
        """Keep a change for each subscription."""
        for kept in self._kept.values():
            kept[change.identity] = change
        if self._kept:
            self._more.set()
            self._more = asyncio.Event()

    async def changes(self, subscription: str, most: int, wait: float) -> list[Change]:
        """Return the oldest changes that are not acknowledged; where there are none, wait so many seconds for one."""
        kept = self._kept[subscription]
        if not kept and wait > 0:
            await self._wait(wait)
        return list(kept.values())[:most]

    def acknowledge(self, subscription: str, identities: Collection[str]) -> None:
        """Forget changes that were dealt with."""
        for identity in identities:
            self._kept[subscription].pop(identity, None)

    def subscriptions(self) -> list[str]:
        """Return the names of the subscriptions."""
        return list(self._kept)

    async def _wait(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._more.wait(), seconds)
        except TimeoutError:
            return
