"""Streaming pull: https://cloud.google.com/pubsub/docs/pull#streamingpull_api"""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import pytest
from google.api_core.exceptions import NotFound

from tests.emulators.gcp.parts.channel import Channel, texts, until
from tests.emulators.gcp.parts.pubsub import PubSub, pubsub

__all__ = ["pubsub"]


class Listener:
    """The client library's own streaming pull, of a channel."""

    def __init__(self, pubsub: PubSub, channel: Channel, monkeypatch: pytest.MonkeyPatch, **flow: Any) -> None:
        for name, value in pubsub.variables.items():
            monkeypatch.setenv(name, value)
        self.got: list[Any] = []
        self._lock = threading.Lock()
        pubsub_v1: Any = import_module("google.cloud.pubsub_v1")
        self._client = pubsub_v1.SubscriberClient()
        self._future = self._client.subscribe(
            channel.subscription, callback=self._take, flow_control=pubsub_v1.types.FlowControl(**flow)
        )

    def _take(self, message: Any) -> None:
        with self._lock:
            self.got.append(message)

    @property
    def texts(self) -> list[str]:
        with self._lock:
            return [message.data.decode() for message in self.got]

    def close(self) -> None:
        self._future.cancel()
        self._future.result(timeout=20)
        self._client.close()


def test_a_stream_delivers_a_thousand_messages_quickly(pubsub: PubSub, monkeypatch: pytest.MonkeyPatch) -> None:
    channel = Channel(pubsub)
    listener = Listener(pubsub, channel, monkeypatch, max_messages=2000)
    start = time.monotonic()

    channel.send(*map(str, range(1000)))

    assert until(lambda: len(listener.texts) == 1000, within=5)
    assert time.monotonic() - start < 5
    assert sorted(listener.texts, key=int) == [str(number) for number in range(1000)]
    listener.close()


def test_a_stream_delivers_a_key_in_order_and_again_after_a_nack(pubsub: PubSub) -> None:
    channel = Channel(pubsub, enable_message_ordering=True)
    channel.send("1", "2", "3", key="k")
    with stream_of(channel) as stream:
        first = next(stream).received_messages
        assert channel.pull() == []  # whoever has a key keeps it

        channel.nack(first[1])
        channel.ack(first[0], first[2])

        assert (texts(first), texts(next(stream).received_messages)) == (["1", "2", "3"], ["2", "3"])


def test_a_stream_has_no_more_out_than_its_client_wants(pubsub: PubSub) -> None:
    """https://cloud.google.com/pubsub/docs/flow-control-messages"""
    channel = Channel(pubsub)
    channel.send(*map(str, range(10)))
    with stream_of(channel, max_outstanding_messages=3) as stream:
        first = next(stream).received_messages
        assert texts(first) == ["0", "1", "2"]
        assert texts(channel.pull(3)) == ["3", "4", "5"]

        channel.ack(*first)

        got: list[str] = []
        while len(got) < 3:
            got += texts(next(stream).received_messages)
        assert got == ["6", "7", "8"]
        assert texts(channel.pull()) == ["9"]


def test_a_stream_of_a_subscription_that_is_deleted_ends(pubsub: PubSub) -> None:
    channel = Channel(pubsub)
    channel.send("a")
    with stream_of(channel) as stream:
        next(stream)

        channel.subscriber.delete_subscription(subscription=channel.subscription)

        with pytest.raises(NotFound):
            next(stream)


@contextmanager
def stream_of(channel: Channel, **options: Any) -> Generator[Any]:
    """Open a bare stream, without the client library's own queues."""
    done = threading.Event()

    def requests() -> Generator[dict[str, Any]]:
        yield {"subscription": channel.subscription, "stream_ack_deadline_seconds": 10, **options}
        done.wait(10)

    stream = channel.subscriber.streaming_pull(requests=requests(), timeout=20)
    yield stream
    stream.cancel()
    done.set()


def test_a_server_that_is_gone_takes_nothing_with_it() -> None:
    with PubSub() as server:
        Channel(server)
        publisher = server.publisher()

    with pytest.raises(Exception, match=r"UNAVAILABLE|failed to connect"):
        publisher.get_topic(topic="projects/isthmus/topics/any", timeout=2, retry=None)
