"""The component of a topic, and what it delivers to."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.aws.infra.deploying import deployed, refused
from tests.aws.infra.mocks import ACCOUNT
from tests.aws.infra.shops import HANDLERS, allowed, arn, follows, kept, shop


def both(app: App) -> None:
    events = app.topic("Events")
    events.subscribe(app.queue("Work"), filter={"type": ["order.placed"], "weight": [7]})
    events.subscribe(f"{HANDLERS}.message", name="Hear")


def test_a_message_reaches_a_queue_as_it_was_published() -> None:
    found = deployed(shop(both))
    inputs = found.named("Events-subscription-Work").inputs

    assert inputs["protocol"] == "sqs"
    assert inputs["rawMessageDelivery"] is True
    assert inputs["topic"].endswith(found.named("Events-topic").inputs["name"])
    assert inputs["endpoint"].endswith(found.named("Work-queue").inputs["name"])


def test_a_filter_looks_at_attributes() -> None:
    subscription = deployed(shop(both)).named("Events-subscription-Work")

    assert subscription.inputs["filterPolicyScope"] == "MessageAttributes"
    assert subscription.json("filterPolicy") == {"type": ["order.placed"], "weight": [{"numeric": ["=", 7]}]}


def test_without_a_filter_everything_passes() -> None:
    inputs = deployed(shop(both)).named("Events-subscription-Hear").inputs

    assert "filterPolicy" not in inputs
    assert "filterPolicyScope" not in inputs


def test_a_function_hears_through_an_inbox_that_takes_from_this_topic_alone() -> None:
    found = deployed(shop(both))
    inbox = found.named("Events-inbox-Hear")
    (statement,) = allowed(found.named("Events-inbox_policy-Hear"))

    assert found.named("Events-subscription-Hear").inputs["endpoint"].endswith(inbox.inputs["name"])
    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Resource"] == [arn("sqs", inbox.inputs["name"])]
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": arn("sns", found.named("Events-topic").inputs["name"])},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


def test_a_subscription_comes_after_the_policy_that_lets_it_in() -> None:
    found = deployed(shop(both))

    assert follows(found, "Events-subscription-Work", "Work-policy")
    assert follows(found, "Events-subscription-Hear", "Events-inbox_policy-Hear")


def test_what_cannot_be_delivered_goes_to_the_dead_letter_queue_which_lets_it_in() -> None:
    found = deployed(shop(both))
    dead = found.named("EventsDeadLetters-queue").inputs["name"]
    (statement,) = allowed(found.named("EventsDeadLetters-policy"))

    for name in ("Work", "Hear"):
        assert follows(found, f"Events-subscription-{name}", "EventsDeadLetters-policy")
        policy = found.named(f"Events-subscription-{name}").json("redrivePolicy")
        assert policy == {"deadLetterTargetArn": arn("sqs", dead)}
    assert statement["Condition"]["ArnLike"] == {
        "aws:SourceArn": arn("sns", found.named("Events-topic").inputs["name"])
    }


def test_a_topic_that_only_queues_hear_has_no_dead_letter_queue() -> None:
    found = deployed(shop(lambda app: app.topic("Events").subscribe(app.queue("Work"))))

    assert "redrivePolicy" not in found.named("Events-subscription-Work").inputs
    assert not any("EventsDeadLetters" in name for name in found.names)


def test_the_topics_own_policy_lets_nobody_in_and_refuses_who_uses_no_tls() -> None:
    (statement,) = deployed(shop(both)).named("Events-policy").json("policy")["Statement"]

    assert (statement["Effect"], statement["Action"]) == ("Deny", ["sns:Publish"])
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_a_topic_may_be_heard_by_nobody() -> None:
    found = deployed(shop(lambda app: app.topic("Events", tags={"kind": "bus"})))

    assert found.names == ["Events", "Events-policy", "Events-topic"]
    assert found.named("Events-topic").inputs["tags"]["kind"] == "bus"


@pytest.mark.parametrize(("removal", "keeps"), [("retain", True), ("remove", False)])
def test_a_topic_is_kept_with_the_stage(removal: Any, keeps: bool) -> None:
    assert kept(deployed(shop(both, removal=removal)), "Events-topic") == (keeps, keeps, True)


def test_raw_arguments_reach_topic_and_subscription() -> None:
    nodes = {"topic": {"tracing_config": "Active"}, "subscription-Hear": {"filter_policy": '{"a": ["b"]}'}}

    def declare(app: App) -> None:
        app.topic("Events", transform={"nodes": nodes, "display_name": "Shop"}).subscribe(
            f"{HANDLERS}.message", name="Hear"
        )

    found = deployed(shop(declare))

    assert found.named("Events-topic").inputs["tracingConfig"] == "Active"
    assert found.named("Events-topic").inputs["displayName"] == "Shop"
    assert found.named("Events-subscription-Hear").json("filterPolicy") == {"a": ["b"]}


def test_a_filter_that_sns_refuses_stops_the_deployment() -> None:
    def declare(app: App) -> None:
        app.topic("Events").subscribe(f"{HANDLERS}.message", filter={f"a{n}": ["x"] for n in range(6)})

    assert "SNS filters by 5 attributes at most" in refused(shop(declare))


def test_a_preview_shows_the_same() -> None:
    assert deployed(shop(both), preview=True).names == deployed(shop(both)).names
