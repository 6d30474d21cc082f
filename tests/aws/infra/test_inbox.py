"""The queue between a source that pushes and a function."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.links import decode
from tests.aws.infra.deploying import deployed
from tests.aws.infra.mocks import Deployed
from tests.aws.infra.shops import HANDLERS, MAPPING, allowed, arn, follows, kept, shop


def started(app: App) -> None:
    later = app.function("Later", f"{HANDLERS}.anything", timeout=20)
    app.function("Caller", f"{HANDLERS}.with_context", link=[later])


def parked(found: Deployed, function: str) -> list[str]:
    """Return the ARNs of the queues that a function parks in, by its identity."""
    identity = decode(found.named(f"{function}-function").inputs["environment"]["variables"]["ISTHMUS"])
    return [arn("sqs", source.dead_letters) for source in identity.sources.values() if source.dead_letters]


def listening(app: App, **options: Any) -> None:
    app.topic("Events").subscribe(f"{HANDLERS}.message", name="Hear", **options)


def test_what_can_be_started_has_an_inbox_with_a_dead_letter_queue_of_its_own() -> None:
    found = deployed(shop(started))
    inbox, dead = found.named("Later-inbox"), found.named("Later-inbox_dead_letters")

    assert inbox.json("redrivePolicy") == {
        "deadLetterTargetArn": arn("sqs", dead.inputs["name"]),
        "maxReceiveCount": 12,
    }
    assert dead.json("redriveAllowPolicy")["sourceQueueArns"] == [arn("sqs", inbox.inputs["name"])]
    assert dead.inputs["messageRetentionSeconds"] > inbox.inputs["messageRetentionSeconds"]
    assert follows(found, "Later-inbox", "Later-inbox_dead_letters")


def test_the_inbox_is_the_queue_that_a_callers_grant_and_the_functions_identity_name() -> None:
    found = deployed(shop(started))
    name = found.named("Later-inbox").inputs["name"]
    granted = found.named("Caller-policy").json("policy")["Statement"]
    sending = [resource for s in granted if s["Action"] == ["sqs:SendMessage"] for resource in s["Resource"]]

    assert sorted(sending) == sorted([arn("sqs", name), *parked(found, "Caller")])
    assert name in found.named("Later-function").inputs["environment"]["variables"]["ISTHMUS"]


def test_what_only_an_api_reaches_has_no_inbox() -> None:
    found = deployed(shop(lambda app: app.api("Api").route("GET /", f"{HANDLERS}.request", name="Get")))

    assert found.of(MAPPING) == []


def test_nobody_but_the_apps_own_roles_may_send_to_what_is_started() -> None:
    found = deployed(shop(started))

    assert allowed(found.named("Later-inbox_policy")) == []
    assert allowed(found.named("Later-inbox_dead_letters_policy")) == []


def test_a_message_is_hidden_six_times_as_long_as_the_function_may_run() -> None:
    assert deployed(shop(started)).named("Later-inbox").inputs["visibilityTimeoutSeconds"] == 120


def test_a_timeout_that_a_transform_sets_counts() -> None:
    found = deployed(shop(lambda app: listening(app, transform={"timeout": 100})))

    assert found.named("Events-inbox-Hear").inputs["visibilityTimeoutSeconds"] == 600


def test_a_fraction_of_a_second_is_a_whole_one() -> None:
    found = deployed(shop(lambda app: listening(app, timeout=1.5)))

    assert found.named("Events-inbox-Hear").inputs["visibilityTimeoutSeconds"] == 12


def test_an_inbox_gives_up_to_its_sources_dead_letter_queue_after_the_declared_attempts() -> None:
    found = deployed(shop(lambda app: listening(app, max_attempts=7)))
    dead = found.named("EventsDeadLetters-queue").inputs["name"]

    assert found.named("Events-inbox-Hear").json("redrivePolicy") == {
        "deadLetterTargetArn": arn("sqs", dead),
        "maxReceiveCount": 28,
    }
    assert not any("inbox_dead_letters" in name for name in found.names)


def test_events_are_handed_over_one_by_one() -> None:
    inputs = deployed(shop(listening)).named("Events-mapping-Hear").inputs

    assert (inputs["batchSize"], inputs["maximumBatchingWindowInSeconds"]) == (1, 0)
    assert inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize(("removal", "keeps"), [("retain", True), ("remove", False)])
def test_what_waits_in_an_inbox_is_kept_with_the_stage(removal: Any, keeps: bool) -> None:
    found = deployed(shop(started, removal=removal))

    for name in ("Later-inbox", "Later-inbox_dead_letters"):
        assert kept(found, name) == (keeps, keeps, True)


def test_the_inbox_of_a_function_with_a_new_name_stays() -> None:
    def renamed(app: App) -> None:
        app.topic("Events").subscribe(f"{HANDLERS}.message", name="Heard", transform={"renamed_from": "Hear"})

    before, after = deployed(shop(listening)), deployed(shop(renamed))
    old, new = before.named("Events-inbox-Hear"), after.named("Events-inbox-Hear")

    assert (old.urn, old.inputs["name"]) == (new.urn, new.inputs["name"])


def test_the_function_parks_in_the_dead_letter_queue_that_its_inbox_has_of_its_own() -> None:
    found = deployed(shop(started))
    dead = arn("sqs", found.named("Later-inbox_dead_letters").inputs["name"])
    granted = found.named("Later-policy").json("policy")["Statement"]

    assert parked(found, "Later") == [dead]
    assert any(dead in statement["Resource"] and "sqs:SendMessage" in statement["Action"] for statement in granted)
