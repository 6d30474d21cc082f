"""Drains: the function pulls its subscriptions itself, until nothing is left or its time is nearly up."""

from __future__ import annotations

import os
import threading
import time

from isthmus import serve
from isthmus._typing import Any, Mapping, Sequence
from isthmus.errors import BadEventError
from isthmus.links import Identity
from isthmus.parts import part
from isthmus_gcp import wire
from isthmus_gcp.delivery.attempt import Attempts
from isthmus_gcp.delivery.leases import Leases
from isthmus_gcp.delivery.memory import Memory
from isthmus_gcp.delivery.parking import Parking
from isthmus_gcp.delivery.pull import Pull
from isthmus_gcp.events.arrival import Arrivals
from isthmus_gcp.events.pubsub import PubsubMessage
from isthmus_gcp.events.record import Record
from isthmus_gcp.function_address import address
from isthmus_gcp.services import Services

QUEUE = "ISTHMUS_DRAINS"
"""The variable with the path of the queue of Cloud Tasks that starts further drains; not set where one is all."""

NAME = "K_SERVICE"
"""The variable with the function's own name: https://cloud.google.com/run/docs/container-contract#services-env-vars."""

CREATE_TASK = "isthmus_gcp.clients.tasks:create_task"
"""What starts a further drain, as "module:name"."""

LONGEST = 1740.0
"""The most seconds in which a drain begins anything: Scheduler and Cloud Tasks wait for 30 minutes at most.

https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs
"""

SPARE = 2.0
"""The most seconds that are kept for what is to be told at the end, of the tenth of the time that is."""

DOUBT = 3
"""How many deliveries of an ordered message, of which this instance does not know better, are an attempt for sure.

Pub/Sub counts one that nobody tried, since an earlier message of its key had failed, too.
"""

_OFTEN = 2


FATES = ("batches", "handled", "failed", "parked", "untried", "started")
"""What a drain counts."""


class Drains:
    """The drains of one instance: `pulled` says of each subscription how large a `batch` is, and whether `ordered`."""

    __slots__ = ("_arrivals", "_attempts", "_failed", "_parking", "_pulls", "_services", "_timeout", "_untried")

    def __init__(
        self,
        identity: Identity,
        services: Services,
        arrivals: Arrivals,
        attempts: Attempts,
        parking: Parking,
        *,
        pulled: Mapping[str, Mapping[str, Any]],
    ) -> None:
        self._services = services
        self._timeout = identity.timeout
        self._arrivals = arrivals
        self._attempts = attempts
        self._parking = parking
        self._pulls = [Pull(services, name, **options) for name, options in pulled.items()]
        self._failed = Memory()
        self._untried = Memory()

    def drain(self, end: float) -> dict[str, int]:
        """Handle what waits in the subscriptions until the time `end`, and return how many messages met which fate.

        `batches` says how often a batch was pulled, `handled` how many messages were, `failed` how many of them come
        again, `parked` how many were given up, `untried` how many were given back; `started` counts further drains.
        """
        late = min(end - min(SPARE, self._timeout / 10), time.time() + LONGEST)
        drain = _Drain(self, self._services, end, late)
        drain.run(self._pulls)
        return drain.counts

    def handled(self, message: PubsubMessage, end: float, *, ordered: bool) -> str:
        """Give a message to the handler; return "handled", "parked", or "failed" where it must come again."""
        try:
            record = self._arrivals.of_message(message)
        except BadEventError as error:  # of a source that is no more, say: as if it were pushed, it is not acknowledged
            _log().warning("refused message %s of %s: %s", message.id, message.subscription, error)
            return "failed"
        self._recount(record, message, ordered=ordered)
        failure = self._attempts.attempt(record, end)
        if failure is None:
            fate = "handled"
        elif self._is_parked(record, failure):
            fate = "parked"
        else:
            self._failed.add(message.id)
            return "failed"
        self._failed.forget(message.id)
        self._untried.forget(message.id)
        return fate

    def give_back(self, message: PubsubMessage) -> None:
        """Remember that a message was delivered and not tried."""
        self._untried.add(message.id)

    def start_another(self) -> bool:
        """Have Cloud Tasks start a further drain, as soon as it may; False where one is all that may run."""
        queue, name = self._services.variable(QUEUE), os.environ.get(NAME, "")
        if not queue or not name:
            return False
        url = address(self._services.project, self._services.region, name)
        try:
            part(CREATE_TASK)(self._services, queue, url, b"", headers={wire.DRAIN_HEADER: "1"}, audience=url)
        except Exception as error:  # Scheduler starts the next one, only later
            _log().warning("no further drain could be started: %s", error, exc_info=error)
            return False
        return True

    def _recount(self, record: Record, message: PubsubMessage, *, ordered: bool) -> None:
        """Take off the count what was not tried, and let no group's innocent seem to have had all its attempts."""
        count = record.attempt - self._untried.count(message.id)
        if ordered:
            count = min(count, max(self._failed.count(message.id) + 1, count // DOUBT))
        record.attempt = max(1, count)
        for event in record.events:
            if hasattr(event, "attempt"):
                event.attempt = record.attempt

    def _is_parked(self, record: Record, failure: serve.Failure) -> bool:
        return record.attempt >= record.source.attempts and self._parking.park(record, failure)


class _Drain:
    """One drain: `late` is when nothing is begun any more, `end` when its time is up."""

    __slots__ = ("_drains", "_end", "_fault", "_late", "_longest", "_services", "_starting", "counts")

    def __init__(self, drains: Drains, services: Services, end: float, late: float) -> None:
        self._drains = drains
        self._services = services
        self._end = end
        self._late = late
        self._longest = 0.0
        self._starting: threading.Thread | None = None
        self._fault: Exception | None = None
        self.counts: dict[str, int] = dict.fromkeys(FATES, 0)

    def run(self, pulls: Sequence[Pull]) -> None:
        """Take a batch of each subscription in turn, as long as there are any, and time.

        One that cannot be pulled holds up none of the others: what went wrong is raised at the end.
        """
        rest = list(pulls)
        while rest and self._has_time:
            rest = [pull for pull in rest if not self._has_time or self._tried(pull)]
        if rest:
            self._start_another()
        if self._starting is not None:
            self._starting.join(max(0.0, self._end - time.time()))
        if self._fault is not None:
            raise self._fault

    def _tried(self, pull: Pull) -> bool:
        try:
            return self._batch(pull)
        except Exception as error:  # whatever Pub/Sub's client raises
            self._fault = self._fault or error
            return False

    @property
    def _has_time(self) -> bool:
        """Whether a message can be begun that takes as long as the longest so far."""
        return time.time() + self._longest < self._late

    def _batch(self, pull: Pull) -> bool:
        """Handle a batch, and tell whether there was one."""
        with Leases(self._services, pull.subscription) as leases:
            batch = pull.next(leases, self._late)
            if not batch:
                return False
            self.counts["batches"] += 1
            if len(batch) == pull.batch:
                self._start_another()
            self._go(batch if pull.ordered else _mixed(batch), leases, ordered=pull.ordered)
        return True

    def _go(self, batch: Sequence[tuple[str, PubsubMessage]], leases: Leases, *, ordered: bool) -> None:
        """Try the messages, and tell the result of each; after a failure the rest of its group is given back."""
        stopped: set[str | None] = set()
        for id, message in batch:
            if (ordered and message.key and message.key in stopped) or not self._has_time:
                self._drains.give_back(message)
                fate = "untried"
            else:
                fate = self._timed(message, ordered=ordered)
            self.counts[fate] += 1
            if fate in ("handled", "parked"):
                leases.ack(id)
            else:
                stopped.add(message.key)
                leases.nack(id)

    def _timed(self, message: PubsubMessage, *, ordered: bool) -> str:
        began = time.time()
        fate = self._drains.handled(message, self._end, ordered=ordered)
        self._longest = max(self._longest, time.time() - began)
        return fate

    def _start_another(self) -> None:
        """Start one further drain, and no more than one: each that finds a full batch starts the next."""
        if self._starting is None:
            self._starting = threading.Thread(target=self._start, name="isthmus-drain", daemon=True)
            self._starting.start()

    def _start(self) -> None:
        self.counts["started"] = int(self._drains.start_another())


def _mixed(batch: Sequence[tuple[str, PubsubMessage]]) -> Sequence[tuple[str, PubsubMessage]]:
    """Return a batch with what has come more often behind the rest, and otherwise in no order.

    A message that ends the process whenever it is tried takes those behind it with it, each time: they must not be
    the same ones again, or Pub/Sub would give them up as well.
    """
    if all(message.attempt < _OFTEN for _, message in batch):
        return batch
    from random import random

    return sorted(batch, key=lambda entry: (entry[1].attempt, random()))


def _log() -> Any:
    import logging

    return logging.getLogger("isthmus")
