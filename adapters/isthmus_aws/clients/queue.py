"""The client of a linked queue, which is one of SQS."""

from __future__ import annotations

from isthmus._typing import Any, Iterable, Mapping, Sequence
from isthmus.envelope import new_id
from isthmus.errors import InvalidValueError, ServiceError
from isthmus.links import Link
from isthmus.outgoing import check_order, prepare
from isthmus.sending import send_all
from isthmus_aws import wire
from isthmus_aws.clients.asking import Asking
from isthmus_aws.clients.batches import BusyError, send_batches
from isthmus_aws.clients.wire_message import WireMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_aws.services import Services

LIMIT = 1024 * 1024
"""The most bytes of a message and of a batch of SQS.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
"""

BATCH = 10
"""The most messages of a batch."""


class QueueClient:
    """A linked queue: see `isthmus.ports.Queue`.

    A delay is a whole number of seconds on SQS: one with a fraction is rounded up. That the duplicate of a FIFO queue
    is accepted and not delivered is documented; that its answer has the first one's id is what SQS does, and what its
    documentation does not say: take it for a hint.
    https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
    """

    __slots__ = ("_asking", "_fifo", "_services", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._asking = Asking(link, services, "sqs")
        self._fifo = bool(link.properties.get("fifo"))
        self._services = services

    def send(
        self,
        body: Any,
        *,
        attributes: Mapping[str, str] | None = None,
        delay: float | None = None,
        group: str | None = None,
        deduplicate: str | None = None,
    ) -> str:
        """Send one message and return its id, once it is durable."""
        self._asking.allow("send")
        self._check_order(delay=delay, group=group, deduplicate=deduplicate)
        message = _prepared(body, attributes)
        options: dict[str, Any] = {}
        if delay is not None:  # otherwise the queue has a delay of its own
            options["DelaySeconds"] = whole_seconds(delay)
        if self._fifo:
            # Without a key of its own a message would be a duplicate of another of the same text.
            options |= {"MessageGroupId": group, "MessageDeduplicationId": deduplicate or new_id()}
        return send_message(self._asking, "send", self._url, message, options)

    def send_many(self, bodies: Iterable[Any], *, attributes: Mapping[str, str] | None = None) -> list[str]:
        """Send any number of messages; `PartialSendError` names those that could not be, after sending the others."""
        self._asking.allow("send")
        self._check_order(delay=None, group=None, deduplicate=None)

        def prepared(body: Any) -> tuple[bytes, WireMessage]:
            return b"", _prepared(body, attributes)

        def send(messages: Sequence[Any]) -> Sequence[str | ServiceError]:
            return send_batches([message for _, message in messages], self._post, size=_size, most_bytes=LIMIT)

        return send_all(bodies, prepared, send, most=BATCH, most_bytes=LIMIT)

    def _check_order(self, *, delay: float | None, group: str | None, deduplicate: str | None) -> None:
        name = self._asking.link.name
        check_order(name, fifo=self._fifo, delay=delay, group=group, deduplicate=deduplicate)

    def _post(self, messages: Sequence[WireMessage]) -> Sequence[str | ServiceError]:
        entries = [
            {"Id": str(position), "MessageBody": message.text, "MessageAttributes": message.attributes}
            for position, message in enumerate(messages)
        ]
        answer = self._asking.ask("send", "send_message_batch", QueueUrl=self._url, Entries=entries)
        return batch_answers(answer, len(messages))

    @property
    def _url(self) -> str:
        return self._services.queue_url(self.name)

    def __repr__(self) -> str:
        return f"<Queue {self._asking.link.name}>"


def send_message(asking: Asking, verb: str, url: str, message: WireMessage, options: Mapping[str, Any]) -> str:
    """Send a message to the queue at `url` and return its id; `TooLargeError` where SQS says that it is."""
    try:
        answer = asking.ask(
            verb,
            "send_message",
            QueueUrl=url,
            MessageBody=message.text,
            MessageAttributes=message.attributes,
            **options,
        )
    except InvalidValueError as error:
        raise message.refusal(error, LIMIT) from error.__cause__
    identifier: str = answer["MessageId"]
    return identifier


def whole_seconds(delay: float) -> int:
    """Return a delay as SQS takes it: rounded up, so that no message comes too soon."""
    return int(-(-delay // 1))


def batch_answers(answer: Mapping[str, Any], count: int) -> list[str | ServiceError]:
    """Return what SQS or SNS says of each of `count` entries, whose ids are their positions."""
    said: dict[str, str | ServiceError] = {entry["Id"]: entry["MessageId"] for entry in answer.get("Successful", ())}
    for entry in answer.get("Failed", ()):
        kind = ServiceError if entry.get("SenderFault") else BusyError
        said[entry["Id"]] = kind(f"{entry.get('Code')}: {entry.get('Message') or 'no reason given'}")
    return [said.get(str(position)) or BusyError("the service did not mention it") for position in range(count)]


def _prepared(body: Any, attributes: Mapping[str, str] | None) -> WireMessage:
    data, _, carried = prepare(body, attributes, reserved=wire.RESERVED)
    message = WireMessage(data, carried)
    message.check(LIMIT)
    return message


def _size(message: WireMessage) -> int:
    return message.size
