"""The messages that a drain holds: a thread of its own extends their leases, and tells Pub/Sub their results.

https://cloud.google.com/pubsub/docs/lease-management
"""

from __future__ import annotations

import threading
import time

from isthmus._typing import Any, Callable, Sequence, TypeAlias
from isthmus_gcp.clients.retries import patient
from isthmus_gcp.services import Services

LEASE = 30
"""Seconds for which a message is held: so long after its end, a killed instance's messages come again."""

TICK = 0.1
"""Seconds in which results are collected, and then told in one call."""

MOST = 1000
"""The most messages of one call, which holds 512 KiB: https://cloud.google.com/pubsub/quotas#resource_limits."""

PATIENCE = 10.0
"""In how many seconds Pub/Sub has taken a result, retries included."""

_EXTENSIONS = 3  # so often a lease is extended before it would end

Call: TypeAlias = "Callable[..., Any]"
"""A method of Pub/Sub's client."""


class Leases:
    """What is held of a subscription (its full name), for the length of a `with` block; its end gives back the rest."""

    __slots__ = (
        "_acked",
        "_held",
        "_is_over",
        "_lock",
        "_nacked",
        "_renewal",
        "_services",
        "_some",
        "_subscription",
        "_thread",
    )

    def __init__(self, services: Services, subscription: str) -> None:
        self._services = services
        self._subscription = subscription
        self._held: dict[str, None] = {}
        self._acked: list[str] = []
        self._nacked: list[str] = []
        self._renewal = 0.0
        self._is_over = False
        self._lock = threading.Lock()
        self._some = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="isthmus-leases", daemon=True)

    def __enter__(self) -> Leases:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._nacked += self._held
            self._held.clear()
            self._is_over = True
        self._some.set()
        self._thread.join()

    def hold(self, ids: Sequence[str]) -> None:
        """Extend the leases of messages (their acknowledgement ids), at once and until their results are known."""
        with self._lock:
            self._held.update(dict.fromkeys(ids))
            self._renewal = 0.0
        self._some.set()

    def ack(self, id: str) -> None:
        """Acknowledge a message: it does not come again."""
        self._settle(id, self._acked)

    def nack(self, id: str) -> None:
        """Give a message back: it comes again, after the delay of the subscription's retry policy."""
        self._settle(id, self._nacked)

    def _settle(self, id: str, results: list[str]) -> None:
        with self._lock:
            self._held.pop(id, None)
            results.append(id)
        self._some.set()

    def _keep(self) -> None:
        """Tell results as they come, and extend leases in time."""
        is_over = False
        while not is_over:
            self._some.wait(LEASE / _EXTENSIONS)
            time.sleep(0 if self._is_over else TICK)
            self._some.clear()
            is_over = self._is_over
            self._tell()
            if time.monotonic() >= self._renewal:
                self._renew()

    def _tell(self) -> None:
        with self._lock:
            acked, nacked = self._acked[:], self._nacked[:]
            self._acked.clear()
            self._nacked.clear()
        client: Any = self._services.subscriber()
        self._call(client.acknowledge, acked)
        self._call(client.modify_ack_deadline, nacked, ack_deadline_seconds=0)

    def _renew(self) -> None:
        with self._lock:
            held = list(self._held)
            self._renewal = time.monotonic() + LEASE / _EXTENSIONS
        client: Any = self._services.subscriber()
        self._call(client.modify_ack_deadline, held, ack_deadline_seconds=LEASE)

    def _call(self, call: Call, ids: Sequence[str], **options: Any) -> None:
        """Tell something of messages; where that fails, which is logged, they come again."""
        for start in range(0, len(ids), MOST):
            request = {"subscription": self._subscription, "ack_ids": ids[start : start + MOST], **options}
            try:
                call(request=request, **patient(PATIENCE))
            except Exception as error:  # whatever the reason is: at worst a message is delivered twice
                _log().warning("%d messages of %s may come again: %s", len(ids), self._subscription, error)


def _log() -> Any:
    import logging

    return logging.getLogger("isthmus")
