from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from isthmus.errors import InvalidValueError, PartialSendError, ServiceError
from isthmus.sending import send_all


class Service:
    """Takes chunks, and refuses the messages that it is told to."""

    def __init__(self, *refused: bytes, broken: bool = False) -> None:
        self.chunks: list[list[bytes]] = []
        self._refused = refused
        self._broken = broken

    def send(self, messages: Sequence[Any]) -> Sequence[str | ServiceError]:
        chunk = [message[0] for message in messages]
        self.chunks.append(chunk)
        if self._broken and len(self.chunks) == 1:
            raise ServiceError("throttled")
        return [ServiceError("no room") if body in self._refused else f"id-{body.decode()}" for body in chunk]


def prepared(body: str) -> tuple[bytes]:
    if body == "bad":
        raise InvalidValueError("no such thing")
    return (body.encode(),)


def send(service: Service, *bodies: str, most: int = 2, most_bytes: int = 1000) -> list[str]:
    return send_all(iter(bodies), prepared, service.send, most=most, most_bytes=most_bytes)


def test_messages_are_sent_in_chunks_and_their_ids_come_in_order() -> None:
    service = Service()

    assert send(service, "a", "b", "c") == ["id-a", "id-b", "id-c"]
    assert service.chunks == [[b"a", b"b"], [b"c"]]


def test_a_chunk_is_full_by_its_bytes_too() -> None:
    service = Service()
    send(service, "aaaa", "b", "c", most=10, most_bytes=4)

    assert service.chunks == [[b"aaaa"], [b"b", b"c"]]


def test_nothing_to_send_asks_nothing() -> None:
    service = Service()

    assert send(service) == []
    assert service.chunks == []


def test_a_body_that_is_refused_beforehand_is_named_and_the_others_are_sent() -> None:
    service = Service()
    with pytest.raises(PartialSendError, match="1 of 3 messages were not accepted") as caught:
        send(service, "a", "bad", "c")

    assert caught.value.failed == [(1, "no such thing")]
    assert service.chunks == [[b"a", b"c"]]


def test_bodies_that_are_all_refused_ask_nothing() -> None:
    service = Service()
    with pytest.raises(PartialSendError) as caught:
        send(service, "bad", "bad", "bad")

    assert [position for position, _ in caught.value.failed] == [0, 1, 2]
    assert service.chunks == []


def test_a_message_that_the_service_refuses_is_named_with_its_reason() -> None:
    with pytest.raises(PartialSendError) as caught:
        send(Service(b"b", b"d"), "a", "b", "c", "d", "bad")

    assert caught.value.failed == [(1, "no room"), (3, "no room"), (4, "no such thing")]


def test_a_chunk_that_fails_counts_for_each_of_its_messages_and_the_next_is_sent() -> None:
    service = Service(broken=True)
    with pytest.raises(PartialSendError, match="2 of 3") as caught:
        send(service, "a", "b", "c")

    assert caught.value.failed == [(0, "throttled"), (1, "throttled")]
    assert service.chunks == [[b"a", b"b"], [b"c"]]


def test_a_service_that_answers_for_another_number_of_messages_is_no_success() -> None:
    with pytest.raises(ValueError, match="shorter"):
        send_all(["a", "b"], prepared, lambda _: ["id"], most=2, most_bytes=10)
