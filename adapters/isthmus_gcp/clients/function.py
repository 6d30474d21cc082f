"""The client of a linked function: a call is an HTTP request, what starts it later a task of Cloud Tasks."""

from __future__ import annotations

import json
import time

from isthmus._typing import Any
from isthmus.errors import AccessDeniedError, InvocationFailedError, ServiceError, TooLargeError
from isthmus.links import Link
from isthmus.outgoing import HINT, MESSAGE_LIMIT, check_delay
from isthmus.payload import JSON, dumps
from isthmus_gcp import wire
from isthmus_gcp.clients.asking import Asking
from isthmus_gcp.clients.tasks import create_task, tasks_queue
from isthmus_gcp.function_address import address
from isthmus_gcp.rest import CONNECT_TIMEOUT, error_of, pause

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

PAYLOAD_LIMIT = 32 * 1024 * 1024
"""The most bytes of a request to a function: https://cloud.google.com/functions/quotas#resource_limits."""

LONGEST = 3600.0
"""How many seconds a function may run: https://cloud.google.com/functions/docs/configuring/timeout."""

INBOX = "inbox"
"""The property of a link with the name that a started call tells as its source."""

BUSY = 429
"""The status where no instance could take a request, which has reached none.

https://cloud.google.com/run/docs/troubleshooting#429
"""


class FunctionClient:
    """A linked function: see `isthmus.ports.Function`."""

    __slots__ = ("_address", "_asking", "_services", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._address = address(services.project, services.region, link.physical)
        self._asking = Asking(link, services)
        self._services = services

    def invoke(self, payload: Any = None) -> Any:
        """Call it and return its result; `InvocationFailedError` names the exception that it raised.

        A function that was ended (its time was over, its process died, its memory ran out) is told so by the status
        that Google answered with, such as `Http503`; `Timeout` where that is known.
        """
        self._asking.allow("invoke")
        data = self._encode(payload, PAYLOAD_LIMIT)
        status, answer = self._asking.ask("invoke", lambda: self._called(data))
        return self._result(status, answer)

    def start(self, payload: Any = None, *, delay: float = 0) -> str:
        """Run it later, at least once, and return an id as soon as that is durable."""
        self._asking.allow("invoke")
        check_delay(delay)
        data = self._encode(payload, MESSAGE_LIMIT)
        headers = {"content-type": JSON, wire.SOURCE_HEADER: self._source, **wire.headers()}
        identifier: str = self._asking.ask(
            "invoke",
            lambda: create_task(
                self._services,
                tasks_queue(self._services),
                self._address,
                data,
                headers=headers,
                delay=delay,
                audience=self._address,
            ),
        )
        return identifier

    @property
    def _source(self) -> str:
        link = self._asking.link
        source: str = link.properties.get(INBOX, "")
        if not source:
            raise ServiceError(f"function {link.name!r} cannot be started by this one: deploy the app again")
        return source

    def _called(self, data: bytes) -> tuple[int, bytes]:
        """Post a request, again where no instance could take it; a broken one is not: perhaps it did something."""
        until = time.monotonic() + self._services.deadline
        attempt = 0
        while True:
            status, answer = self._posted(data)
            wait = pause(attempt)
            if status != BUSY or time.monotonic() + wait > until:
                return status, answer
            time.sleep(wait)
            attempt += 1

    def _posted(self, data: bytes) -> tuple[int, bytes]:
        from urllib3 import Timeout

        headers = {"content-type": JSON, wire.CALL_HEADER: "1", **wire.headers(), **self._authorization()}
        timeout = Timeout(connect=CONNECT_TIMEOUT, read=LONGEST)
        answer = self._services.http().request("POST", self._address, body=data, headers=headers, timeout=timeout)
        return answer.status, answer.data

    def _authorization(self) -> dict[str, str]:
        token = self._services.function_token(self._address)
        return {"authorization": f"Bearer {token}"} if token else {}

    def _result(self, status: int, answer: bytes) -> Any:
        link = self._asking.link
        told = error_of(answer)
        if status // 100 == 2:
            return _json(link.name, answer)
        if "type" in told:
            raise InvocationFailedError(link.name, str(told.get("type") or "Unknown"), str(told.get("message") or ""))
        said = answer.decode(errors="replace")[:500].strip() or "no reason given"
        if status in (401, 403):
            denied = AccessDeniedError(link.name, "invoke", function=self._asking.function, granted=link.verbs)
            denied.add_note(f"The link grants it, but Google refuses ({status}): is that of the last deployment?")
            raise denied
        if status == 504:
            raise InvocationFailedError(link.name, "Timeout", said)
        if status >= 500:
            raise InvocationFailedError(link.name, f"Http{status}", said)
        raise ServiceError(f"function {link.name!r} was not called: Google answered {status}: {said}")

    def _encode(self, payload: Any, limit: int) -> bytes:
        data = dumps(payload)
        if len(data) > limit:
            raise TooLargeError(f"the payload for {self._asking.link.name!r}", len(data), limit, HINT)
        return data

    def __repr__(self) -> str:
        return f"<Function {self._asking.link.name}>"


def _json(name: str, answer: bytes) -> Any:
    try:
        return json.loads(answer or b"null")
    except (ValueError, RecursionError) as error:
        raise ServiceError(f"function {name!r} answered what is not JSON: {error}") from error
