"""Pulls the messages of one subscription, a batch at a time."""

from __future__ import annotations

import time

from isthmus._typing import Any, Sequence
from isthmus_gcp.delivery.leases import Leases
from isthmus_gcp.events.pubsub import PubsubMessage, pulled
from isthmus_gcp.services import Services

MOST = 1000
"""The most messages of one answer: https://cloud.google.com/pubsub/quotas#resource_limits."""

FIRST = 4.0
"""Seconds that the first messages of a batch are waited for."""

MORE = 1.0
"""Seconds that more of them are waited for: an answer may hold fewer than there are.

https://cloud.google.com/pubsub/docs/pull#unary_pull_code_examples
"""

PATIENCE = 15.0
"""For how many seconds a pull that failed is tried again, where that may pass."""


class Pull:
    """The pulls from the subscription `name`; `batch` is the most messages of one."""

    __slots__ = ("_services", "batch", "name", "ordered")

    def __init__(self, services: Services, name: str, *, batch: int = 1, ordered: bool = False) -> None:
        self._services = services
        self.name = name
        self.batch = batch
        self.ordered = ordered

    @property
    def subscription(self) -> str:
        """The full name of the subscription."""
        return self._services.subscription_path(self.name)

    def next(self, leases: Leases, until: float) -> Sequence[tuple[str, PubsubMessage]]:
        """Return the next batch, held, each message with its acknowledgement id; empty where none is waiting.

        It is full, or there was nothing more by the time `until`. What cannot be pulled raises what Google's client
        raises.
        """
        found: list[tuple[str, PubsubMessage]] = []
        while len(found) < self.batch and (left := until - time.time()) > 0:
            received = self._pulled(self.batch - len(found), min(left, MORE if found else FIRST))
            if not received:
                break
            leases.hold([one.ack_id for one in received])
            found += [(one.ack_id, pulled(one, self.name)) for one in received]
        return found

    def _pulled(self, count: int, patience: float) -> Sequence[Any]:
        from google.api_core.exceptions import Cancelled, DeadlineExceeded

        subscriber: Any = self._services.subscriber()
        request = {"subscription": self.subscription, "max_messages": min(count, MOST)}
        try:
            answer = subscriber.pull(request=request, retry=_retry(), timeout=patience)
        except (DeadlineExceeded, Cancelled):  # Pub/Sub waits for a message longer than we do, and says either
            return ()
        plain: Any = answer.__class__.pb(answer)  # to wrap each message takes longer than to read it
        received: Sequence[Any] = plain.received_messages
        return received


def _retry() -> Any:
    from google.api_core import exceptions
    from google.api_core.retry import Retry, if_exception_type

    transient: Any = if_exception_type(
        exceptions.Aborted, exceptions.InternalServerError, exceptions.ServiceUnavailable, exceptions.Unknown
    )
    return Retry(predicate=transient, initial=0.1, maximum=2.0, timeout=PATIENCE)
