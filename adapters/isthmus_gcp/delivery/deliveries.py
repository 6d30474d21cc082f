"""Takes what is posted to a function of events: each is tried, and what becomes of it is answered by a status."""

from __future__ import annotations

import time

from isthmus import serve
from isthmus._typing import Any, TypeAlias
from isthmus.errors import BadEventError
from isthmus.invocations import Invocations
from isthmus.links import Identity
from isthmus.parts import part
from isthmus.payload import JSON, dumps, loads_text
from isthmus_gcp import wire
from isthmus_gcp.delivery.attempt import Attempts, TimedOutError
from isthmus_gcp.delivery.parking import Parking
from isthmus_gcp.events import task
from isthmus_gcp.events.arrival import Arrivals
from isthmus_gcp.events.ping import PONG, is_ping
from isthmus_gcp.events.posted import Posted, posted
from isthmus_gcp.events.pubsub import is_unwrapped
from isthmus_gcp.events.record import Record
from isthmus_gcp.services import Services

INBOX = "ISTHMUS_INBOX"
"""The variable with the name of the function's inbox: a topic, and its subscription. Not set where it has none."""

PULL = "ISTHMUS_PULL"
"""The variable that says what is pulled, as JSON: `{subscription: {"batch": n, "ordered": bool}}`."""

DRAINS = "isthmus_gcp.delivery.drain:Drains"
"""What pulls, as "module:class"."""

DRAIN_HEADER = "HTTP_" + wire.DRAIN_HEADER.upper().replace("-", "_")
"""The header of the call that asks for it, as WSGI writes it."""

PUSH_DEADLINE = 600.0
"""The most seconds that Pub/Sub waits for an answer: https://cloud.google.com/pubsub/docs/push#configure_for_push."""

EVENTARC_DEADLINE = 10.0
"""The seconds that Eventarc waits for an answer, a cold start among them, before it brings the event again.

Nobody can change that of a trigger: https://github.com/hashicorp/terraform-provider-google/issues/17701.
"""

_STARTING = 5.0
"""The seconds of it that are left for a start, and for the hand-over of what has failed."""

Answer: TypeAlias = "tuple[bytes, int, dict[str, str]]"
"""A body, a status and headers, as Flask takes them from a function."""

_EXECUTION_ID = "HTTP_FUNCTION_EXECUTION_ID"
_DONE: Answer = (b"", 204, {})


class Deliveries:
    """The deliveries of one instance, on any number of threads at once."""

    __slots__ = ("_arrivals", "_attempts", "_drains", "_identity", "_parking", "_services")

    def __init__(
        self, identity: Identity, services: Services, invocations: Invocations, handler: serve.Handle | None
    ) -> None:
        if handler is None:
            raise RuntimeError(f"function {identity.function!r} takes events, and has no handler")
        inbox = services.variable(INBOX)
        self._identity = identity
        self._services = services
        self._attempts = Attempts(handler, invocations)
        self._arrivals = Arrivals(identity, inbox)
        self._parking = Parking(services, identity.function, inbox)
        self._drains: Any = None

    def answer(self, raw: Any) -> Answer:
        """Return what is answered to a Flask request: 2xx acknowledges an event, anything else does not."""
        end = time.time() + self._identity.timeout
        request = posted(raw)
        if request.header("REQUEST_METHOD") != "POST":
            return refused(405, "MethodNotAllowedError", "a function of events is called by POST", allow="POST")
        if is_ping(request) and not is_unwrapped(request):
            return PONG, 200, {"content-type": JSON}
        try:
            return self._answer(request, end)
        except BadEventError as error:
            _log().warning("refused: %s", error)
            return refused(400, "BadEventError", str(error))

    def _answer(self, request: Posted, end: float) -> Answer:
        if DRAIN_HEADER in request.headers and not is_unwrapped(request):
            return self._drained(end)
        record = self._arrivals.of_request(request)
        if record is None:
            return self._result(request, end)
        if self._outlasts(record) and self._parking.hand_over(record, untried=True):
            return _DONE
        limit = min(end, time.time() + PUSH_DEADLINE) if record.way == "message" else end
        failure = self._attempts.attempt(record, limit, request_id=request.header(_EXECUTION_ID))
        if failure is None or self._is_settled(record, failure):
            return _DONE
        return refused(400 if _is_malformed(record) else 500, failure.type, failure.message)

    def _outlasts(self, record: Record) -> bool:
        """Tell whether an event may take longer than who brings it waits: Pub/Sub waits longer than Eventarc."""
        brief = self._identity.timeout <= EVENTARC_DEADLINE - _STARTING
        return record.way == "call" and record.source.kind == "table" and not brief and not _is_malformed(record)

    def _is_settled(self, record: Record, failure: serve.Failure) -> bool:
        """Tell whether a failed event needs no other delivery of this kind: it is parked, or in the inbox."""
        if record.way == "foreign":
            return False
        if record.attempt >= record.source.attempts:
            return self._parking.park(record, failure)
        return record.way == "call" and not _is_malformed(record) and self._parking.hand_over(record)

    def _result(self, request: Posted, end: float) -> Answer:
        """Return what a called handler returns, or raises."""
        payload = task.payload_of(request)
        try:
            result = self._attempts.task(
                payload,
                task.envelope_of(request),
                end,
                request.raw,
                request_id=request.header(_EXECUTION_ID),
                attempt=task.retry_of(request),
            )
        except TimedOutError as error:
            return refused(504, "TimedOutError", str(error))
        except task.NamedFailureError as error:
            return refused(500, error.type, serve.message_of(error))
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # whatever a handler raises is told to who has called it
            return refused(500, type(error).__name__, serve.message_of(error))
        return dumps(result), 200, {"content-type": JSON}

    def _drained(self, end: float) -> Answer:
        """Return what a drain has counted; one that cannot pull has failed, so that its caller shows it."""
        told = self._services.variable(PULL)
        if not told:
            raise BadEventError(f"function {self._identity.function!r} pulls nothing, so that it has nothing to drain")
        if self._drains is None:
            parts = (self._identity, self._services, self._arrivals, self._attempts, self._parking)
            self._drains = part(DRAINS)(*parts, pulled=loads_text(told))
        try:
            return dumps(self._drains.drain(end)), 200, {"content-type": JSON}
        except Exception as error:  # whatever Pub/Sub's client raises
            serve.log_fault(error, None)
            return refused(500, type(error).__name__, serve.message_of(error))


def refused(status: int, type: str, message: str, **headers: str) -> Answer:
    """Return the answer that tells an error by the name of its class, and never by a traceback."""
    body = dumps({"error": {"type": type, "message": message.encode("utf-8", "replace").decode()}})
    return body, status, {"content-type": JSON, **headers}


def _is_malformed(record: Record) -> bool:
    return any(type(event) is serve.Malformed for event in record.events)


def _log() -> Any:
    import logging

    return logging.getLogger("isthmus")
