"""The component of a stream."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.aws.infra.deploying import deployed, refused
from tests.aws.infra.shops import HANDLERS, kept, shop


def clicks(app: App, transform: Any = None, **options: Any) -> None:
    app.stream("Clicks", transform=transform, **options)


def stream(transform: Any = None, **options: Any) -> dict[str, Any]:
    return deployed(shop(lambda app: clicks(app, transform, **options))).named("Clicks-stream").inputs


def test_a_stream_has_its_shards_and_keeps_records_for_whole_hours() -> None:
    inputs = stream(shards=4, retention=90_001)

    assert inputs["shardCount"] == 4
    assert inputs["retentionPeriod"] == 26
    assert inputs["streamModeDetails"] == {"streamMode": "PROVISIONED"}


def test_records_are_encrypted_by_a_key_that_nobody_has_to_be_granted() -> None:
    inputs = stream()

    assert (inputs["encryptionType"], inputs["kmsKeyId"]) == ("KMS", "alias/aws/kinesis")


def test_a_stream_is_read_by_each_function_that_subscribes() -> None:
    def declare(app: App) -> None:
        stream = app.stream("Clicks")
        stream.subscribe(f"{HANDLERS}.later", name="One")
        stream.subscribe(f"{HANDLERS}.later", name="Two")

    found = deployed(shop(declare))
    mappings = [found.named(f"Clicks-mapping-{name}").inputs for name in ("One", "Two")]

    assert {mapping["eventSourceArn"] for mapping in mappings} == {mappings[0]["eventSourceArn"]}
    assert mappings[0]["eventSourceArn"].endswith(found.named("Clicks-stream").inputs["name"])


@pytest.mark.parametrize(("removal", "keeps"), [("retain", True), ("remove", False)])
def test_a_stream_is_kept_with_the_stage(removal: Any, keeps: bool) -> None:
    found = deployed(shop(clicks, removal=removal))

    assert kept(found, "Clicks-stream") == (keeps, keeps, True)
    assert found.named("Clicks-stream").inputs["enforceConsumerDeletion"] is not keeps


def test_a_transform_reaches_each_argument() -> None:
    nodes = {"stream": {"stream_mode_details": {"stream_mode": "ON_DEMAND"}}}
    inputs = stream({"nodes": nodes, "retention": 48})

    assert inputs["streamModeDetails"] == {"streamMode": "ON_DEMAND"}
    assert inputs["retentionPeriod"] == 48


def test_a_retention_that_kinesis_does_not_have_stops_the_deployment() -> None:
    assert "86400 seconds at least" in refused(shop(lambda app: clicks(app, retention=60)))
