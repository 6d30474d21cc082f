"""Messages on their way to a topic: each request is answered, and so durable, before the function goes on."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Iterator, Sequence
from isthmus.errors import InvalidValueError, ServiceError
from isthmus_gcp.clients.asking import Asking
from isthmus_gcp.clients.retries import patient
from isthmus_gcp.clients.wire_message import WireMessage

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

BATCH = 1000
"""The most messages of a request: https://cloud.google.com/pubsub/quotas#resource_limits."""

BATCH_BYTES = 9_500_000
"""The most bytes of a request, which is 10 MB in all."""

CHUNK_BYTES = 8 * 1024 * 1024
"""How many bytes of bodies are prepared before they are sent."""

THREADS = 16
"""How many requests are under way at once, where each can carry only the messages of one key."""

_BEHIND = "an earlier record of its key was not accepted, and the order of a key holds"


class Publishing:
    """Publishes to one topic (its full name) on behalf of a link, for which that needs `verb`."""

    __slots__ = ("_asking", "_services", "_topic", "_verb")

    def __init__(self, asking: Asking, services: Services, topic: str, verb: str) -> None:
        self._asking = asking
        self._services = services
        self._topic = topic
        self._verb = verb

    def one(self, message: WireMessage, *, deadline: float | None = None) -> str:
        """Publish a message and return its id, once it is durable."""
        return self._publish([message], deadline)[0]

    def many(self, messages: Sequence[WireMessage]) -> list[str | ServiceError]:
        """Publish messages without a key; returns each one's id, or why it was refused."""
        return [answer for batch in _split(messages) for answer in self._tried(batch)]

    def ordered(self, messages: Sequence[WireMessage], stuck: set[str]) -> list[str | ServiceError]:
        """Publish messages with keys, those of each in their order, and add keys of which one was refused to `stuck`.

        All messages of a request have one key, so those of several keys go in several requests at once:
        https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage.
        """
        by_key: dict[str, list[int]] = {}
        for position, message in enumerate(messages):
            by_key.setdefault(message.key, []).append(position)
        groups = [[messages[position] for position in positions] for positions in by_key.values()]
        answers: dict[int, str | ServiceError] = {}
        for positions, answered in zip(
            by_key.values(), at_once(lambda group: self._in_order(group, stuck), groups), strict=True
        ):
            answers.update(zip(positions, answered, strict=True))
        return [answers[position] for position in range(len(messages))]

    def _in_order(self, messages: Sequence[WireMessage], stuck: set[str]) -> list[str | ServiceError]:
        key = messages[0].key
        answers: list[str | ServiceError] = []
        for batch in _split(messages):
            answers += [ServiceError(_BEHIND)] * len(batch) if key in stuck else self._tried(batch)
            if isinstance(answers[-1], ServiceError):
                stuck.add(key)
        return answers

    def _tried(self, batch: Sequence[WireMessage]) -> Sequence[str | ServiceError]:
        try:
            return self._publish(batch, None)
        except (ServiceError, InvalidValueError) as error:
            return [ServiceError(str(error))] * len(batch)

    def _publish(self, batch: Sequence[WireMessage], deadline: float | None) -> list[str]:
        request = {"topic": self._topic, "messages": [message.as_request() for message in batch]}
        options = patient(deadline or self._services.deadline)
        answer = self._asking.ask(self._verb, lambda: self._services.publisher().publish(request=request, **options))
        return list(answer.message_ids)


def at_once(call: Callable[[Any], Any], arguments: Sequence[Any]) -> list[Any]:
    """Return what `call` returns for each of the arguments, several at once on threads."""
    if len(arguments) < 2:
        return [call(argument) for argument in arguments]
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(min(THREADS, len(arguments))) as threads:
        return list(threads.map(call, arguments))


def _split(messages: Sequence[WireMessage]) -> Iterator[list[WireMessage]]:
    batch: list[WireMessage] = []
    total = 0
    for message in messages:
        if batch and (total + message.size > BATCH_BYTES or len(batch) == BATCH):
            yield batch
            batch, total = [], 0
        batch.append(message)
        total += message.size
    if batch:
        yield batch
