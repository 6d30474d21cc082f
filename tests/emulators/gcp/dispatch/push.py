"""Pub/Sub's push: what a push subscription has is posted to its endpoint, message by message.

- The body is `{"message": {…}, "subscription": …}`; `deliveryAttempt` is there where a dead-letter policy is.
  https://cloud.google.com/pubsub/docs/push#receive_push
- With `noWrapper` the body is the data, and with `writeMetadata` headers tell the rest.
  https://cloud.google.com/pubsub/docs/payload-unwrapping
- With `oidcToken` there is a bearer token of that account; its audience is the endpoint by default.
  https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions
- 102, 200, 201, 202 and 204 acknowledge; any other status does not, nor does no answer within the deadline of
  acknowledgement. A refusal of a busy function (429) is a failed attempt like any other.
  https://cloud.google.com/pubsub/docs/push#receive_push
- The window of requests at once begins small, grows with each acknowledgement and shrinks with each failure.
  https://cloud.google.com/pubsub/docs/push#delivery_rate
- Of an ordering key, one message is out at a time.
  https://cloud.google.com/pubsub/docs/ordering#receive-messages-in-order
- Waits between attempts, their count, order and the dead-letter topic are the subscription's: Pub/Sub's part keeps
  them.
  https://cloud.google.com/pubsub/docs/handling-failures

Not stood for: the push backoff that a subscription without a retry policy gets when its endpoint fails often.
"""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from importlib import import_module
from typing import Any

from google.pubsub_v1 import types

from tests.emulators.gcp.dispatch.target import Caller
from tests.emulators.gcp.resources import Inputs

ACKNOWLEDGES = frozenset({102, 200, 201, 202, 204})
START = 3
"""The window at first."""

MOST = 100
"""The window at most: Pub/Sub has more, a machine does not."""

AGENT = "CloudPubSub-Google"
_LULL = 1.0
"""Seconds after which a worker with nothing to do ends its stream."""
_AGAIN = 0.5
AIO: Any = import_module("grpc.aio")  # it publishes no types
_END: Any = AIO.EOF
_SUBSCRIBER = "/google.pubsub.v1.Subscriber/"


class Push:
    """Pushes what one subscription has, until it is stopped."""

    def __init__(self, channel: Any, caller: Caller, name: str, subscription: Inputs) -> None:
        self._channel = channel
        self._caller = caller
        self._name = name
        self._push: Inputs = subscription["pushConfig"]
        self._deadline = int(subscription.get("ackDeadlineSeconds") or 10)
        self.window = float(START)
        self._waiting = 0
        self._stopped = False
        self._workers: set[asyncio.Task[None]] = set()
        self._grow()

    def stop(self) -> None:
        """Push nothing more; what is out and not acknowledged comes again later."""
        self._stopped = True
        for worker in self._workers:
            worker.cancel()

    def _grow(self) -> None:
        """Let one worker wait for a message, as long as the window allows."""
        if not self._stopped and not self._waiting and len(self._workers) < int(self.window):
            self._waiting += 1
            worker = asyncio.ensure_future(self._work())
            self._workers.add(worker)
            worker.add_done_callback(self._ended)

    def _ended(self, worker: asyncio.Task[None]) -> None:
        self._workers.discard(worker)
        if not worker.cancelled():
            worker.exception()  # it is dead, and what it had comes again: the next one takes its place
            self._grow()

    async def _work(self) -> None:
        """Take one message after the other, each when the one before has been dealt with."""
        waits = True
        try:
            async with _Stream(self._channel, self._name, self._deadline) as stream:
                while True:
                    alone = self._waiting == 1 and waits
                    message = await stream.next(None if alone else _LULL)
                    if message is None:
                        return
                    if waits:
                        self._waiting -= 1
                        waits = False
                    self._grow()
                    await stream.settle(message, acknowledged=await self._deliver(message))
                    if not self._waiting:
                        self._waiting += 1
                        waits = True
        finally:
            self._waiting -= waits

    async def _deliver(self, received: Any) -> bool:
        """Post a message, and return whether that acknowledged it."""
        url = self._push["pushEndpoint"]
        body, headers = self._request(received)
        tokens = self._caller.oidc(self._push.get("oidcToken"), url)
        answer = await self._caller.call(url, [*headers, *tokens], body, self._deadline)
        done = answer.status in ACKNOWLEDGES
        self.window = min(MOST, self.window + 1) if done else max(1, self.window / 2)
        return done

    def _request(self, received: Any) -> tuple[bytes, list[tuple[str, str]]]:
        common = [("user-agent", AGENT), ("accept", "application/json"), ("from", "noreply@google.com")]
        unwrapped = self._push.get("noWrapper")
        if unwrapped is None:
            body = json.dumps(wrapped(self._name, received)).encode()
            return body, [("content-type", "application/json"), *common]
        metadata = [*_metadata(self._name, received)] if unwrapped.get("writeMetadata") else []
        return received.message.data, [*common, *metadata]


def wrapped(subscription: str, received: Any) -> dict[str, Any]:
    """Return the body of a wrapped message."""
    message = received.message
    published = message.publish_time.isoformat().replace("+00:00", "Z")
    told: dict[str, Any] = {"messageId": message.message_id, "message_id": message.message_id}
    told |= {"publishTime": published, "publish_time": published}
    if message.data:
        told["data"] = base64.b64encode(message.data).decode()
    if message.attributes:
        told["attributes"] = dict(message.attributes)
    if message.ordering_key:
        told["orderingKey"] = message.ordering_key
    body: dict[str, Any] = {"message": told, "subscription": subscription}
    if received.delivery_attempt:
        body["deliveryAttempt"] = received.delivery_attempt
    return body


def _metadata(subscription: str, received: Any) -> Iterator[tuple[str, str]]:
    message = received.message
    yield "x-goog-pubsub-subscription-name", subscription
    yield "x-goog-pubsub-message-id", message.message_id
    yield "x-goog-pubsub-publish-time", message.publish_time.isoformat().replace("+00:00", "Z")
    if message.ordering_key:
        yield "x-goog-pubsub-ordering-key", message.ordering_key
    yield from message.attributes.items()


class _Stream:
    """A streaming pull that has one message at a time."""

    def __init__(self, channel: Any, subscription: str, deadline: int) -> None:
        asked: Any = types.StreamingPullRequest
        answered: Any = types.StreamingPullResponse
        serializers = {"request_serializer": asked.serialize, "response_deserializer": answered.deserialize}
        pull: Any = channel.stream_stream(f"{_SUBSCRIBER}StreamingPull", **serializers)
        self._channel = channel
        self._subscription = subscription
        self._requests: asyncio.Queue[Any] = asyncio.Queue()
        self._closing = False
        self._requests.put_nowait(
            types.StreamingPullRequest(
                subscription=subscription,
                stream_ack_deadline_seconds=max(10, deadline),
                max_outstanding_messages=1,
            )
        )
        self._call = pull(self._sent())
        self._read: asyncio.Task[Any] | None = None

    async def __aenter__(self) -> _Stream:
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._call.cancel()
        if self._read:
            self._read.cancel()
            with suppress(asyncio.CancelledError, AIO.AioRpcError):
                await self._read

    async def next(self, patience: float | None) -> Any:
        """Return the next message; None where there is none within so many seconds, or the subscription is gone.

        After so many seconds the stream is closed on this side only, and read to its end: what was sent in just that
        moment would else be lost with the stream, and come again after its deadline of acknowledgement only.
        """
        read: asyncio.Task[Any] = self._read or asyncio.ensure_future(self._call.read())
        self._read = read
        done, _ = await asyncio.wait({read}, timeout=patience)
        if not done and not self._closing:
            self._closing = True
            self._requests.put_nowait(None)
        try:
            response = await read
        except AIO.AioRpcError:
            await asyncio.sleep(_AGAIN)
            return None
        finally:
            self._read = None
        return None if response is _END else response.received_messages[0]

    async def settle(self, received: Any, *, acknowledged: bool) -> None:
        """Acknowledge a message, or give it back."""
        if self._closing:
            await self._settle_alone(received.ack_id, acknowledged=acknowledged)
            return
        request = types.StreamingPullRequest(ack_ids=[received.ack_id])
        if not acknowledged:
            ids = [received.ack_id]
            request = types.StreamingPullRequest(modify_deadline_ack_ids=ids, modify_deadline_seconds=[0])
        await self._requests.put(request)

    async def _settle_alone(self, ack_id: str, *, acknowledged: bool) -> None:
        """Say it in a call of its own: over a stream that is closed on this side nothing is said any more."""
        of: dict[str, Any] = {"subscription": self._subscription, "ack_ids": [ack_id]}
        method, asked = "Acknowledge", types.AcknowledgeRequest
        if not acknowledged:
            of["ack_deadline_seconds"] = 0
            method, asked = "ModifyAckDeadline", types.ModifyAckDeadlineRequest
        kind: Any = asked
        call: Any = self._channel.unary_unary(f"{_SUBSCRIBER}{method}", request_serializer=kind.serialize)
        await call(kind(of))

    async def _sent(self) -> AsyncIterator[Any]:
        while (request := await self._requests.get()) is not None:
            yield request
