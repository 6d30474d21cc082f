"""The pushes of all deployed push subscriptions, and publishing for those who only know Pub/Sub's REST API."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

from google.pubsub_v1 import types

from tests.emulators.gcp.dispatch.push import AIO, Push
from tests.emulators.gcp.dispatch.target import Caller
from tests.emulators.gcp.resources import Inputs, Resources, within

SUBSCRIPTIONS = "subscription"
"""The kind of deployed subscriptions."""

_PUBLISH = "/google.pubsub.v1.Publisher/Publish"
_OPTIONS = (("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1))


class Pushes:
    """Pushes for each subscription that has a `pushConfig`."""

    def __init__(self, resources: Resources, caller: Caller, pubsub: str) -> None:
        self._caller = caller
        self._channel: Any = AIO.insecure_channel(pubsub, options=_OPTIONS)
        self._pushes: dict[str, Push] = {}
        resources.watch(SUBSCRIPTIONS, self._deployed)

    async def publish(self, topic: str, messages: Sequence[Mapping[str, Any]]) -> None:
        """Publish messages as the REST API has them.

        https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage
        """
        await self.published(topic, messages)

    async def published(self, topic: str, messages: Sequence[Mapping[str, Any]]) -> Sequence[str]:
        """Publish messages, and return their ids."""
        asked: Any = types.PublishRequest
        answered: Any = types.PublishResponse
        serializers = {"request_serializer": asked.serialize, "response_deserializer": answered.deserialize}
        publish: Any = self._channel.unary_unary(_PUBLISH, **serializers)
        asking = types.PublishRequest(topic=topic, messages=[_message(message) for message in messages])
        return list((await publish(asking)).message_ids)

    async def stop(self) -> None:
        """Push nothing more."""
        for push in self._pushes.values():
            push.stop()
        await self._channel.close()

    def _deployed(self, name: str, subscription: Inputs | None) -> None:
        before = self._pushes.pop(name, None)
        if before:
            before.stop()
        if subscription and within(subscription, "pushConfig").get("pushEndpoint"):
            self._pushes[name] = Push(self._channel, self._caller, name, subscription)


def _message(message: Mapping[str, Any]) -> types.PubsubMessage:
    return types.PubsubMessage(
        data=base64.b64decode(message.get("data", "")),
        attributes=message.get("attributes") or {},
        ordering_key=message.get("orderingKey", ""),
    )
