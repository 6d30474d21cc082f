"""The component of a queue, its dead-letter queue, and who may send to it."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.aws.infra.deploying import deployed, refused
from tests.aws.infra.mocks import ACCOUNT
from tests.aws.infra.shops import HANDLERS, QUEUE, allowed, arn, follows, kept, shop


def work(transform: Any = None, **options: Any) -> Any:
    def declare(app: App) -> None:
        queue = app.queue("Work", transform=transform, **options)
        queue.subscribe(f"{HANDLERS}.message", name="Worker")

    return declare


def test_a_queue_is_what_was_declared_in_whole_seconds() -> None:
    found = deployed(shop(work(visibility_timeout=180.5, delay=0.2, retention=86_400)))
    inputs = found.named("Work-queue").inputs

    assert inputs["visibilityTimeoutSeconds"] == 181
    assert inputs["delaySeconds"] == 1
    assert inputs["messageRetentionSeconds"] == 86_400
    assert inputs["sqsManagedSseEnabled"] is True
    assert inputs["tags"]["team"] == "shop"
    assert "fifoQueue" not in inputs


def test_a_queue_gives_up_to_its_dead_letter_queue_which_takes_from_no_other() -> None:
    found = deployed(shop(work(max_attempts=4)))
    queue, dead = found.named("Work-queue"), found.named("WorkDeadLetters-queue")

    assert queue.json("redrivePolicy") == {
        "deadLetterTargetArn": arn("sqs", dead.inputs["name"]),
        "maxReceiveCount": 16,  # room for what SQS counts, though nobody has tried it
    }
    assert dead.json("redriveAllowPolicy") == {
        "redrivePermission": "byQueue",
        "sourceQueueArns": [arn("sqs", queue.inputs["name"])],
    }
    assert dead.inputs["messageRetentionSeconds"] == 14 * 86_400
    assert "redrivePolicy" not in dead.inputs


def test_the_dead_letter_queue_is_there_first() -> None:
    assert follows(deployed(shop(work())), "Work-queue", "WorkDeadLetters-queue")


def test_a_queue_that_nobody_reads_has_no_dead_letter_queue() -> None:
    found = deployed(shop(lambda app: app.queue("Work")))

    assert [queue.name for queue in found.of(QUEUE)] == ["Work-queue"]
    assert "redrivePolicy" not in found.named("Work-queue").inputs


def test_a_fifo_queue_drops_by_the_senders_key_and_receives_the_untried_again() -> None:
    found = deployed(shop(work(fifo=True, max_attempts=3)))
    queue, dead = found.named("Work-queue"), found.named("WorkDeadLetters-queue")

    assert queue.inputs["name"].endswith(".fifo")
    assert dead.inputs["name"].endswith(".fifo")
    assert (queue.inputs["fifoQueue"], dead.inputs["fifoQueue"]) == (True, True)
    assert queue.inputs["contentBasedDeduplication"] is False
    assert queue.inputs["deduplicationScope"] == "queue"
    assert queue.json("redrivePolicy")["maxReceiveCount"] == 100


@pytest.mark.parametrize(("attempts", "receives"), [(1, 100), (50, 500), (1000, 1000)])
def test_the_net_behind_a_fifo_queue_is_wider_but_not_over_sqss_bound(attempts: int, receives: int) -> None:
    found = deployed(shop(work(fifo=True, max_attempts=attempts)))

    assert found.named("Work-queue").json("redrivePolicy")["maxReceiveCount"] == receives


def test_a_fifo_queue_can_be_made_fast() -> None:
    inputs = deployed(shop(work({"high_throughput": True}, fifo=True))).named("Work-queue").inputs

    assert inputs["deduplicationScope"] == "messageGroup"
    assert inputs["fifoThroughputLimit"] == "perMessageGroupId"


def test_nobody_comes_in_without_tls_and_no_service_at_all_unless_it_is_declared() -> None:
    policy = deployed(shop(work())).named("Work-policy")
    (statement,) = policy.json("policy")["Statement"]

    assert statement["Effect"] == "Deny"
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
    assert statement["Resource"][0].startswith("arn:aws:sqs:")


def test_a_topic_that_is_subscribed_may_send_and_no_other() -> None:
    def declare(app: App) -> None:
        queue = app.queue("Work")
        app.topic("Events").subscribe(queue)
        app.topic("Others").subscribe(app.queue("Else"))

    found = deployed(shop(declare))
    (statement,) = allowed(found.named("Work-policy"))

    assert statement["Principal"] == {"Service": "sns.amazonaws.com"}
    assert statement["Action"] == ["sqs:SendMessage"]
    assert statement["Resource"] == [arn("sqs", found.named("Work-queue").inputs["name"])]
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": arn("sns", found.named("Events-topic").inputs["name"])},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


def test_a_dead_letter_queue_takes_from_all_the_inboxes_that_give_up_to_it() -> None:
    def declare(app: App) -> None:
        topic = app.topic("Events")
        topic.subscribe(f"{HANDLERS}.message", name="One")
        topic.subscribe(f"{HANDLERS}.message", name="Two")

    found = deployed(shop(declare))
    inboxes = [found.named(f"Events-inbox-{name}").inputs["name"] for name in ("One", "Two")]

    policy = found.named("EventsDeadLetters-queue").json("redriveAllowPolicy")
    assert policy["sourceQueueArns"] == sorted(arn("sqs", name) for name in inboxes)


def test_more_sources_than_sqs_can_name_are_all_allowed() -> None:
    def declare(app: App) -> None:
        topic = app.topic("Events")
        for number in range(11):
            topic.subscribe(f"{HANDLERS}.message", name=f"F{number}")

    policy = deployed(shop(declare)).named("EventsDeadLetters-queue").json("redriveAllowPolicy")

    assert policy == {"redrivePermission": "allowAll"}


@pytest.mark.parametrize(("removal", "keeps"), [("retain", True), ("remove", False)])
def test_a_stage_that_keeps_its_data_protects_each_queue(removal: Any, keeps: bool) -> None:
    found = deployed(shop(work(), removal=removal))

    for name in ("Work-queue", "WorkDeadLetters-queue"):
        assert kept(found, name) == (keeps, keeps, True)
    assert kept(found, "Work-policy") == (False, False, False)


def test_raw_arguments_reach_the_queue_and_its_mapping() -> None:
    raw = {"queue": {"max_message_size": 1024}, "mapping-Worker": {"kms_key_arn": "arn:aws:kms:x:1:key/y"}}
    found = deployed(shop(work({"nodes": raw})))

    assert found.named("Work-queue").inputs["maxMessageSize"] == 1024
    assert found.named("Work-mapping-Worker").inputs["kmsKeyArn"] == "arn:aws:kms:x:1:key/y"


@pytest.mark.parametrize(
    ("transform", "fault"),
    [
        ({"nodes": {"quue": {}}}, "there is no role 'quue'"),
        ({"nodes": {"queue": {"max_mesage_size": 1}}}, "did you mean 'max_message_size'?"),
        ({"visibility": 5}, "sets 'visibility'"),
        ({"delay": "soon"}, "it is a whole number"),
        ({"filters": ["x"]}, "it is a mapping"),
        ({"retention": 59}, "aws takes 60 at least, 1,209,600 at most"),
        ({"delay": 901}, "aws takes 0 at least, 900 at most"),
        ({"max_receive_count": 0}, "aws takes 1 at least, 1,000 at most"),
        ({"visibility_timeout": 5}, "let visibility_timeout be 180, as AWS advises"),
    ],
)
def test_a_transform_that_makes_no_sense_is_refused_before_anything_is_made(transform: Any, fault: str) -> None:
    assert fault in refused(shop(work(transform)))


def test_a_function_made_slower_than_its_queue_hides_messages_is_refused() -> None:
    def declare(app: App) -> None:
        app.queue("Work").subscribe(f"{HANDLERS}.message", name="Worker", transform={"timeout": 600})

    assert "function 'Worker' may run for 600 s" in refused(shop(declare))


def test_a_queue_that_an_earlier_stage_left_is_taken_over() -> None:
    found = deployed(shop(work({"adopt": True})))

    name = found.named("Work-queue").inputs["name"]
    assert found.named("Work-queue").request.importId == f"https://sqs.eu-central-1.amazonaws.com/{ACCOUNT}/{name}"


def test_a_renamed_queue_keeps_its_name_and_so_does_its_dead_letter_queue() -> None:
    def renamed(app: App) -> None:
        jobs = app.queue("Jobs", transform={"renamed_from": "Work"})
        jobs.subscribe(f"{HANDLERS}.message", name="Worker")

    before, after = deployed(shop(work())), deployed(shop(renamed))

    for old, new in (("Work-queue", "Jobs-queue"), ("WorkDeadLetters-queue", "JobsDeadLetters-queue")):
        assert before.named(old).inputs["name"] == after.named(new).inputs["name"]
    for old, new in (("Work", "Jobs"), ("WorkDeadLetters", "JobsDeadLetters")):
        aliases = next(r for r in after.of("isthmus:aws:Queue") if r.name == new).request.aliases
        assert [alias.spec.name for alias in aliases] == [old]


def test_a_preview_knows_names_and_policies() -> None:
    found = deployed(shop(work()), preview=True)

    assert found.named("Work-queue").json("redrivePolicy")["maxReceiveCount"] == 20
    assert found.named("Work-queue").inputs["name"].startswith("shop-dev-Work-")
