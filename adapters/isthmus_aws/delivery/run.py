"""One invocation's way through its events: each with a context of its own, until the time is nearly up."""

from __future__ import annotations

import time

from isthmus import serve
from isthmus._typing import Any, Callable, TypeAlias
from isthmus.invocations import Invocations
from isthmus_aws.events.record import Record, Records, turns
from isthmus_aws.overrun import MARGIN, Alarm, OverrunError, tidy

AFTER = 1.0
"""The most seconds that are kept for what is to be done after the last event, of the tenth of the time that is."""

ANSWER = 0.2
"""The most seconds of these that are kept for the answer alone."""


Attempt: TypeAlias = "Callable[[serve.Handle, Any, Any], serve.Failure | None]"
"""Tries one event with its context, as `serve.attempt` does."""

_TIMED_OUT = serve.Failure("TimedOutError", "it took longer than the time that the function has")


class Run:
    """Gives the events of records to the handler, until the time is nearly up.

    A record whose handler is still at work by then has failed, and so has no other: if Lambda ended the function, all
    of them would come again, and each would have used up an attempt.
    """

    __slots__ = ("_alarm", "_context", "_end", "_envelope_of", "_handler", "_invocations", "_last", "_late", "_longest")

    def __init__(
        self,
        handler: serve.Handle,
        invocations: Invocations,
        context: Any,
        time_span: tuple[float, float],
        envelope_of: Any = None,
        *,
        alarm: Alarm,
    ) -> None:
        self._alarm = alarm
        self._handler = handler
        self._invocations = invocations
        self._context = context
        now, end = time_span
        self._end = end
        self._envelope_of = envelope_of
        self._longest = 0.0
        kept = (end - now) * MARGIN
        self._late = end - (kept if kept < AFTER else AFTER)
        self._last = end - (kept / 2 if kept < ANSWER * 2 else ANSWER)

    @property
    def request_id(self) -> str:
        """Lambda's id of this invocation: an asynchronous one keeps it when it is tried again."""
        return str(self._context.aws_request_id)

    def handle(self, records: Records, *, ordered: bool = False, stop: bool = False) -> Outcome:
        """Give each record's events to the handler, in their order, and return what came of them.

        A record has failed with the first of its events. `ordered`: after a failure the rest of its group has failed
        untried. `stop`: a failure ends the run.
        """
        outcome = Outcome(records)
        attempt = _in_order() if ordered else serve.attempt
        if not self._in_time(lambda: self._go(outcome, attempt, stop=stop), self._late, is_held=True):
            tidy()
            _tell(outcome.last)
            outcome.fail(_TIMED_OUT)
        return outcome

    def _go(self, outcome: Outcome, attempt: Attempt, *, stop: bool) -> None:
        """Try the events, as long as there is time for a record whose events take as long as the longest so far.

        The alarm may ring while a handler is at work, and only then.
        """
        context_of, envelope_of = self._invocations.each(deadline=self._end, raw=self._context), self._envelope_of
        handler, alarm, clock, longest = self._handler, self._alarm, time.time, self._longest
        now = clock()
        for position, (events, envelope, tries) in enumerate(turns(outcome.records), 1):
            outcome.position = position
            for event in events:
                context = context_of(envelope if envelope_of is None else envelope_of(event), tries)
                alarm.is_held = False
                failure = attempt(handler, event, context)
                alarm.is_held = True
                if failure is not None and outcome.failure is None:
                    outcome.failure = failure
                began, now = now, clock()
                if now - began > longest:
                    self._longest = longest = now - began
            if outcome.failure is not None:
                outcome.fail(outcome.failure)
                if stop:
                    return
            if now + longest > self._late:
                return

    @property
    def has_time(self) -> bool:
        """Whether a record can be begun that takes as long as the longest so far."""
        return time.time() + self._longest < self._late

    def finish(self, work: Callable[[], object]) -> None:
        """Do what is to be done after the events; it is given up where it would keep the answer from Lambda."""
        if not self._in_time(work, self._last):
            _log().error("not all that failed could be parked or delayed in time: it comes again")

    def _in_time(self, work: Callable[[], object], due: float, *, is_held: bool = False) -> bool:
        """Do it, and tell whether it was done before the time `due`."""
        alarm = self._alarm
        alarm.is_held = is_held
        alarm.set(time.time(), due)
        try:
            try:
                work()
            finally:
                alarm.stop()
        except OverrunError:
            return False
        finally:
            alarm.is_held = False
        return True


class Outcome:
    """What came of some `records`: `failures`, in order, and those that were `left`, for want of time or after a stop.

    While they are handled, `position` is how many were begun, and `failure` is why the last of them has failed so far.
    """

    __slots__ = ("failure", "failures", "position", "records")

    def __init__(self, records: Records) -> None:
        self.records = records
        self.position = 0
        self.failure: serve.Failure | None = None
        self.failures: list[tuple[Record, serve.Failure]] = []

    @property
    def last(self) -> Record:
        """The record that was begun last."""
        return self.records[self.position - 1]

    @property
    def left(self) -> Records:
        """The records that were not begun."""
        return self.records[self.position :]

    @property
    def is_done(self) -> bool:
        """Whether every record was handled, and none has failed."""
        return not self.failures and self.position == len(self.records)

    def fail(self, failure: serve.Failure) -> None:
        """Note that the last record has failed: for the first failure of its events, or else for this one."""
        self.failures.append((self.last, self.failure or failure))
        self.failure = None


def _in_order() -> Attempt:
    """Return what tries an event only where none before it in its group has failed."""
    stopped: set[str | None] = set()

    def attempt(handler: serve.Handle, event: Any, context: Any) -> serve.Failure | None:
        group = getattr(event, "group", None)
        if group in stopped:
            return serve.Failure("NotTried", f"an earlier event of group {group!r} failed", tried=False)
        failure = serve.attempt(handler, event, context)
        if failure is not None:
            stopped.add(group)
        return failure

    return attempt


def _tell(record: Record) -> None:
    _log().error("record %s of %s took longer than the time that the function has", record.id, record.source)


def _log() -> Any:
    import logging

    return logging.getLogger("isthmus")
