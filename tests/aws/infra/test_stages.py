"""What a stage does with what holds data: kept and protected, or taken away with it."""

from __future__ import annotations

import pytest

from tests.aws.infra.apps import contract, orders
from tests.aws.infra.mocks import Registered

HOLDS_DATA = (
    "aws:dynamodb/table:Table",
    "aws:kinesis/stream:Stream",
    "aws:s3/bucket:Bucket",
    "aws:secretsmanager/secret:Secret",
    "aws:sfn/stateMachine:StateMachine",
    "aws:sns/topic:Topic",
    "aws:sqs/queue:Queue",
)
"""The types whose loss is a loss of data."""


def holding(resources: list[Registered]) -> list[Registered]:
    return [resource for resource in resources if resource.type in HOLDS_DATA]


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
    others = [resource for resource in orders(stage).resources if resource.type not in HOLDS_DATA]

    assert len(others) > 50
    assert [r.name for r in others if r.request.protect or r.request.retainOnDelete] == []


def test_a_stage_that_is_removed_takes_a_buckets_objects_with_it() -> None:
    assert [bucket.inputs["forceDestroy"] for bucket in orders().of("bucket:Bucket")] == [True]
    assert [bucket.inputs["forceDestroy"] for bucket in orders("production").of("bucket:Bucket")] == [False]


def test_a_secret_of_a_stage_that_is_removed_can_be_made_again_at_once() -> None:
    assert [secret.inputs["recoveryWindowInDays"] for secret in orders().of("secret:Secret")] == [0]
    assert all(s.inputs.get("recoveryWindowInDays") != 0 for s in orders("production").of("secret:Secret"))


def test_what_holds_data_has_a_fixed_name() -> None:
    for resource in [*holding(orders().resources), *holding(contract().resources)]:
        name = resource.inputs.get("name") or resource.inputs["bucket"]
        assert name.startswith(("orders-dev-", "contract-dev-")), resource.name


def test_the_names_of_stages_differ() -> None:
    dev = {r.inputs["name"] for r in orders().of("table:Table")}
    production = {r.inputs["name"] for r in orders("production").of("table:Table")}

    assert dev.isdisjoint(production)
