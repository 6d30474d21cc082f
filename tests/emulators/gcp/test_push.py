"""Pub/Sub's push, over the sample: each fact that `dispatch.push` stands for."""

from __future__ import annotations

import base64
import uuid
from itertools import pairwise
from typing import Any

import pytest

from isthmus.testing.waiting import wait_until
from tests.emulators.gcp.sample.deployed import Sample, Told, sample

__all__ = ["sample"]


@pytest.fixture
def case() -> str:
    return uuid.uuid4().hex


def _wrapped(found: list[Told]) -> list[Told]:
    return [told for told in found if "x-goog-pubsub-subscription-name" not in told.headers]


def test_a_message_is_posted_wrapped_with_all_that_belongs_to_it(sample: Sample, case: str) -> None:
    sample.publish(f"é {case}", colour="red", empty="")
    told = _wrapped(sample.eventually("private", case))[0]
    message = told.json["message"]

    assert base64.b64decode(message["data"]).decode() == f"é {case}"
    assert message["attributes"] == {"colour": "red", "empty": ""}
    assert message["messageId"] == message["message_id"]
    assert message["publishTime"] == message["publish_time"]
    assert message["publishTime"].endswith("Z")
    assert told.json["subscription"] == f"projects/{sample.google.project}/subscriptions/sample-pushed"
    assert (told.method, told.headers["content-type"]) == ("POST", "application/json")


def test_the_attempt_is_told_where_a_dead_letter_policy_is(sample: Sample, case: str) -> None:
    sample.publish(f"poison {case}")
    found = _wrapped(sample.eventually("private", case, 5))

    assert [told.json["deliveryAttempt"] for told in found] == [1, 2, 3, 4, 5]


def test_waits_between_attempts_are_those_of_the_retry_policy(sample: Sample, case: str) -> None:
    sample.publish(f"poison {case}")
    found = _wrapped(sample.eventually("private", case, 5))
    waits = [after.at - before.at for before, after in pairwise(found)]

    assert waits[0] >= 0.09
    assert all(0.4 <= wait < 3 for wait in waits[3:])


def test_what_is_never_acknowledged_is_in_the_dead_letter_topic(sample: Sample, case: str) -> None:
    sample.publish(f"poison {case}", colour="red")
    letter: Any = sample.pulled("sample-dead", lambda one: one.message if case.encode() in one.message.data else None)

    assert letter.attributes["colour"] == "red"
    assert letter.attributes["CloudPubSubDeadLetterSourceDeliveryCount"] == "5"


def test_without_a_wrapper_the_body_is_the_data_and_headers_tell_the_rest(sample: Sample, case: str) -> None:
    sample.publish(f"é {case}", form="bare", colour="red")
    found = sample.eventually("private", case, 2)
    told = next(one for one in found if "x-goog-pubsub-subscription-name" in one.headers)

    assert told.data.decode() == f"é {case}"
    assert told.headers["x-goog-pubsub-subscription-name"].endswith("/subscriptions/sample-bare")
    assert (told.headers["colour"], bool(told.headers["x-goog-pubsub-message-id"])) == ("red", True)


def test_many_messages_all_arrive_once_each(sample: Sample, case: str) -> None:
    topic = f"projects/{sample.google.project}/topics/sample-topic"
    messages = [{"data": f"{case}-{number}".encode()} for number in range(100)]
    sample.session.publisher.publish(topic=topic, messages=messages)
    found = sample.eventually("private", case, 100)
    texts = [base64.b64decode(told.json["message"]["data"]).decode() for told in found]

    assert sorted(texts) == sorted(f"{case}-{number}" for number in range(100))


def test_nothing_is_lost_when_the_instances_die_under_way(sample: Sample, case: str) -> None:
    topic = f"projects/{sample.google.project}/topics/sample-topic"
    messages = [{"data": f"{case}-{number}".encode()} for number in range(200)]
    sample.session.publisher.publish(topic=topic, messages=messages)
    sample.eventually("private", case, 3)
    killed = sample.google.kill(sample.name("private"))

    def arrived() -> bool:
        found = sample.told("private", case)
        return len({told.json["message"]["data"] for told in found}) == 200

    assert killed
    wait_until(arrived, 30, what="all messages")


def test_a_dispatcher_that_dies_is_replaced_and_what_it_had_comes_again(sample: Sample, case: str) -> None:
    """The deployed subscription is put again: the push of before ends with whatever it holds."""
    path = f"projects/{sample.google.project}/subscriptions/sample-pushed"
    topic = f"projects/{sample.google.project}/topics/sample-topic"
    sample.session.publisher.publish(topic=topic, messages=[{"data": f"{case}-{n}".encode()} for n in range(60)])
    sample.google.put("subscription", path, sample.google.get("subscription", path) or {})

    def arrived() -> bool:
        return len({told.json["message"]["data"] for told in sample.told("private", case)}) == 60

    wait_until(arrived, 40, what="all messages")


def test_a_key_is_pushed_one_message_at_a_time_and_waits_for_its_failing_one(sample: Sample, case: str) -> None:
    google, session = sample.google, sample.session
    topic, path = (f"projects/{google.project}/{kind}/{case}" for kind in ("topics", "subscriptions"))
    topic, path = topic.replace(f"/{case}", f"/t{case}"), path.replace(f"/{case}", f"/s{case}")
    session.publisher.create_topic(name=topic)
    push = {"push_endpoint": sample.outputs["private"]}
    dead = {"dead_letter_topic": f"projects/{google.project}/topics/sample-dead", "max_delivery_attempts": 5}
    backoff = {"minimum_backoff": {"nanos": 10**8}, "maximum_backoff": {"nanos": 2 * 10**8}}
    session.subscriber.create_subscription(
        request={
            "name": path,
            "topic": topic,
            "enable_message_ordering": True,
            "push_config": push,
            "dead_letter_policy": dead,
            "retry_policy": backoff,
        }
    )
    token = {"serviceAccountEmail": f"sample-account@{google.project}.iam.gserviceaccount.com"}
    google.put("subscription", path, {"pushConfig": {"pushEndpoint": push["push_endpoint"], "oidcToken": token}})
    texts = [f"{case}-0", f"poison {case}-1", f"{case}-2", f"{case}-3"]
    messages = [{"data": text.encode(), "ordering_key": "k"} for text in texts]
    session.publisher.publish(topic=topic, messages=messages)
    found = [base64.b64decode(t.json["message"]["data"]).decode() for t in sample.eventually("private", case, 8)]
    google.drop("subscription", path)

    assert found == [texts[0], *[texts[1]] * 5, texts[2], texts[3]]
