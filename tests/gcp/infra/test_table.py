"""A table: a collection with its indexes, its time to live, and the triggers of its changes."""

from __future__ import annotations

import re

import pytest

from isthmus.declarations.app import App
from tests.gcp.infra.apps import contract, orders
from tests.gcp.infra.deploying import deployed
from tests.gcp.infra.mocks import ACCOUNT, NUMBER, REGION
from tests.gcp.infra.shops import HANDLERS, email, follows, identity, member, only, shop


def test_an_app_has_one_database_in_the_region_with_all_its_tables() -> None:
    database = orders().named("orders-tables-database").inputs
    links = identity(orders(), "Api-all")["links"]

    assert (database["type"], database["locationId"]) == ("FIRESTORE_NATIVE", REGION)
    assert {links[name][1] for name in ("Orders", "Stock", "Words")} == {
        f"{database['name']}/{name}" for name in ("Orders", "Stock", "Words")
    }


def test_an_isolated_table_has_a_database_of_its_own_and_links_to_it_reach_no_other() -> None:
    def declare(app: App) -> None:
        plain = app.table("Plain", fields={"id": "string"}, primary_index="id")
        alone = app.table("Alone", fields={"id": "string"}, primary_index="id", isolated=True)
        app.function("One", f"{HANDLERS}.anything", link=[plain])
        app.function("Other", f"{HANDLERS}.anything", link=[alone])

    found = deployed(shop(declare))
    conditions = {
        one.inputs["member"]: one.inputs["condition"]["expression"] for one in found.of("projects/iAMMember:IAMMember")
    }
    alone = found.named("Alone-database").inputs["name"]

    assert len(found.of("database:Database")) == 2
    assert conditions[member(found, "Other")] == f'resource.name == "projects/{ACCOUNT}/databases/{alone}"'
    assert alone not in conditions[member(found, "One")]


def test_an_app_without_tables_has_no_database() -> None:
    assert deployed(shop(lambda app: app.queue("Work"))).of("database:Database") == []


def test_every_collection_is_exempt_but_for_what_queries_need() -> None:
    found = orders()
    tables = {"Orders", "Stock", "Words", "Counters", "Reports"}
    database = found.named("orders-tables-database").inputs["name"]

    assert {
        one.inputs["collection"]
        for one in found.of("field:Field")
        if one.inputs["field"] == "*" and one.inputs["database"] == database
    } == tables
    assert found.named("Orders-field-all").inputs["indexConfig"] == {}
    assert found.named("Orders-field-userId").inputs["indexConfig"] == {"indexes": [{"order": "ASCENDING"}]}


def test_a_sort_field_is_indexed_both_ways() -> None:
    found = [one.inputs["fields"] for one in contract().of("index:Index") if one.inputs["collection"] == "Books"]

    assert sorted(found, key=str) == [
        [{"fieldPath": "shelf", "order": "ASCENDING"}, {"fieldPath": "title", "order": way}]
        for way in ("ASCENDING", "DESCENDING")
    ]


def test_a_time_to_live_is_a_policy_for_our_own_field() -> None:
    assert orders().named("Words-field-_ttl").inputs["ttlConfig"] == {}
    assert [one.name for one in orders().of("field:Field") if "Stock" in one.name] == ["Stock-field-all"]


def test_a_trigger_tells_each_function_of_every_written_document_of_the_collection() -> None:
    found = orders()
    trigger = found.named("Orders-trigger-SearchIndex").inputs

    assert trigger["matchingCriterias"] == [
        {"attribute": "type", "value": "google.cloud.firestore.document.v1.written.withAuthContext"},
        {"attribute": "database", "value": found.named("orders-tables-database").inputs["name"]},
        {"attribute": "document", "value": "Orders/{id}", "operator": "match-path-pattern"},
    ]
    assert trigger["eventDataContentType"] == "application/protobuf"
    assert trigger["destination"]["cloudRunService"] == {
        "service": found.named("SearchIndex-function").inputs["name"],
        "region": REGION,
        "path": "/",
    }
    assert trigger["serviceAccount"] == email(found, "SearchIndex-events")
    assert follows(found, "Orders-trigger-SearchIndex", "SearchIndex-function")


def test_a_trigger_is_made_after_all_that_eventarc_looks_for() -> None:
    found = orders()
    (receiver,) = [one for one in found.of("iAMMember:IAMMember") if one.name == "Orders-receiver-SearchIndex"]

    assert receiver.inputs["role"] == "roles/eventarc.eventReceiver"
    for earlier in ("Orders-receiver-SearchIndex", "Orders-signer-SearchIndex", "eventarc-identity", "eventarc-member"):
        assert follows(found, "Orders-trigger-SearchIndex", earlier)


def test_the_agent_of_eventarc_keeps_its_role_when_a_stage_goes_since_others_need_it() -> None:
    granted = orders().named("eventarc-member")

    assert granted.inputs["role"] == "roles/eventarc.serviceAgent"
    assert granted.inputs["member"] == f"serviceAccount:service-{NUMBER}@gcp-sa-eventarc.iam.gserviceaccount.com"
    assert (granted.request.retainOnDelete, granted.request.protect) == (True, False)


def test_a_trigger_has_a_name_that_eventarc_takes_and_its_own() -> None:
    found = [one.inputs["name"] for one in contract().of("trigger:Trigger")]

    assert len({*found}) == len(found) > 1
    assert all(re.fullmatch("[a-z][a-z0-9-]{0,61}[a-z0-9]", name) for name in found)


def test_two_functions_that_hear_of_a_table_have_a_trigger_each() -> None:
    found = contract()

    assert {one.name for one in found.of("trigger:Trigger") if one.name.startswith("Items")} == {
        "Items-trigger-Changed",
        "Items-trigger-Noticed",
    }


def test_a_function_that_hears_of_two_tables_may_receive_events_once() -> None:
    def declare(app: App) -> None:
        look = app.function("Look", f"{HANDLERS}.change")
        for name in ("A", "B"):
            app.table(name, fields={"id": "string"}, primary_index="id").subscribe(look)

    found = deployed(shop(declare))
    received = [one for one in found.of("projects/iAMMember:IAMMember") if "eventReceiver" in one.inputs["role"]]

    assert len(received) == 1
    assert len(found.of("trigger:Trigger")) == 2


@pytest.mark.parametrize("adopt", [True, False])
def test_a_database_that_was_left_behind_is_taken_over_where_that_is_asked_for(adopt: bool) -> None:
    def declare(app: App) -> None:
        app.table("T", fields={"id": "string"}, primary_index="id", isolated=True, transform={"adopt": adopt})

    database = only(deployed(shop(declare)).of("database:Database"))

    path = f"projects/{ACCOUNT}/databases/{database.inputs['name']}"
    assert database.request.importId == (path if adopt else "")


def test_the_arguments_of_a_database_can_be_reached_by_its_tables() -> None:
    def declare(app: App) -> None:
        nodes = {"database": {"concurrency_mode": "PESSIMISTIC"}}
        app.table("T", fields={"id": "string"}, primary_index="id", transform={"nodes": nodes})
        app.table("Other", fields={"id": "string"}, primary_index="id")

    assert only(deployed(shop(declare)).of("database:Database")).inputs["concurrencyMode"] == "PESSIMISTIC"


def test_a_database_may_lie_in_several_regions_and_its_triggers_lie_where_it_does() -> None:
    def declare(app: App) -> None:
        table = app.table("T", fields={"id": "string"}, primary_index="id", transform={"location": "eur3"})
        table.subscribe(f"{HANDLERS}.change")

    found = deployed(shop(declare))

    assert only(found.of("database:Database")).inputs["locationId"] == "eur3"
    assert only(found.of("trigger:Trigger")).inputs["location"] == "eur3"
