"""One function on Lambda: each event goes to the server of a kind that the function declares, or is refused."""

from __future__ import annotations

import os
import time

from isthmus import handler as handlers
from isthmus import logs, serve
from isthmus._typing import Any, Callable
from isthmus.envelope import Envelope, incoming
from isthmus.invocations import Invocations
from isthmus.links import VARIABLE, Identity, read
from isthmus.parts import part
from isthmus.resource import Scope, activate
from isthmus_aws.events.shape import is_list, is_object
from isthmus_aws.linked import factories
from isthmus_aws.overrun import Alarm
from isthmus_aws.services import Services

WEB = "isthmus_aws.web:Web"
"""What answers requests, as "module:class"."""

DELIVERIES = "isthmus_aws.delivery.deliveries:Deliveries"
"""What takes all other events but a task's."""

TASK = "isthmus_aws.events.task:read"
"""What reads an invocation."""

FOLDER = "LAMBDA_TASK_ROOT"
"""The variable that says where the bundle lies, unpacked.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
"""

PING = {"isthmus": "ping"}
"""An event that keeps an instance warm: it is answered before the handler, whatever the function's kinds are."""

PONG = {"isthmus": "pong"}
"""The answer to it."""

_NOTHING = Envelope()


def start() -> Callable[[Any, Any], Any]:
    """Return the function that the environment names: its links are connected, and its handler is loaded."""
    try:
        document = os.environ[VARIABLE]
    except KeyError:
        raise RuntimeError(
            f"the environment variable {VARIABLE} is not set: it says who this function is, and Isthmus sets it "
            "when it deploys"
        ) from None
    logs.configure(level=os.environ.get("AWS_LAMBDA_LOG_LEVEL") or "INFO")
    identity = read(document, os.environ.get(FOLDER, ""))
    services = Services(identity)
    activate(Scope(identity, factories(services)))
    return Function(identity, services).__call__  # a bound method is called quicker than an object that has it


class Function:
    """Serves the events of one function: call it with Lambda's event and context."""

    __slots__ = ("_alarm", "_batches", "_handler", "_identity", "_invocations", "_is_web_alone", "_services", "_web")

    def __init__(self, identity: Identity, services: Services) -> None:
        self._identity = identity
        self._services = services
        self._invocations = Invocations(identity)
        self._handler: Any = handlers.load(identity.handler).__call__ if identity.handler else None
        self._alarm = Alarm()
        self._web: Any = self._make_web() if "http" in identity.triggers else None
        self._is_web_alone = identity.triggers == ("http",)
        self._batches: Any = None

    def __call__(self, event: Any, context: Any) -> Any:
        """Return the answer to one event of Lambda; whatever an invoked handler raises passes."""
        if event == PING:
            return PONG
        if self._is_web_alone or (self._web is not None and _is_request(event)):
            return self._web.answer(event, context)
        if self._is_batch(event):
            return self._deliver(event, context)
        if "task" in self._identity.triggers:
            return self._run(event, context)
        return self._deliver(event, context)  # which refuses what is of no declared kind

    def _is_batch(self, event: Any) -> bool:
        """Tell whether an event is a batch; one from nowhere that this function knows may be a task's payload."""
        if not is_object(event) or "Records" not in event:
            return False
        return "task" not in self._identity.triggers or _origin(event) in self._identity.sources

    def _make_web(self) -> Any:
        return part(WEB)(self._identity, self._invocations, self._handler, self._alarm)

    def _deliver(self, event: Any, context: Any) -> Any:
        if self._batches is None:
            self._batches = self._make_deliveries()
        return self._batches.answer(event, context)

    def _make_deliveries(self) -> Any:
        return part(DELIVERIES)(self._identity, self._services, self._invocations, self._handler, self._alarm)

    def _run(self, payload: Any, context: Any) -> Any:
        task = part(TASK)(payload)
        running = self._invocations.context(
            _envelope(context) if task.envelope is None else task.envelope,
            request_id=context.aws_request_id,
            attempt=task.attempt,
            deadline=deadline(context),
            raw=context,
        )
        return serve.task(self._handler, task.payload, running)


def deadline(context: Any) -> float:
    """Return when Lambda ends the invocation, in epoch seconds."""
    return time.time() + float(context.get_remaining_time_in_millis()) / 1000


def _is_request(event: Any) -> bool:
    return is_object(event) and "requestContext" in event and "Records" not in event


def _origin(event: Any) -> str:
    """Return the last name in the ARN that the first record says it comes from; "" where it says none."""
    records: Any = event["Records"]
    first: Any = records[0] if is_list(records) and records else None
    arn: Any = first.get("eventSourceARN") if is_object(first) else None
    if not isinstance(arn, str):
        return ""
    name = arn.split(":", 5)[-1]
    return name.split("/")[1] if "/" in name else name


def _envelope(context: Any) -> Envelope:
    """Return what a caller sent along in Lambda's client context: see `clients/function.py`."""
    client: Any = getattr(context, "client_context", None)
    custom: Any = getattr(client, "custom", None)
    carried: Any = custom.get("isthmus") if is_object(custom) else None
    return incoming(carried)[1] if is_object(carried) else _NOTHING
