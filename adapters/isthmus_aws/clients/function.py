"""The client of a linked function, which is one of Lambda; what starts it later is its inbox, a queue of SQS."""

from __future__ import annotations

import json

from isthmus._typing import Any, Mapping
from isthmus.envelope import outgoing
from isthmus.errors import InvocationFailedError, ServiceError, TooLargeError
from isthmus.links import Link
from isthmus.outgoing import HINT, MESSAGE_LIMIT, check_delay
from isthmus.payload import JSON, dumps
from isthmus_aws.clients.asking import Asking
from isthmus_aws.clients.queue import send_message, whole_seconds
from isthmus_aws.clients.wire_message import WireMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_aws.services import Services

PAYLOAD_LIMIT = 6 * 1024 * 1024
"""The most bytes of a payload that is waited for.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

CUSTOM = "isthmus"
"""Under which name of the client context's `custom` part the envelope rides."""

INBOX = "inbox"
"""The property of a link with the name of the queue that starts the function."""

ALIAS = "alias"
"""The property of a link with the alias that has the function's warm instances, where some are kept.

https://docs.aws.amazon.com/lambda/latest/dg/provisioned-concurrency.html
"""


class FunctionClient:
    """A linked function: see `isthmus.ports.Function`."""

    __slots__ = ("_asking", "_services", "_starting", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._asking = Asking(link, services, "lambda")
        self._starting = Asking(link, services, "sqs")
        self._services = services

    def invoke(self, payload: Any = None) -> Any:
        """Call it and return its result; `InvocationFailedError` names the exception that it raised.

        A function that was ended (its time was over, its process died, its memory ran out) is told so by the name that
        Lambda gives to that, such as `Sandbox.Timedout`.
        """
        self._asking.allow("invoke")
        data = self._encode(payload, PAYLOAD_LIMIT)
        answer = self._asking.ask(
            "invoke",
            "invoke",
            FunctionName=self.name,
            InvocationType="RequestResponse",
            Payload=data,
            ClientContext=client_context(),
            **self._qualifier,
        )
        result = self._asking.read(answer["Payload"], "invoke")
        if answer.get("FunctionError"):
            raise _failure(self._asking.link.name, result)
        return _result(self._asking.link.name, result)

    def start(self, payload: Any = None, *, delay: float = 0) -> str:
        """Run it later, at least once, and return an id as soon as that is durable."""
        self._starting.allow("invoke")
        check_delay(delay)
        message = WireMessage(self._encode(payload, MESSAGE_LIMIT), outgoing(None, JSON))
        options = {"DelaySeconds": whole_seconds(delay)}
        return send_message(self._starting, "invoke", self._services.queue_url(self._inbox), message, options)

    @property
    def _qualifier(self) -> dict[str, str]:
        alias = self._asking.link.properties.get(ALIAS)
        return {"Qualifier": alias} if alias else {}

    @property
    def _inbox(self) -> str:
        link = self._asking.link
        inbox: str = link.properties.get(INBOX, "")
        if not inbox:
            raise ServiceError(f"function {link.name!r} has no inbox to be started through: deploy the app again")
        return inbox

    def _encode(self, payload: Any, limit: int) -> bytes:
        data = dumps(payload)
        if len(data) > limit:
            raise TooLargeError(f"the payload for {self._asking.link.name!r}", len(data), limit, HINT)
        return data

    def __repr__(self) -> str:
        return f"<Function {self._asking.link.name}>"


def client_context() -> str:
    """Return the envelope of the running invocation as Lambda's client context: JSON in base64.

    https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
    """
    from binascii import b2a_base64

    return b2a_base64(dumps({"custom": {CUSTOM: outgoing(None, JSON)}}), newline=False).decode()


def _result(name: str, result: bytes) -> Any:
    try:
        return json.loads(result or b"null")
    except ValueError as error:
        raise ServiceError(f"function {name!r} answered what is not JSON: {error}") from error


def _failure(name: str, result: bytes) -> InvocationFailedError:
    """Return what Lambda tells of a failure: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html."""
    told = _told(result)
    message = str(told.get("errorMessage") or "")
    kind = str(told.get("errorType") or ("Sandbox.Timedout" if "Task timed out" in message else "Unknown"))
    return InvocationFailedError(name, kind, message)


def _told(result: bytes) -> Mapping[str, Any]:
    try:
        told: dict[str, Any] = {**json.loads(result)}
    except (ValueError, TypeError):
        told = {"errorMessage": result.decode(errors="replace")}
    return told
