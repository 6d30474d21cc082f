"""The client of a linked topic, which is one of SNS."""

from __future__ import annotations

from isthmus._typing import Any, Iterable, Mapping, Sequence
from isthmus.errors import InvalidValueError, ServiceError
from isthmus.links import Link
from isthmus.outgoing import prepare
from isthmus.sending import send_all
from isthmus_aws import wire
from isthmus_aws.clients.asking import Asking
from isthmus_aws.clients.batches import send_batches
from isthmus_aws.clients.queue import batch_answers
from isthmus_aws.clients.wire_message import WireMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_aws.services import Services

LIMIT = 256 * 1024
"""The most bytes of a message and of a batch of SNS, attributes included, unless the topic is set up for more.

https://docs.aws.amazon.com/sns/latest/dg/large-message-payloads.html
"""

BATCH = 10
"""The most messages of a batch: https://docs.aws.amazon.com/sns/latest/dg/sns-batch-api-actions.html."""

SMALLEST, LARGEST = 1e-128, 1e126
"""What an attribute that is a number may be, whatever its sign, besides 0.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-message-metadata.html
"""


class TopicClient:
    """A linked topic: see `isthmus.ports.Topic`.

    Attributes are native ones, text or number, so that filters see them. A body that is no text travels as base64, so
    that about 190 KB of bytes are the most.
    """

    __slots__ = ("_asking", "_services", "name")

    def __init__(self, link: Link, services: Services) -> None:
        self.name = link.physical
        self._asking = Asking(link, services, "sns")
        self._services = services

    def publish(self, body: Any, *, attributes: Mapping[str, str | int | float] | None = None) -> str:
        """Publish one message and return its id, once it is durable."""
        self._asking.allow("publish")
        message = _prepared(body, attributes)
        try:
            answer = self._asking.ask(
                "publish",
                "publish",
                TopicArn=self._arn,
                Message=message.text,
                MessageAttributes=message.attributes,
            )
        except InvalidValueError as error:
            raise message.refusal(error, LIMIT) from error.__cause__
        identifier: str = answer["MessageId"]
        return identifier

    def publish_many(
        self, bodies: Iterable[Any], *, attributes: Mapping[str, str | int | float] | None = None
    ) -> list[str]:
        """Publish any number of messages; `PartialSendError` names those that could not be, after the others were."""
        self._asking.allow("publish")

        def prepared(body: Any) -> tuple[bytes, WireMessage]:
            return b"", _prepared(body, attributes)

        def send(messages: Sequence[Any]) -> Sequence[str | ServiceError]:
            return send_batches([message for _, message in messages], self._post, size=_size, most_bytes=LIMIT)

        return send_all(bodies, prepared, send, most=BATCH, most_bytes=LIMIT)

    def _post(self, messages: Sequence[WireMessage]) -> Sequence[str | ServiceError]:
        entries = [
            {"Id": str(position), "Message": message.text, "MessageAttributes": message.attributes}
            for position, message in enumerate(messages)
        ]
        answer = self._asking.ask("publish", "publish_batch", TopicArn=self._arn, PublishBatchRequestEntries=entries)
        return batch_answers(answer, len(messages))

    @property
    def _arn(self) -> str:
        return self._services.arn("sns", self.name)

    def __repr__(self) -> str:
        return f"<Topic {self._asking.link.name}>"


def _prepared(body: Any, attributes: Mapping[str, str | int | float] | None) -> WireMessage:
    data, given, carried = prepare(body, attributes, numbers=True, reserved=wire.RESERVED)
    for name, value in given.items():
        if type(value) is float and value and not SMALLEST <= abs(value) <= LARGEST:
            raise InvalidValueError(f"attribute {name!r} is {value}, which is beyond what SNS keeps as a number")
    message = WireMessage(data, {**carried, **given})
    message.check(LIMIT)
    return message


def _size(message: WireMessage) -> int:
    return message.size
