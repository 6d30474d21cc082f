"""A message of Pub/Sub, however it comes: pushed as JSON, pushed unwrapped, in a CloudEvent, or pulled.

https://cloud.google.com/pubsub/docs/push#receive_push, https://cloud.google.com/pubsub/docs/payload-unwrapping and
https://cloud.google.com/pubsub/docs/reference/rest/v1/PubsubMessage
"""

from __future__ import annotations

from binascii import a2b_base64

from isthmus._typing import Any, Mapping
from isthmus.errors import BadEventError
from isthmus_gcp import wire
from isthmus_gcp.events.cloud_event import CloudEvent
from isthmus_gcp.events.posted import Posted
from isthmus_gcp.events.shape import is_object, text, texts

SUBSCRIPTION_HEADER = "HTTP_X_GOOG_PUBSUB_SUBSCRIPTION_NAME"
"""The header of an unwrapped push that names its subscription, as WSGI writes it."""

_HEADERS = "HTTP_X_GOOG_PUBSUB_"
_NOT_ATTRIBUTES = (
    *("HTTP_X_", "HTTP_HOST", "HTTP_USER_AGENT", "HTTP_ACCEPT", "HTTP_AUTHORIZATION", "HTTP_CONNECTION", "HTTP_FROM"),
    *("HTTP_FORWARDED", "HTTP_VIA", "HTTP_TRACEPARENT", "HTTP_TRACESTATE", "HTTP_FUNCTION_EXECUTION_ID", "HTTP_TE"),
    *("HTTP_CONTENT_", "HTTP_TRANSFER_ENCODING"),
)
"""How the headers of an unwrapped push begin that are none of the message's attributes."""

_MOST_ATTEMPTS = 1_000_000


class PubsubMessage:
    """One message as a subscription delivers it: `attributes` are the sender's and ours, as text.

    `published` is what is said of the time, text or epoch seconds; `key` is the ordering key, or None. `attempt` counts
    from 1, approximately: https://cloud.google.com/pubsub/docs/handling-failures#track-delivery-attempts.
    """

    __slots__ = ("attempt", "attributes", "data", "id", "key", "published", "raw", "subscription")

    def __init__(
        self,
        data: bytes,
        attributes: Mapping[str, str],
        *,
        id: str,
        published: str | float,
        key: str | None,
        attempt: int,
        subscription: str,
        raw: Any,
    ) -> None:
        self.data = data
        self.attributes = attributes
        self.id = id
        self.published = published
        self.key = key
        self.attempt = attempt
        self.subscription = subscription
        self.raw = raw

    def open(self) -> None:
        """Put together what had to travel in pieces: see `wire`; `BadEventError` where the pieces make no sense."""
        self.data, self.attributes = wire.incoming(self.data, self.attributes)

    def __repr__(self) -> str:
        return f"<PubsubMessage {self.id} of {self.subscription}, attempt {self.attempt}>"


def is_wrapped(document: Any) -> bool:
    """Tell whether a JSON document looks as Pub/Sub pushes it."""
    return is_object(document) and "subscription" in document and is_object(document.get("message"))


def subscription_of(document: Mapping[str, Any]) -> str:
    """Return the name, without its project, of the subscription that a push names; "" where it names none."""
    name = document.get("subscription")
    return short(name) if type(name) is str else ""


def short(name: str) -> str:
    """Return the last part of `projects/P/subscriptions/NAME`."""
    return name.rpartition("/")[2]


def wrapped(document: Mapping[str, Any], raw: Any, *, id: str = "", time: str = "") -> PubsubMessage:
    """Return the message of a push, or of the data of an event of Pub/Sub, which may tell `id` and `time` itself."""
    message = document["message"]
    encoded = message.get("data")
    attributes = message.get("attributes")
    published = message.get("publishTime") or message.get("publish_time") or time
    return PubsubMessage(
        a2b_base64(text(encoded), strict_mode=True) if encoded else b"",
        texts(attributes) if attributes else {},
        id=_id(message.get("messageId") or message.get("message_id") or id),
        published=text(published),
        key=text(message.get("orderingKey") or message.get("ordering_key") or "") or None,
        attempt=_attempt(document.get("deliveryAttempt", 1)),
        subscription=subscription_of(document),
        raw=raw,
    )


def of_cloud_event(event: CloudEvent) -> PubsubMessage:
    """Return the message of an event of Pub/Sub."""
    return wrapped(event.json(), event.raw, id=event.id, time=event.time)


def is_unwrapped(request: Posted) -> bool:
    """Tell whether a request is a push whose body is the data itself: the attributes are among its headers then."""
    return SUBSCRIPTION_HEADER in request.headers


def unwrapped(request: Posted) -> PubsubMessage:
    """Return the message of a push whose body is the data itself, and which tells the rest by headers.

    HTTP knows no case in a header's name, so that the names of attributes are in lower case here, with hyphens.
    """
    said = {name[len(_HEADERS) :]: value for name, value in request.headers.items() if name.startswith(_HEADERS)}
    return PubsubMessage(
        request.body,
        {
            _name(name): _utf8(value)
            for name, value in request.headers.items()
            if name[:5] == "HTTP_" and not name.startswith(_NOT_ATTRIBUTES)
        },
        id=_id(said.get("MESSAGE_ID")),
        published=said.get("PUBLISH_TIME", ""),
        key=said.get("ORDERING_KEY") or None,
        attempt=_attempt(_whole(said.get("DELIVERY_ATTEMPT", "1"))),
        subscription=short(said.get("SUBSCRIPTION_NAME", "")),
        raw=request.raw,
    )


def pulled(received: Any, subscription: str) -> PubsubMessage:
    """Return the message of a `ReceivedMessage` of Pub/Sub's protocol."""
    message = received.message
    published = message.publish_time
    return PubsubMessage(
        message.data,
        dict(message.attributes),
        id=message.message_id,
        published=published.seconds + published.nanos / 1e9,
        key=message.ordering_key or None,
        attempt=received.delivery_attempt or 1,
        subscription=subscription,
        raw=received,
    )


def _id(value: Any) -> str:
    if type(value) is str and value:
        return value
    raise BadEventError(f"a message of Pub/Sub has {value!r:.80} as its id, which is none")


def _attempt(value: Any) -> int:
    if type(value) is int and 0 <= value <= _MOST_ATTEMPTS:
        return value or 1  # 0 says that it is not counted
    raise BadEventError(f"deliveryAttempt is {value!r:.80}, which is no count")


def _whole(value: str) -> Any:
    return int(value) if value.isascii() and value.isdecimal() and len(value) < 8 else value


def _name(header: str) -> str:
    return header[5:].lower().replace("_", "-")


def _utf8(value: str) -> str:
    """Return a header's value as UTF-8, where it is; WSGI reads all of them as Latin-1."""
    try:
        return value.encode("latin-1").decode()
    except UnicodeError:
        return value
