"""A queue: a topic, and a subscription to each topic that its messages come from."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus_gcp.delivery.leases import LEASE
from tests.gcp.infra.apps import contract, orders
from tests.gcp.infra.deploying import deployed, refused
from tests.gcp.infra.mocks import Deployed
from tests.gcp.infra.shops import HANDLERS, address, email, follows, identity, kept, shop


def queue(**options: Any) -> Deployed:
    def declare(app: App) -> None:
        app.queue("Work", **options).subscribe(f"{HANDLERS}.message", name="Pack")

    return deployed(shop(declare))


def test_a_queue_is_a_topic_with_a_subscription_that_pushes_to_its_function() -> None:
    found = queue()
    subscription = found.named("Work-subscription").inputs

    assert subscription["topic"].endswith(found.named("Work-topic").inputs["name"])
    assert subscription["pushConfig"] == {
        "pushEndpoint": address(found, "Pack"),
        "oidcToken": {"serviceAccountEmail": email(found, "Pack"), "audience": address(found, "Pack")},
    }
    assert subscription["name"] in identity(found, "Pack")["sources"]


def test_nothing_is_pushed_before_the_function_is_there_and_lets_itself_be_called() -> None:
    found = queue()

    assert follows(found, "Work-subscription", "Pack-function")
    assert follows(found, "Work-subscription", "Pack-invoker-self")


def test_a_batch_or_a_bound_to_how_many_there_are_is_pulled() -> None:
    assert "pushConfig" not in orders().named("Work-subscription").inputs
    assert "pushConfig" not in contract().named("Narrow-subscription").inputs
    assert "pushConfig" in contract().named("Errands-subscription").inputs


def test_a_queue_that_hears_a_topic_has_a_subscription_of_its_own_there_with_the_filter() -> None:
    found = orders()
    there = found.named("Work-subscription-Events").inputs

    assert there["topic"].endswith(found.named("Events-topic").inputs["name"])
    assert there["filter"] == 'attributes.type = "order.placed"'
    assert there["deadLetterPolicy"] == found.named("Work-subscription").inputs["deadLetterPolicy"]


@pytest.mark.parametrize(("declared", "deadline"), [(1, 30), (180, 180), (600, 600), (3600, 600)])
def test_a_message_is_hidden_as_long_as_is_declared_within_what_pubsub_allows(declared: float, deadline: int) -> None:
    def declare(app: App) -> None:
        app.queue("Work", visibility_timeout=declared)

    hidden = deployed(shop(declare)).named("Work-subscription").inputs["ackDeadlineSeconds"]

    assert hidden == max(10, deadline if declared >= 10 else 10)


def test_the_deadline_is_never_shorter_than_the_function_may_run() -> None:
    def declare(app: App) -> None:
        work = app.queue("Work", visibility_timeout=100, transform={"deadline": 20})
        work.subscribe(f"{HANDLERS}.message", timeout=90)

    assert deployed(shop(declare)).named("Work-subscription").inputs["ackDeadlineSeconds"] == 90


def test_what_is_pulled_comes_again_soon_where_a_pull_was_cut_and_is_extended_by_the_drain() -> None:
    def declare(app: App) -> None:
        app.queue("Work", visibility_timeout=600).subscribe(f"{HANDLERS}.message", batch_size=10, timeout=300)
        app.stream("Clicks").subscribe(f"{HANDLERS}.message", name="Long", timeout=1800)
        app.queue("One", visibility_timeout=600).subscribe(f"{HANDLERS}.message", name="Pushed")

    subscriptions = deployed(shop(declare)).of("subscription:Subscription")
    pulled = [one.inputs for one in subscriptions if one.name.startswith(("Work-sub", "Clicks-sub"))]

    assert [one.get("pushConfig") for one in pulled] == [None, None]
    assert {one["ackDeadlineSeconds"] for one in pulled} == {LEASE}
    assert {one.inputs["ackDeadlineSeconds"] for one in subscriptions if one.name == "One-subscription"} == {600}


def test_a_failed_message_waits_as_is_declared() -> None:
    policy = queue(retry_delay=0.1, max_retry_delay=300).named("Work-subscription").inputs["retryPolicy"]

    assert policy == {"minimumBackoff": "0.1s", "maximumBackoff": "300s"}


@pytest.mark.parametrize(("attempts", "deliveries"), [(1, 6), (2, 8), (5, 20), (25, 100), (100, 100)])
def test_pubsub_gives_up_behind_the_functions_own_counting(attempts: int, deliveries: int) -> None:
    policy = queue(max_attempts=attempts).named("Work-subscription").inputs["deadLetterPolicy"]

    assert policy["maxDeliveryAttempts"] == deliveries


def test_what_is_given_up_goes_to_the_dead_letter_queue_which_keeps_it() -> None:
    found = queue()
    dead = found.named("WorkDeadLetters-subscription").inputs

    assert found.named("Work-subscription").inputs["deadLetterPolicy"]["deadLetterTopic"] == dead["topic"]
    assert dead["messageRetentionDuration"] == "1209600s"
    assert "pushConfig" not in dead
    assert "deadLetterPolicy" not in dead


def test_a_queue_that_nobody_consumes_keeps_its_messages() -> None:
    found = deployed(shop(lambda app: app.queue("Work", retention=3600)))
    subscription = found.named("Work-subscription").inputs

    assert subscription["messageRetentionDuration"] == "3600s"
    assert "pushConfig" not in subscription


@pytest.mark.parametrize("app", [orders, contract])
def test_no_subscription_expires(app: Any) -> None:
    found = app().of("pubsub/subscription:Subscription")

    assert [one.name for one in found if one.inputs["expirationPolicy"] != {"ttl": ""}] == []
    assert [one.name for one in found if not 10 <= one.inputs["ackDeadlineSeconds"] <= 600] == []


def test_an_ordered_queue_is_an_ordered_subscription() -> None:
    assert contract().named("Line-subscription").inputs["enableMessageOrdering"] is True
    assert contract().named("Work-subscription").inputs["enableMessageOrdering"] is False


def test_a_queue_and_its_subscription_are_kept_where_the_stage_keeps_its_data() -> None:
    found = deployed(shop(lambda app: app.queue("Work"), removal="retain"))

    assert kept(found, "Work-topic") == kept(found, "Work-subscription") == (True, True, True)


def test_a_renamed_queue_keeps_its_topic_its_subscription_and_its_dead_letters() -> None:
    before = queue()

    def declare(app: App) -> None:
        app.queue("Jobs", transform={"renamed_from": "Work"}).subscribe(f"{HANDLERS}.message", name="Pack")

    after = deployed(shop(declare))
    for role in ("topic", "subscription"):
        assert after.named(f"Jobs-{role}").inputs["name"] == before.named(f"Work-{role}").inputs["name"]
        (alias,) = after.named(f"Jobs-{role}").request.aliases
        assert alias.spec.name == f"Work-{role}"
    assert after.named("JobsDeadLetters-topic").inputs["name"] == before.named("WorkDeadLetters-topic").inputs["name"]


def test_what_lies_there_already_is_taken_over_where_that_is_asked_for() -> None:
    found = deployed(shop(lambda app: app.queue("Work", transform={"adopt": True})))
    name = found.named("Work-topic").inputs["name"]

    assert found.named("Work-topic").request.importId == f"projects/shop-project/topics/{name}"
    assert found.named("Work-subscription").request.importId.startswith("projects/shop-project/subscriptions/")
    assert queue().named("Work-topic").request.importId == ""


def test_what_is_taken_over_may_differ_in_what_cannot_be_read_back() -> None:
    taken = deployed(shop(lambda app: app.bucket("Files", transform={"adopt": True}))).named("Files-bucket").request
    made = deployed(shop(lambda app: app.bucket("Files"))).named("Files-bucket").request

    assert {"labels", "pulumiLabels", "deletionPolicy", "forceDestroy"} <= {*taken.ignoreChanges}
    assert list(made.ignoreChanges) == []


@pytest.mark.parametrize(
    ("transform", "fault"),
    [
        ({"retention": 599}, "600 at least"),
        ({"retentin": 1}, "retention"),
        ({"nodes": {"queue": {}}}, "no role 'queue'"),
    ],
)
def test_a_transform_that_makes_no_sense_is_refused(transform: dict[str, Any], fault: str) -> None:
    assert fault in refused(shop(lambda app: app.queue("Work", transform=transform)))


def test_a_function_may_read_the_dead_letters_of_what_it_failed_at() -> None:
    def declare(app: App) -> None:
        table = app.table("T", fields={"id": "string"}, primary_index="id")
        function = app.function("Both", f"{HANDLERS}.anything")
        table.subscribe(function)
        assert table.dead_letters is not None
        table.dead_letters.subscribe(function)

    found = deployed(shop(declare))

    assert len(identity(found, "Both")["sources"]) == 2
    assert len(found.of("isthmus:gcp:Inbox")) == 1


def test_a_queue_of_tasks_is_named_by_what_cloud_tasks_takes() -> None:
    def declare(app: App) -> None:
        app.queue("Work").subscribe(f"{HANDLERS}.message", name="take_all", batch_size=10)

    (queue,) = deployed(shop(declare)).of("queue:Queue")

    assert queue.name == "take-all-drains"  # Pulumi adds digits to it
    assert "name" not in queue.inputs
