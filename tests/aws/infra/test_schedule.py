"""The component of a schedule."""

from __future__ import annotations

import json
from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.aws.infra.deploying import deployed, refused
from tests.aws.infra.mocks import ACCOUNT
from tests.aws.infra.shops import HANDLERS, allowed, arn, follows, shop


def nightly(expression: str = "0 3 * * MON-FRI", **options: Any) -> Any:
    return shop(lambda app: _declare(app, expression, options))


def _declare(app: App, expression: str, options: dict[str, Any]) -> None:
    transform = options.pop("raw", None)
    app.schedule("Nightly", expression, f"{HANDLERS}.tick", **options)
    if transform is not None:
        app.transform = {"schedule": transform}


def test_an_expression_is_said_as_scheduler_says_it_in_its_time_zone() -> None:
    inputs = deployed(nightly(timezone="Europe/Zurich")).named("Nightly-schedule").inputs

    assert inputs["scheduleExpression"] == "cron(0 3 ? * MON-FRI *)"
    assert inputs["scheduleExpressionTimezone"] == "Europe/Zurich"
    assert inputs["state"] == "ENABLED"
    assert inputs["flexibleTimeWindow"] == {"mode": "OFF"}


def test_a_tick_tells_its_schedule_when_it_was_due_and_the_payload() -> None:
    target = deployed(nightly(payload={"keep": 30, "note": "nächtlich"})).named("Nightly-schedule").inputs["target"]

    assert json.loads(target["input"]) == {
        "schedule": "Nightly",
        "due": "<aws.scheduler.scheduled-time>",
        "payload": {"keep": 30, "note": "nächtlich"},
    }


def test_a_tick_goes_to_the_inbox_by_a_role_that_can_do_nothing_else() -> None:
    found = deployed(nightly())
    inbox = arn("sqs", found.named("Nightly-inbox").inputs["name"])
    (statement,) = allowed(found.named("Nightly-role_policy"))

    assert found.named("Nightly-schedule").inputs["target"]["arn"].endswith(inbox.rpartition(":")[2])
    assert statement == {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": [inbox]}


def test_a_long_name_leaves_room_for_the_roles_own_ending() -> None:
    found = deployed(shop(lambda app: app.schedule("N" * 64, "0 3 * * *", app.function("Tick", f"{HANDLERS}.tick"))))

    assert found.named(f"{'N' * 64}-role").inputs["namePrefix"] == "N" * 37 + "-"


def test_the_role_is_for_schedules_of_this_group_alone() -> None:
    found = deployed(nightly())
    (statement,) = found.named("Nightly-role").json("assumeRolePolicy")["Statement"]
    group = found.named("Nightly-group").inputs["name"]

    assert found.named("Nightly-schedule").inputs["groupName"] == group
    assert statement["Principal"] == {"Service": "scheduler.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": arn("scheduler", f"schedule-group/{group}")},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


def test_a_schedule_begins_when_its_role_can_send() -> None:
    found = deployed(nightly())

    assert follows(found, "Nightly-schedule", "Nightly-role_policy")
    assert follows(found, "Nightly-schedule", "Nightly-inbox_policy")


def test_what_a_tick_cannot_do_is_kept_in_a_queue_of_its_own() -> None:
    found = deployed(nightly())

    assert found.named("Nightly-inbox").json("redrivePolicy") == {
        "deadLetterTargetArn": arn("sqs", found.named("Nightly-inbox_dead_letters").inputs["name"]),
        "maxReceiveCount": 12,
    }


def test_a_function_that_two_schedules_fire_has_an_inbox_of_each() -> None:
    def declare(app: App) -> None:
        function = app.function("F", f"{HANDLERS}.tick")
        app.schedule("One", "rate(1 minute)", function)
        app.schedule("Two", "rate(2 hours)", function)

    found = deployed(shop(declare))
    names = {found.named(f"{name}-inbox").inputs["name"] for name in ("One", "Two")}

    assert len(names) == 2
    assert found.named("One-schedule").inputs["scheduleExpression"] == "rate(1 minute)"


def test_a_transform_can_put_a_schedule_to_sleep() -> None:
    assert deployed(nightly(raw={"state": "DISABLED"})).named("Nightly-schedule").inputs["state"] == "DISABLED"


@pytest.mark.parametrize(
    ("raw", "fault"), [({"state": "OFF"}, "'ENABLED' or 'DISABLED'"), ({"cron": "x"}, "sets 'cron'")]
)
def test_a_transform_that_makes_no_sense_is_refused(raw: Any, fault: str) -> None:
    assert fault in refused(nightly(raw=raw))


def test_an_expression_that_scheduler_cannot_be_told_stops_the_deployment() -> None:
    assert "make two schedules of it" in refused(nightly("0 0 1 * MON"))


def test_a_preview_knows_what_it_fires() -> None:
    found = deployed(nightly(), preview=True).named("Nightly-schedule").inputs

    assert found["scheduleExpression"] == "cron(0 3 ? * MON-FRI *)"
