"""What a stage does with what holds data: kept and protected, or taken away with it."""

from __future__ import annotations

import pytest

from tests.gcp.infra.apps import contract, orders
from tests.gcp.infra.mocks import Registered

HOLDS_DATA = (
    "gcp:firestore/database:Database",
    "gcp:pubsub/subscription:Subscription",
    "gcp:pubsub/topic:Topic",
    "gcp:secretmanager/secret:Secret",
    "gcp:storage/bucket:Bucket",
    "gcp:workflows/workflow:Workflow",
)
"""The types whose loss is a loss of data."""

SHARED = "eventarc-member"
"""The role of an agent of Google's, which other stages in the project need as well."""

SOURCE = "orders-source-bucket"
"""The bucket of the code, which can be built again."""


def holding(resources: list[Registered]) -> list[Registered]:
    return [resource for resource in resources if resource.type in HOLDS_DATA and resource.name != SOURCE]


def test_production_protects_and_retains_each_child_that_holds_data() -> None:
    kept = holding(orders("production").resources)

    assert {resource.type for resource in kept} == set(HOLDS_DATA)
    assert [r.name for r in kept if not (r.request.protect and r.request.retainOnDelete)] == []


def test_a_stage_that_is_removed_protects_nothing() -> None:
    kept = holding(orders().resources)

    assert {resource.type for resource in kept} == set(HOLDS_DATA)
    assert [r.name for r in kept if r.request.protect or r.request.retainOnDelete] == []


@pytest.mark.parametrize("stage", ["dev", "production"])
def test_no_stage_deletes_data_to_replace_what_holds_it(stage: str) -> None:
    for resource in holding(orders(stage).resources):
        assert resource.request.deleteBeforeReplaceDefined, resource.name
        assert not resource.request.deleteBeforeReplace, resource.name


@pytest.mark.parametrize("stage", ["dev", "production"])
def test_what_holds_no_data_can_be_replaced_and_removed_on_every_stage(stage: str) -> None:
    others = [r for r in orders(stage).resources if r.name == SOURCE or (r.type not in HOLDS_DATA and r.name != SHARED)]

    assert len(others) > 50
    assert [r.name for r in others if r.request.protect or r.request.retainOnDelete] == []


@pytest.mark.parametrize(("stage", "policy"), [("dev", "DELETE"), ("production", "PREVENT")])
def test_what_holds_data_says_aloud_whether_the_provider_may_delete_it(stage: str, policy: str) -> None:
    assert {one.inputs["deletionPolicy"] for one in holding(orders(stage).resources)} == {policy}


@pytest.mark.parametrize(("stage", "kept"), [("dev", False), ("production", True)])
def test_google_itself_protects_the_database_the_secret_and_the_workflow_of_a_stage_that_keeps_its_data(
    stage: str, kept: bool
) -> None:
    database = orders(stage).named("orders-tables-database")
    (secret,) = orders(stage).of("secret:Secret")
    (workflow,) = orders(stage).of("workflow:Workflow")

    assert database.inputs["deleteProtectionState"] == f"DELETE_PROTECTION_{'ENABLED' if kept else 'DISABLED'}"
    assert database.inputs["pointInTimeRecoveryEnablement"].endswith("ENABLED" if kept else "DISABLED")
    assert secret.inputs["deletionProtection"] is kept
    assert workflow.inputs["deletionProtection"] is kept


def test_a_stage_that_is_removed_takes_a_buckets_objects_with_it() -> None:
    assert orders().named("Images-bucket").inputs["forceDestroy"] is True
    assert orders("production").named("Images-bucket").inputs["forceDestroy"] is False


def test_what_is_deleted_by_mistake_can_be_had_back_where_the_stage_keeps_its_data() -> None:
    days = [orders(stage).named("Images-bucket").inputs["softDeletePolicy"] for stage in ("dev", "production")]

    assert days == [{"retentionDurationSeconds": 0}, {"retentionDurationSeconds": 7 * 24 * 3600}]


def test_the_services_that_an_app_needs_are_enabled_and_never_disabled() -> None:
    services = orders().of("projects/service:Service")

    assert {one.inputs["disableOnDestroy"] for one in services} == {False}
    assert {one.inputs["service"].partition(".")[0] for one in services} >= {"run", "pubsub", "firestore", "eventarc"}


def test_everything_is_made_after_the_service_that_makes_it_is_enabled() -> None:
    found = contract()
    enabled = {one.inputs["service"]: one.urn for one in found.of("projects/service:Service")}

    for kind, name in (("pubsub/topic:Topic", "pubsub"), ("job:Job", "cloudscheduler"), ("function:Function", "run")):
        for made in (one for one in found.of(kind) if one.type.startswith("gcp:")):
            assert enabled[f"{name}.googleapis.com"] in made.request.dependencies, made.name
