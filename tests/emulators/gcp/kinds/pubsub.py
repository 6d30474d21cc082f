"""Topics and subscriptions: Pub/Sub's part has them, and the cloud pushes for those that push."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.emulators.gcp.resources import within
from tests.emulators.gcp.session import Session
from tests.emulators.realiser.kind import Inputs, Kind, Made

WEEK = "604800s"

_FIXED = ("project", "topic", "filter", "enableMessageOrdering")
_CHANGED = (
    *("push_config", "ack_deadline_seconds", "retain_acked_messages", "message_retention_duration"),
    *("expiration_policy", "dead_letter_policy", "retry_policy", "labels", "enable_exactly_once_delivery"),
)


def _topic(google: Session, inputs: Inputs) -> Made:
    path = google.path(inputs, "topics", inputs["name"])
    google.publisher.create_topic(request=_topic_request(path, inputs))
    return Made(path, {})


def _topic_request(path: str, inputs: Inputs) -> dict[str, Any]:
    asked: dict[str, Any] = {"name": path, "labels": inputs.get("labels") or {}}
    if inputs.get("messageRetentionDuration"):
        asked["message_retention_duration"] = _duration(inputs["messageRetentionDuration"])
    return asked


def _change_topic(google: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    paths = ["labels", "message_retention_duration"]
    google.publisher.update_topic(request={"topic": _topic_request(id_, inputs), "update_mask": {"paths": paths}})
    return {}


def _read_topic(google: Session, id_: str, _state: Inputs) -> dict[str, Any]:
    google.publisher.get_topic(topic=id_)
    return {}


def _subscription(google: Session, inputs: Inputs) -> Made:
    path = google.path(inputs, "subscriptions", inputs["name"])
    google.subscriber.create_subscription(request=_request(google, path, inputs))
    google.cloud.put("subscription", path, inputs)
    return Made(path, {})


def _request(google: Session, path: str, inputs: Inputs) -> dict[str, Any]:
    """Return a subscription as the API takes it.

    https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions
    """
    topic = str(inputs["topic"])
    asked: dict[str, Any] = {
        "name": path,
        "topic": topic if "/" in topic else google.path(inputs, "topics", topic),
        "labels": inputs.get("labels") or {},
        "filter": inputs.get("filter") or "",
        "enable_message_ordering": bool(inputs.get("enableMessageOrdering")),
        "enable_exactly_once_delivery": bool(inputs.get("enableExactlyOnceDelivery")),
        "ack_deadline_seconds": int(inputs.get("ackDeadlineSeconds") or 10),
        "retain_acked_messages": bool(inputs.get("retainAckedMessages")),
        "message_retention_duration": _duration(inputs.get("messageRetentionDuration") or WEEK),
    }
    if inputs.get("expirationPolicy") is not None:
        ttl = inputs["expirationPolicy"].get("ttl")
        asked["expiration_policy"] = {"ttl": _duration(ttl)} if ttl else {}
    if inputs.get("retryPolicy"):
        asked["retry_policy"] = _backoff(inputs["retryPolicy"])
    if inputs.get("deadLetterPolicy"):
        asked["dead_letter_policy"] = _dead_letters(inputs["deadLetterPolicy"])
    if within(inputs, "pushConfig").get("pushEndpoint"):
        asked["push_config"] = _push(inputs["pushConfig"])
    return asked


def _backoff(policy: Inputs) -> dict[str, Any]:
    least, most = policy.get("minimumBackoff") or "10s", policy.get("maximumBackoff") or "600s"
    return {"minimum_backoff": _duration(least), "maximum_backoff": _duration(most)}


def _dead_letters(policy: Inputs) -> dict[str, Any]:
    most = int(policy.get("maxDeliveryAttempts") or 5)
    return {"dead_letter_topic": policy.get("deadLetterTopic") or "", "max_delivery_attempts": most}


def _push(config: Inputs) -> dict[str, Any]:
    push: dict[str, Any] = {"push_endpoint": config["pushEndpoint"], "attributes": config.get("attributes") or {}}
    token = config.get("oidcToken")
    if token:
        push["oidc_token"] = {
            "service_account_email": token["serviceAccountEmail"],
            "audience": token.get("audience") or "",
        }
    if config.get("noWrapper"):
        push["no_wrapper"] = {"write_metadata": bool(config["noWrapper"].get("writeMetadata"))}
    return push


def _change(google: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    asked = _request(google, id_, inputs)
    google.subscriber.update_subscription(request={"subscription": asked, "update_mask": {"paths": list(_CHANGED)}})
    google.cloud.put("subscription", id_, inputs)
    return {}


def _delete(google: Session, id_: str, _state: Inputs) -> None:
    google.cloud.drop("subscription", id_)
    google.subscriber.delete_subscription(subscription=id_)


def _read(google: Session, id_: str, state: Inputs) -> dict[str, Any]:
    found = google.subscriber.get_subscription(subscription=id_)
    told = {"ackDeadlineSeconds": found.ack_deadline_seconds}
    return {name: value for name, value in told.items() if state.get(name, value) != value}


def _duration(text: str) -> timedelta:
    return timedelta(seconds=float(text.removesuffix("s")))


KINDS = {
    "gcp:pubsub/topic:Topic": Kind(
        create=_topic,
        change=_change_topic,
        delete=lambda google, id_, _: google.publisher.delete_topic(topic=id_),
        read=_read_topic,
        name="name",
        fixed=("project",),
    ),
    "gcp:pubsub/subscription:Subscription": Kind(
        create=_subscription, change=_change, delete=_delete, read=_read, name="name", fixed=_FIXED
    ),
}
"""Pulumi's token to what makes it."""
