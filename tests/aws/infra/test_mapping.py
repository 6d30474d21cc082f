"""Event source mappings: how Lambda reads queues and logs."""

from __future__ import annotations

import json
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.subscription import Subscription
from isthmus_aws.infra.mapping import retries
from tests.aws.infra.deploying import deployed, refused
from tests.aws.infra.shops import HANDLERS, MAPPING, arn, follows, shop


def queue(transform: Any = None, run: dict[str, Any] | None = None, **options: Any) -> Any:
    def declare(app: App) -> None:
        given: dict[str, Any] = {**options, **(run or {})}
        app.queue("Work", transform=transform).subscribe(f"{HANDLERS}.message", name="Worker", **given)

    return shop(declare)


def mapping(app: Any, name: str = "Work-mapping-Worker") -> dict[str, Any]:
    return deployed(app).named(name).inputs


def test_a_queue_is_read_as_its_subscription_says_in_whole_seconds() -> None:
    found = mapping(queue(batch_size=100, batch_window=0.2, max_concurrency=10))

    assert found["batchSize"] == 100
    assert found["maximumBatchingWindowInSeconds"] == 1
    assert found["scalingConfig"] == {"maximumConcurrency": 10}
    assert found["functionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_mapping_names_its_queue_and_its_function() -> None:
    found = deployed(queue())
    inputs = found.named("Work-mapping-Worker").inputs

    assert inputs["eventSourceArn"].endswith(found.named("Work-queue").inputs["name"])
    assert inputs["functionName"].endswith(found.named("Worker-function").inputs["name"])


def test_a_function_that_is_kept_warm_is_invoked_by_its_alias() -> None:
    assert mapping(queue(run={"min_instances": 1}))["functionName"].endswith(":live")


@pytest.mark.parametrize(("concurrency", "expected"), [(5, 5), (1, 2), (2000, 1000)])
def test_lambda_fetches_no_more_than_a_function_has_room_for(concurrency: int, expected: int) -> None:
    found = mapping(queue(run={"concurrency": concurrency}))

    assert found["scalingConfig"] == {"maximumConcurrency": expected}


def test_without_a_limit_there_is_none() -> None:
    assert "scalingConfig" not in mapping(queue())


def test_filters_are_by_function_and_become_patterns() -> None:
    pattern = {"body": {"type": ["order.placed"]}}
    found = mapping(queue({"filters": {"Worker": [pattern], "Nobody": [{}]}}))

    (filter,) = found["filterCriteria"]["filters"]
    assert json.loads(filter["pattern"]) == pattern


@pytest.mark.parametrize(("kind", "source"), [("stream", "Clicks"), ("table", "Orders")])
def test_a_log_is_read_from_its_oldest_record_so_that_nothing_is_missed(kind: str, source: str) -> None:
    found = deployed(shop(lambda app: log(app, kind)))
    inputs = found.named(f"{source}-mapping-Reader").inputs
    dead_letters = found.named(f"{source}DeadLetters-queue").inputs["name"]

    assert inputs["startingPosition"] == "TRIM_HORIZON"
    assert inputs["bisectBatchOnFunctionError"] is True
    assert inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]
    assert inputs["parallelizationFactor"] == 1
    assert inputs["destinationConfig"] == {"onFailure": {"destinationArn": arn("sqs", dead_letters)}}
    assert inputs["maximumRetryAttempts"] == 2 * 50 * 4
    assert (inputs["batchSize"], inputs["maximumBatchingWindowInSeconds"]) == (50, 1)
    assert "scalingConfig" not in inputs
    assert follows(found, f"{source}-mapping-Reader", f"{source}DeadLetters-queue")


def log(app: App, kind: str) -> None:
    options: dict[str, Any] = {"batch_size": 50, "batch_window": 0.5, "max_attempts": 4}
    if kind == "stream":
        app.stream("Clicks").subscribe(f"{HANDLERS}.later", name="Reader", **options)
    else:
        table = app.table("Orders", fields={"id": "string"}, primary_index="id")
        table.subscribe(f"{HANDLERS}.change", name="Reader", **options)


@pytest.mark.parametrize(
    ("size", "attempts", "expected"), [(1, 1, 100), (100, 3, 600), (10_000, 3, 10_000), (1, 1000, 2000)]
)
def test_lambda_retries_more_often_than_a_batch_can_fail(size: int, attempts: int, expected: int) -> None:
    app = App("shop")
    subscription = Subscription(source=app.stream("S"), target=app.queue("Q"), batch_size=size, max_attempts=attempts)

    assert retries(subscription) == expected


def test_several_readers_have_a_mapping_each_and_a_raw_argument_reaches_one_or_all() -> None:
    def declare(app: App) -> None:
        nodes = {"mapping": {"parallelization_factor": 2}, "mapping-Two": {"enabled": False}}
        stream = app.stream("Clicks", transform={"nodes": nodes})
        stream.subscribe(f"{HANDLERS}.later", name="One")
        stream.subscribe(f"{HANDLERS}.later", name="Two")

    found = deployed(shop(declare))
    one, two = (found.named(f"Clicks-mapping-{name}").inputs for name in ("One", "Two"))

    assert len(found.of(MAPPING)) == 2
    assert (one["parallelizationFactor"], two["parallelizationFactor"]) == (2, 2)
    assert "enabled" not in one
    assert two["enabled"] is False


def test_a_raw_argument_for_a_reader_that_there_is_not_is_refused() -> None:
    with pytest.raises(Exception, match="there is no role 'mapping-Nobody'"):
        deployed(queue({"nodes": {"mapping-Nobody": {}}}))


def test_an_argument_that_no_mapping_takes_is_refused_before_anything_is_made() -> None:
    assert "EventSourceMapping takes no 'batchsize'" in refused(queue({"nodes": {"mapping": {"batchsize": 1}}}))
