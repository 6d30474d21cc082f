"""Who may do what: from links alone, at the narrowest resource that exists, and nothing broader than a verb needs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.gcp.infra.apps import contract, orders
from tests.gcp.infra.deploying import deployed, refused
from tests.gcp.infra.mocks import ACCOUNT, Deployed, Registered
from tests.gcp.infra.shops import AGENT, HANDLERS, follows, member, shop

TOPIC = "topicIAMMember:TopicIAMMember"
SUBSCRIPTION = "subscriptionIAMMember:SubscriptionIAMMember"
PROJECT = "projects/iAMMember:IAMMember"
ACCOUNTS = "serviceaccount/iAMMember:IAMMember"
SERVICE = "serviceIamMember:ServiceIamMember"

ROLES = {
    "gcp:pubsub/topicIAMMember:TopicIAMMember": {"roles/pubsub.publisher"},
    "gcp:pubsub/subscriptionIAMMember:SubscriptionIAMMember": {"roles/pubsub.subscriber"},
    "gcp:storage/bucketIAMMember:BucketIAMMember": {"roles/storage.objectViewer", "roles/storage.legacyBucketWriter"},
    "gcp:secretmanager/secretIamMember:SecretIamMember": {"roles/secretmanager.secretAccessor"},
    "gcp:cloudrunv2/serviceIamMember:ServiceIamMember": {"roles/run.invoker"},
    "gcp:cloudtasks/queueIamMember:QueueIamMember": {"roles/cloudtasks.enqueuer"},
    "gcp:serviceaccount/iAMMember:IAMMember": {
        "roles/iam.serviceAccountUser",
        "roles/iam.serviceAccountTokenCreator",
        "roles/iam.serviceAccountOpenIdTokenCreator",
    },
    "gcp:projects/iAMMember:IAMMember": {
        "roles/datastore.viewer",
        "roles/datastore.user",
        "roles/eventarc.eventReceiver",
        "roles/eventarc.serviceAgent",
        "roles/logging.logWriter",
        "roles/workflows.invoker",
    },
}
"""The type of a grant to the roles that are ever granted by it."""


def granted(found: Deployed) -> list[Registered]:
    return [one for one in found.resources if re.search("i?am", one.type, re.IGNORECASE) and "role" in one.inputs]


def linked(declare: Callable[[App], object]) -> Deployed:
    return deployed(shop(declare))


def of(found: Deployed, kind: str, name: str) -> set[tuple[str, str]]:
    """Return the roles of a function, each with what it is of."""
    keys = ("topic", "subscription", "bucket", "secretId", "name", "serviceAccountId", "project")
    mine = [one for one in found.of(kind) if one.inputs["member"] == member(found, name)]
    return {(one.inputs["role"], next(one.inputs[key] for key in keys if key in one.inputs)) for one in mine}


@pytest.mark.parametrize("app", [orders, contract])
def test_every_grant_is_of_one_member_and_of_a_role_that_is_known(app: Any) -> None:
    found = granted(app())

    assert len(found) > 40
    assert {one.type for one in found} <= set(ROLES)
    assert [one.name for one in found if one.inputs["role"] not in ROLES[one.type]] == []


@pytest.mark.parametrize("app", [orders, contract])
def test_nobody_has_a_basic_role_and_no_grant_overrules_another(app: Any) -> None:
    text = str([one.inputs for one in app().resources])

    assert [role for role in ("owner", "editor", "viewer", "browser") if f"'roles/{role}'" in text] == []
    assert [one.type for one in app().resources if re.search("(Binding|Policy)$", one.type)] == []


@pytest.mark.parametrize("app", [orders, contract])
def test_a_grant_of_the_project_is_for_one_database_a_trigger_or_workflows_alone(app: Any) -> None:
    found = app()
    databases = [f"projects/{ACCOUNT}/databases/{one.inputs['name']}" for one in found.of("database:Database")]
    workflows = [one.name.removesuffix("-workflow") for one in found.of("workflow:Workflow")]

    for one in found.of(PROJECT):
        if one.inputs["role"] == "roles/eventarc.eventReceiver":
            assert one.inputs["member"].partition("@")[0] in {
                member(found, name).partition("@")[0] for name in triggers(found)
            }
        elif one.inputs["role"] == "roles/eventarc.serviceAgent":
            assert one.inputs["member"] == AGENT.replace("gcp-sa-pubsub", "gcp-sa-eventarc")
        elif one.inputs["role"] == "roles/workflows.invoker":
            assert one.name.endswith("-runs-workflows-member")
        elif one.inputs["role"] == "roles/logging.logWriter":
            assert one.name.removesuffix("-logs-workflows-member") in workflows
        else:
            assert one.inputs["condition"]["expression"] in [f'resource.name == "{name}"' for name in databases]


def triggers(found: Deployed) -> list[str]:
    return [
        one.name.removesuffix("-account") for one in found.of("account:Account") if one.name.endswith("-events-account")
    ]


@pytest.mark.parametrize("app", [orders, contract])
def test_every_member_is_an_account_of_the_app_or_an_agent_of_googles(app: Any) -> None:
    found = app()
    own = {member(found, one.name.removesuffix("-account")) for one in found.of("serviceaccount/account:Account")}
    agents = {
        AGENT.replace("gcp-sa-pubsub", name) for name in ("gcp-sa-pubsub", "gcp-sa-eventarc", "gs-project-accounts")
    }

    assert {one.inputs["member"] for one in granted(found)} <= {*own, *agents, "allUsers"}


def test_a_function_without_links_may_do_nothing() -> None:
    found = linked(lambda app: app.function("Pack", f"{HANDLERS}.anything"))

    others = [one for one in granted(found) if one.type not in ("gcp:pubsub/topicIAMMember:TopicIAMMember",)]
    assert {one.inputs["role"] for one in others} == {"roles/run.invoker"}
    assert {one.inputs["topic"] for one in found.of(TOPIC)} == {found.named("Pack-topic-Pack").inputs["name"]}


def test_each_verb_grants_what_it_needs_at_its_own_resource() -> None:
    def declare(app: App) -> None:
        topic, stream, bucket = app.topic("News"), app.stream("Log"), app.bucket("Files")
        secret, table = app.secret("Key"), app.table("T", fields={"id": "string"}, primary_index="id")
        app.function("Say", f"{HANDLERS}.anything", link=[topic])
        app.function("Append", f"{HANDLERS}.anything", link=[stream])
        app.function("See", f"{HANDLERS}.anything", link=[bucket.read])
        app.function("Keep", f"{HANDLERS}.anything", link=[bucket.write])
        app.function("Know", f"{HANDLERS}.anything", link=[secret])
        app.function("Read", f"{HANDLERS}.anything", link=[table.read])
        app.function("Write", f"{HANDLERS}.anything", link=[table.write])

    found = linked(declare)
    name = {role: found.named(role).inputs.get("name") for role in ("News-topic", "Log-topic", "Files-bucket")}

    assert ("roles/pubsub.publisher", name["News-topic"]) in of(found, TOPIC, "Say")
    assert ("roles/pubsub.publisher", name["Log-topic"]) in of(found, TOPIC, "Append")
    assert of(found, "bucketIAMMember:BucketIAMMember", "See") == {("roles/storage.objectViewer", name["Files-bucket"])}
    assert of(found, "bucketIAMMember:BucketIAMMember", "Keep") == {
        ("roles/storage.legacyBucketWriter", name["Files-bucket"])
    }
    assert {role for role, _ in of(found, "secretIamMember:SecretIamMember", "Know")} == {
        "roles/secretmanager.secretAccessor"
    }
    assert of(found, PROJECT, "Read") == {("roles/datastore.viewer", ACCOUNT)}
    assert of(found, PROJECT, "Write") == {("roles/datastore.user", ACCOUNT)}
    assert of(found, TOPIC, "Append") & of(found, TOPIC, "Say") == set()


def test_who_writes_a_table_needs_no_second_role_to_read_another_of_the_same_database() -> None:
    of_tables = {(role, name) for role, name in of(orders(), PROJECT, "Api-all") if "datastore" in role}

    assert of_tables == {("roles/datastore.user", ACCOUNT)}


def test_who_sends_to_a_queue_may_delay_it_and_give_its_own_account_to_the_task() -> None:
    found = contract()

    assert ("roles/pubsub.publisher", found.named("Work-topic").inputs["name"]) in of(found, TOPIC, "Writer")
    assert {role for role, _ in of(found, "queueIamMember:QueueIamMember", "Writer")} == {"roles/cloudtasks.enqueuer"}
    assert ("roles/iam.serviceAccountUser", found.named("Writer-account").inputs["accountId"]) in {
        (one.inputs["role"], found.named("Writer-account").inputs["accountId"])
        for one in found.of(ACCOUNTS)
        if one.inputs["member"] == member(found, "Writer")
    }


def test_who_is_linked_to_a_function_may_call_it_and_nobody_else() -> None:
    found = contract()
    called = found.named("Add-function").inputs["name"]
    callers = {one.inputs["member"] for one in found.of(SERVICE) if one.inputs["name"] == called}

    assert callers == {member(found, "Reader"), member(found, "Add")}


def test_links_between_functions_may_be_mutual() -> None:
    def declare(app: App) -> None:
        ping = app.function("Ping", f"{HANDLERS}.anything")
        pong = app.function("Pong", f"{HANDLERS}.anything", link=[ping])
        object.__setattr__(ping, "link", [pong])

    found = linked(declare)

    assert member(found, "Ping") in {
        one.inputs["member"]
        for one in found.of(SERVICE)
        if one.inputs["name"] == found.named("Pong-function").inputs["name"]
    }


def test_a_trigger_calls_by_an_account_of_its_own_that_may_do_nothing_else() -> None:
    found = orders()
    (trigger,) = found.of("trigger:Trigger")

    assert f"serviceAccount:{trigger.inputs['serviceAccount']}" == member(found, "SearchIndex-events")
    mine = [one for one in granted(found) if one.inputs["member"] == member(found, "SearchIndex-events")]
    assert {one.inputs["role"] for one in mine} == {"roles/eventarc.eventReceiver", "roles/run.invoker"}
    assert follows(found, trigger.name, "SearchIndex-invoker-events")


def test_a_function_that_pulls_may_read_its_own_subscriptions_and_one_that_is_pushed_to_none() -> None:
    found = orders()
    own = {
        found.named("Work-subscription").inputs["name"],
        found.named("Work-subscription-Events").inputs["name"],
    }

    assert {name for _, name in of(found, SUBSCRIPTION, "InventoryReserve")} == own
    assert of(found, SUBSCRIPTION, "ImagesProcess") == set()


def test_a_function_may_publish_where_it_parks_and_into_its_inbox() -> None:
    found = orders()

    assert {name for _, name in of(found, TOPIC, "SearchIndex")} == {
        found.named("OrdersDeadLetters-topic").inputs["name"],
        found.named("SearchIndex-inbox").inputs["name"],
    }


@pytest.mark.parametrize("app", [orders, contract])
def test_pubsub_itself_may_give_up_wherever_a_subscription_says_so(app: Any) -> None:
    found = app()
    named = {one.inputs["name"] for one in found.of(TOPIC.replace("IAMMember", "")) if "name" in one.inputs}
    given_up = {
        one.inputs["deadLetterPolicy"]["deadLetterTopic"].rpartition("/")[2]: one.inputs["name"]
        for one in found.of("pubsub/subscription:Subscription")
        if "deadLetterPolicy" in one.inputs
    }
    publishes = {one.inputs["topic"] for one in found.of(TOPIC) if one.inputs["member"] == AGENT}
    subscribes = {one.inputs["subscription"] for one in found.of(SUBSCRIPTION) if one.inputs["member"] == AGENT}

    assert set(given_up) <= publishes
    assert set(given_up.values()) <= subscribes
    assert named == set() or publishes <= named


@pytest.mark.parametrize("app", [orders, contract])
def test_a_topic_that_is_given_up_to_has_somebody_who_keeps_or_reads_it(app: Any) -> None:
    found = app()
    subscriptions = found.of("pubsub/subscription:Subscription")
    given_up = {
        one.inputs["deadLetterPolicy"]["deadLetterTopic"] for one in subscriptions if "deadLetterPolicy" in one.inputs
    }

    assert given_up
    assert given_up <= {one.inputs["topic"] for one in subscriptions}


def test_pubsub_may_make_tokens_only_for_the_accounts_that_it_pushes_by() -> None:
    found = orders()
    for_pushes = [one for one in found.of(ACCOUNTS) if one.inputs["member"] == AGENT]

    assert {one.inputs["role"] for one in for_pushes} == {"roles/iam.serviceAccountOpenIdTokenCreator"}
    assert sorted(one.name for one in for_pushes) == [
        "AnalyticsCollect-account_access-pubsub",
        "ImagesProcess-account_access-pubsub",
        "OrderFlowProcessQueued-account_access-pubsub",
        "Orders-signer-SearchIndex",
        "ReportsNightly-account_access-pubsub",
        "SearchIndex-account_access-pubsub",
    ]


def test_a_linkable_grants_what_it_says_to_whoever_is_linked_to_it() -> None:
    condition = {"title": "one set", "expression": 'resource.name.startsWith("projects/x/datasets/y")'}
    grants: Mapping[str, Sequence[Mapping[str, Any]]] = {
        "gcp": [{"role": "roles/bigquery.jobUser"}, {"role": "roles/bigquery.dataViewer", "condition": condition}]
    }

    def declare(app: App) -> None:
        facts = app.linkable("Facts", properties={}, grants=grants)
        app.function("Ask", f"{HANDLERS}.anything", link=[facts])
        app.function("Other", f"{HANDLERS}.anything")

    found = linked(declare)

    assert {role for role, _ in of(found, PROJECT, "Ask")} == {"roles/bigquery.jobUser", "roles/bigquery.dataViewer"}
    assert of(found, PROJECT, "Other") == set()
    assert [one.inputs["condition"] for one in found.of(PROJECT) if "condition" in one.inputs] == [condition]


@pytest.mark.parametrize(
    ("grant", "fault"),
    [
        ({"role": "roles/owner"}, "is a basic role"),
        ({"role": "roles/editor"}, "is a basic role"),
        ({"role": "roles/viewer"}, "is a basic role"),
        ({"role": "owner"}, "names no role"),
        ({"role": "roles/*"}, "names no role"),
        ({"role": ""}, "names no role"),
        ({}, "names no role"),
        ({"role": 7}, "names no role"),
        ({"role": "roles/a.b", "member": "allUsers"}, "has no 'member'"),
        ({"role": "roles/a.b", "condition": {"title": "x"}}, "a title and an expression"),
        ({"role": "roles/a.b", "condition": "x"}, "a title and an expression"),
    ],
)
def test_a_linkable_grants_nothing_that_is_too_broad_or_is_none(grant: Any, fault: str) -> None:
    def declare(app: App) -> None:
        app.function(
            "Ask", f"{HANDLERS}.anything", link=[app.linkable("Facts", properties={}, grants={"gcp": [grant]})]
        )

    assert fault in refused(shop(declare))


def test_a_renamed_function_keeps_its_account_and_each_of_its_grants() -> None:
    def declare(app: App, name: str, transform: Any) -> None:
        topic, table = app.topic("News"), app.table("T", fields={"id": "string"}, primary_index="id")
        link = [topic, table, app.bucket("Files"), app.secret("Key")]
        app.function(name, f"{HANDLERS}.anything", link=link, transform=transform)

    before = linked(lambda app: declare(app, "Old", None))
    after = linked(lambda app: declare(app, "New", {"renamed_from": "Old"}))

    by_urn = {one.urn: one for one in granted(after)}
    for one in granted(before):
        kept = by_urn.get(one.urn)
        aliased = [r for r in granted(after) if any(alias.spec.name == one.name for alias in r.request.aliases)]
        assert (kept or aliased[0]).inputs["member"] == one.inputs["member"]
