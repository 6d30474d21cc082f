"""The streams of the push: one that ends for want of messages loses none that comes in just that moment."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any, cast

import pytest

from tests.emulators.gcp.calls import Answer
from tests.emulators.gcp.dispatch import push
from tests.emulators.gcp.dispatch.target import Caller, Headers
from tests.emulators.gcp.parts.channel import Channel
from tests.emulators.gcp.parts.pubsub import PubSub, pubsub

__all__ = ["pubsub"]

LULL = 0.02
PAIRS = 150


class Endpoint:
    """Whom the push calls: it refuses the first attempt of every seventh message."""

    def __init__(self) -> None:
        self.taken: set[str] = set()
        self._seen: set[str] = set()

    def oidc(self, *_token: Any) -> Headers:
        """Return no token: nobody asks for one here."""
        return ()

    async def call(self, _url: str, _headers: Headers, body: bytes, _timeout: float) -> Answer:
        """Take a message, or refuse it."""
        text = base64.b64decode(json.loads(body)["message"]["data"]).decode()
        refused = int(text) % 7 == 0 and text not in self._seen
        self._seen.add(text)
        if refused:
            return Answer(500, b"")
        self.taken.add(text)
        return Answer(200, b"")


def test_what_comes_while_a_stream_ends_is_delivered(pubsub: PubSub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two at once make a second stream, which ends after a lull: just when the next two come.

    What is lost with a stream would come again after ten minutes only, the longest deadline that there is.
    """
    monkeypatch.setattr(push, "_LULL", LULL)
    channel = Channel(pubsub, ack_deadline_seconds=600)
    endpoint = Endpoint()

    asyncio.run(asyncio.wait_for(_pushed(pubsub, channel, endpoint), 60))

    assert endpoint.taken == {str(number) for number in range(2 * PAIRS)}


async def _pushed(pubsub: PubSub, channel: Channel, endpoint: Endpoint) -> None:
    async with push.AIO.insecure_channel(pubsub.endpoint) as connection:
        subscription = {"pushConfig": {"pushEndpoint": "http://nowhere"}, "ackDeadlineSeconds": 600}
        pushes = push.Push(connection, cast(Caller, endpoint), channel.subscription, subscription)
        for number in range(PAIRS):
            channel.send(str(2 * number), str(2 * number + 1))
            await asyncio.sleep(LULL * (0.5 + number / PAIRS))
        while len(endpoint.taken) < 2 * PAIRS:
            await asyncio.sleep(0.05)
        pushes.stop()
        await asyncio.sleep(0)
