"""Secrets, parameters, schedules and inboxes."""

from __future__ import annotations

import json
from base64 import b64decode

import pytest

from isthmus.declarations.app import App
from tests.gcp.infra.apps import contract, orders
from tests.gcp.infra.deploying import deployed, refused
from tests.gcp.infra.shops import HANDLERS, address, email, follows, identity, only, shop, variables


def test_a_secret_is_a_place_without_a_value() -> None:
    found = orders()

    assert found.named("WebhookKey-secret").inputs["replication"] == {"auto": {}}
    assert found.of("secretVersion:SecretVersion") == []


def test_a_secret_lies_only_where_it_is_asked_to() -> None:
    found = deployed(shop(lambda app: app.secret("Key", transform={"locations": ["europe-west3"]})))

    assert found.named("Key-secret").inputs["replication"] == {
        "userManaged": {"replicas": [{"location": "europe-west3"}]}
    }


def test_a_secret_that_was_left_behind_is_taken_over() -> None:
    secret = deployed(shop(lambda app: app.secret("Key", transform={"adopt": True}))).named("Key-secret")

    assert secret.request.importId == f"projects/shop-project/secrets/{secret.inputs['secretId']}"


def test_a_parameters_value_is_a_version_named_by_it() -> None:
    first, second = (
        deployed(shop(lambda app: app.parameter("Greeting", "hello"))),
        deployed(shop(lambda app: app.parameter("Greeting", "bye"))),
    )

    assert first.named("Greeting-version").inputs["parameterData"]["value"] == "hello"  # Pulumi hides it
    versions = [found.named("Greeting-version").inputs["parameterVersionId"] for found in (first, second)]
    assert len(set(versions)) == 2


def test_a_schedule_calls_its_function_as_that_itself_and_says_which_it_is() -> None:
    found = orders()
    job = found.named("Nightly-job").inputs
    target = job["httpTarget"]

    assert (job["schedule"], job["timeZone"]) == ("5 0 * * *", "Etc/UTC")
    assert target["uri"] == target["oidcToken"]["audience"] == address(found, "ReportsNightly")
    assert target["oidcToken"]["serviceAccountEmail"] == email(found, "ReportsNightly")
    assert target["headers"]["Isthmus-Source"] in identity(found, "ReportsNightly")["sources"]
    assert json.loads(b64decode(target["body"])) is None
    assert follows(found, "Nightly-job", "ReportsNightly-invoker-self")


def test_a_schedule_has_its_payload_and_its_time_zone() -> None:
    night, year = (contract().named(f"{name}-job").inputs for name in ("Nightly", "Yearly"))

    payload = {"keep": 30, "tables": ["Items"], "note": "nächtlich"}
    assert json.loads(b64decode(night["httpTarget"]["body"])) == payload
    assert year["timeZone"] == "Europe/Berlin"


def test_a_schedule_can_be_paused() -> None:
    def declare(app: App) -> None:
        app.transform = {"schedule": {"paused": True}}
        app.schedule("Night", "0 3 * * *", f"{HANDLERS}.tick")

    assert deployed(shop(declare)).named("Night-job").inputs["paused"] is True


def test_what_failed_once_comes_back_by_an_inbox() -> None:
    found = orders()
    subscription = found.named("SearchIndex-subscription").inputs

    assert variables(found, "SearchIndex")["ISTHMUS_INBOX"] == subscription["name"]
    assert subscription["topic"].endswith(found.named("SearchIndex-inbox").inputs["name"])
    assert subscription["pushConfig"]["pushEndpoint"] == address(found, "SearchIndex")
    assert subscription["deadLetterPolicy"]["deadLetterTopic"].endswith(
        found.named("OrdersDeadLetters-topic").inputs["name"]
    )


def test_a_function_that_pubsub_alone_reaches_has_no_inbox() -> None:
    assert "ISTHMUS_INBOX" not in variables(orders(), "ImagesProcess")
    assert [one.name for one in orders().of("isthmus:gcp:Inbox")] == ["ReportsNightly", "SearchIndex"]


def test_ticks_and_starts_are_parked_in_topics_that_keep_them() -> None:
    found = contract()
    kept = found.named("Add-subscription-Add").inputs
    (source,) = identity(found, "Add")["sources"].values()

    assert source[2] == kept["name"] == kept["topic"].rpartition("/")[2]
    assert kept["messageRetentionDuration"] == "1209600s"
    assert "pushConfig" not in kept


def test_the_tasks_of_an_app_are_one_queue_that_tries_often_enough() -> None:
    found = contract()
    shared = only([one for one in found.of("cloudtasks/queue:Queue") if one.name == "contract-tasks-queue"])

    assert "name" not in shared.inputs
    assert shared.inputs["retryConfig"] == {
        "minBackoff": "1s",
        "maxBackoff": "60s",
        "maxDoublings": 6,
        "maxAttempts": 100,
    }


@pytest.mark.parametrize("expression", ["0 3 L * *", "0 3 * * MON#1", "0 3 LW * *"])
def test_a_schedule_that_cannot_be_said_is_refused_before_anything_is_made(expression: str) -> None:
    assert "knows neither" in refused(shop(lambda app: app.schedule("Night", expression, f"{HANDLERS}.tick")))
