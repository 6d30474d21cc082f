"""The component of a table."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.aws.infra.deploying import deployed, refused
from tests.aws.infra.shops import HANDLERS, MAPPING, kept, shop

FIELDS = {"id": "string", "user": "string", "rank": "number", "digest": "binary", "unused": "string"}


def orders(transform: Any = None, *, heard: bool = False, **options: Any) -> Any:
    given: dict[str, Any] = {"fields": FIELDS, "primary_index": "id", **options}

    def declare(app: App) -> None:
        table = app.table("Orders", transform=transform, **given)
        if heard:
            table.subscribe(f"{HANDLERS}.change", name="Changed")

    return declare


def table(declare: Any, **options: Any) -> dict[str, Any]:
    return deployed(shop(declare, **options)).named("Orders-table").inputs


def test_only_the_fields_of_keys_are_defined() -> None:
    indexes = {"byUser": ("user", "rank"), "byDigest": "digest"}
    inputs = table(orders(global_indexes=indexes))

    assert inputs["billingMode"] == "PAY_PER_REQUEST"
    assert inputs["attributes"] == [
        {"name": "digest", "type": "B"},
        {"name": "id", "type": "S"},
        {"name": "rank", "type": "N"},
        {"name": "user", "type": "S"},
    ]


def test_a_key_has_one_part_or_two() -> None:
    one, two = table(orders()), table(orders(primary_index=("user", "rank")))

    assert one["hashKey"] == "id"
    assert "rangeKey" not in one
    assert (two["hashKey"], two["rangeKey"]) == ("user", "rank")


def test_an_index_holds_whole_items() -> None:
    inputs = table(orders(global_indexes={"byUser": ("user", "rank"), "byDigest": "digest"}))

    assert inputs["globalSecondaryIndexes"] == [
        {
            "name": "byUser",
            "projectionType": "ALL",
            "keySchemas": [
                {"attributeName": "user", "keyType": "HASH"},
                {"attributeName": "rank", "keyType": "RANGE"},
            ],
        },
        {
            "name": "byDigest",
            "projectionType": "ALL",
            "keySchemas": [{"attributeName": "digest", "keyType": "HASH"}],
        },
    ]


def test_without_an_index_none_is_asked_for_aloud_since_the_provider_keeps_what_is_left_out() -> None:
    assert table(orders())["globalSecondaryIndexes"] == []


def test_expiry_can_be_ended_by_its_field() -> None:
    off = {"nodes": {"table": {"ttl": {"attribute_name": "expires", "enabled": False}}}}

    assert table(orders(transform=off))["ttl"] == {"attributeName": "expires", "enabled": False}


def test_items_expire_where_a_field_says_when() -> None:
    assert table(orders(ttl="expires"))["ttl"] == {"attributeName": "expires", "enabled": True}
    assert "ttl" not in table(orders())


def test_changes_are_told_only_where_somebody_listens() -> None:
    found = deployed(shop(orders(heard=True)))
    inputs = found.named("Orders-table").inputs
    silent = deployed(shop(orders()))

    assert (inputs["streamEnabled"], inputs["streamViewType"]) == (True, "NEW_AND_OLD_IMAGES")
    assert len(found.of(MAPPING)) == 1
    assert "streamEnabled" not in silent.named("Orders-table").inputs
    assert silent.of(MAPPING) == []


@pytest.mark.parametrize(("removal", "keeps"), [("retain", True), ("remove", False)])
def test_a_stage_that_keeps_its_data_guards_the_table_in_every_way(removal: Any, keeps: bool) -> None:
    found = deployed(shop(orders(), removal=removal))
    inputs = found.named("Orders-table").inputs

    assert kept(found, "Orders-table") == (keeps, keeps, True)
    assert inputs["deletionProtectionEnabled"] is keeps
    assert inputs["pointInTimeRecovery"] == {"enabled": keeps}


def test_a_transform_reaches_each_argument() -> None:
    nodes = {"table": {"table_class": "STANDARD_INFREQUENT_ACCESS"}}
    inputs = table(orders({"point_in_time_recovery": True, "nodes": nodes}))

    assert inputs["pointInTimeRecovery"] == {"enabled": True}
    assert inputs["tableClass"] == "STANDARD_INFREQUENT_ACCESS"


def test_a_transform_that_makes_no_sense_is_refused() -> None:
    assert "it is True or False" in refused(shop(orders({"deletion_protection": "yes"})))


def test_a_table_that_an_earlier_stage_left_is_taken_over() -> None:
    found = deployed(shop(orders({"adopt": True}))).named("Orders-table")

    assert found.request.importId == found.inputs["name"]


def test_more_indexes_than_dynamodb_has_stop_the_deployment() -> None:
    indexes = {f"by{number:02}": "user" for number in range(21)}

    assert "DynamoDB takes 20 global indexes" in refused(shop(orders(global_indexes=indexes)))


def test_a_preview_knows_the_whole_table() -> None:
    previewed = deployed(shop(orders(heard=True)), preview=True).named("Orders-table").inputs

    assert previewed == deployed(shop(orders(heard=True))).named("Orders-table").inputs
