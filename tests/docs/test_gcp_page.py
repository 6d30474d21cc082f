"""The tables of docs/gcp.md say what the provider's own tables do."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import fields
from functools import cache
from typing import Any

import pytest

from isthmus import App
from isthmus.components.arguments import ComponentArgs
from isthmus.declarations.resource import Resource
from isthmus.providers import find
from isthmus_gcp import documents
from isthmus_gcp.delivery.deliveries import EVENTARC_DEADLINE
from isthmus_gcp.delivery.pull import FIRST
from isthmus_gcp.events.ping import PING, PONG
from isthmus_gcp.infra.components import CLASSES
from isthmus_gcp.infra.specification import AT_ONCE
from isthmus_gcp.infra.subscriber import deliveries
from tests.docs.markdown import ROOT
from tests.docs.tables import rows, said
from tests.gcp.infra.deploying import deployed, refused
from tests.gcp.infra.mocks import Deployed
from tests.gcp.infra.shops import HANDLERS, member, service, shop

PAGE = (ROOT / "docs" / "gcp.md").read_text()
NAME = re.compile(r"`(\w+)`")


def test_every_bound_is_told_as_it_is() -> None:
    bounds = {f"`{feature}`": said(row) for feature, row in find("gcp").capabilities.rows.items() if said(row)}
    told = {cells[0]: cells[1] for cells in rows(PAGE) if cells[0] in bounds}

    assert told == bounds


def linkable(app: App) -> list[Resource]:
    return [
        app.table("Table", fields={"id": "string"}, primary_index="id"),
        app.queue("Queue"),
        app.topic("Topic"),
        app.stream("Stream"),
        app.bucket("Bucket"),
        app.secret("Secret"),
        app.function("Called", f"{HANDLERS}.anything"),
        app.parameter("Parameter", "value"),
        app.workflow("Workflow", {"StartAt": "Rest", "States": {"Rest": {"Type": "Succeed"}}}),
        app.linkable("Linkable", properties={}, grants={"gcp": [{"role": "roles/what.grants"}]}),
    ]


@cache
def verbs() -> list[str]:
    """Return the verbs of everything that a function can be linked to, as `table.read`."""
    return [f"{resource.kind}.{verb}" for resource in linkable(App("page")) for verb in resource.verbs]


@cache
def linked() -> Deployed:
    """Return an app with a function for each verb, and one without links."""

    def declare(app: App) -> None:
        app.function("Plain", f"{HANDLERS}.anything")
        for resource in linkable(app):
            for verb in resource.verbs:
                name = f"{resource.kind.capitalize()}{verb.capitalize()}"
                app.function(name, f"{HANDLERS}.anything", link=[getattr(resource, verb)])

    return deployed(shop(declare))


def granted(name: str) -> Counter[str]:
    """Return the roles that a function has been given, each as often as it has."""
    who = member(linked(), name)
    found = [one.inputs for one in linked().resources if one.inputs.get("member") == who and "role" in one.inputs]
    return Counter(inputs["role"].removeprefix("roles/") for inputs in found)


@pytest.mark.parametrize("verb", verbs())
def test_every_verb_grants_what_the_page_says(verb: str) -> None:
    kind, _, what = verb.partition(".")
    (told,) = [cells[1] for cells in rows(PAGE) if cells[0] == f"`{verb}`"]
    roles = set(granted(f"{kind.capitalize()}{what.capitalize()}") - granted("Plain"))
    own = {"what.grants"} if "`grants`" in told else set[str]()

    assert roles == own | set(re.findall(r"`(\w+\.\w+)`", told))


def arguments_told(kind: str) -> set[str]:
    """Return what the page names as arguments of a kind: in a table of its own, or in a row of the last."""
    own = re.search(rf"^\| of an? {kind} \|.*?\n\n", PAGE, re.MULTILINE | re.DOTALL)
    if own:
        return {name for cells in rows(own[0]) for name in NAME.findall(cells[0])}
    return {name for cells in rows(PAGE) if cells[0] == kind and len(cells) == 2 for name in NAME.findall(cells[1])}


@pytest.mark.parametrize("kind", sorted(set(CLASSES) - {"linkable"}))
def test_every_argument_of_a_component_is_told_as_its_own(kind: str) -> None:
    own = {option.name for option in fields(CLASSES[kind].takes)} - {option.name for option in fields(ComponentArgs)}

    assert own - arguments_told(kind) == set()


def test_what_every_component_takes_is_told() -> None:
    (told,) = [cells[1] for cells in rows(PAGE) if cells[0] == "every one"]

    assert set(NAME.findall(told)) == {option.name for option in fields(ComponentArgs)}


def concurrent(most: int) -> dict[str, Any]:
    found = deployed(shop(lambda app: app.function("Pack", f"{HANDLERS}.anything", concurrency=most)))
    return service(found, "Pack")


def test_the_numbers_of_the_page_are_those_of_the_code() -> None:
    shared = concurrent(12)
    text = " ".join(PAGE.split())

    assert "An instance handles eight requests" in text
    assert AT_ONCE == 8
    assert "With `concurrency=12` an instance has six" in text
    assert (shared["maxInstanceRequestConcurrency"], shared["maxInstanceCount"]) == (6, 2)
    assert "waited for up to four seconds" in text
    assert FIRST == 4
    assert "for ten seconds](" in text
    assert EVENTARC_DEADLINE == 10
    assert "three times as many more (five at least, 100 in all at most)" in text
    assert [deliveries(attempts) for attempts in (1, 3, 10, 50)] == [6, 12, 40, 100]
    assert '`{"isthmus": "ping"}`' in text
    assert PING == {"isthmus": "ping"}
    assert PONG == b'{"isthmus":"pong"}'


def test_the_fields_of_ours_in_a_document_are_told() -> None:
    own = {documents.KEY, documents.TTL, documents.ENVELOPE, documents.MARK, documents.PACKED, documents.LIST}

    assert own <= set(NAME.findall(PAGE))


def test_a_transform_of_a_route_is_refused_where_one_function_answers_for_all() -> None:
    def declare(app: App) -> None:
        app.api("Api").route("GET /stock", f"{HANDLERS}.request", transform={"cpu": "2"})

    assert "give the transform of" in refused(shop(declare))


def test_the_arguments_of_the_pages_example_are_taken() -> None:
    def declare(app: App) -> None:
        work = app.queue("Work", transform={"deadline": 300, "nodes": {"topic": {"kms_key_name": "k"}}})
        work.subscribe(f"{HANDLERS}.message", transform={"cpu": "2", "nodes": {"function": {"description": "stock"}}})
        api = app.api("Api", transform={"function": {"min_instances": 1, "max_instances": 20}})
        api.route("GET /stock", f"{HANDLERS}.request")

    found = deployed(shop(declare))

    assert found.named("Work-topic").inputs["kmsKeyName"] == "k"
    assert service(found, "Api-all")["maxInstanceCount"] == 20
