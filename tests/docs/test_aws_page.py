"""The tables of docs/aws.md say what the provider's own tables do."""

from __future__ import annotations

import re
from dataclasses import fields

from isthmus import App, Target
from isthmus.components.arguments import ComponentArgs
from isthmus.declarations.resource import Grant, Resource
from isthmus.plan import plan
from isthmus.providers import find
from isthmus_aws.infra.arns import Arns
from isthmus_aws.infra.components import CLASSES
from isthmus_aws.infra.grants import VERBS, of_link
from tests.docs.markdown import ROOT
from tests.docs.tables import rows, said

PAGE = (ROOT / "docs" / "aws.md").read_text()


def test_every_bound_is_told_as_it_is() -> None:
    bounds = {f"`{feature}`": said(row) for feature, row in find("aws").capabilities.rows.items() if said(row)}
    told = {cells[0]: cells[1] for cells in rows(PAGE) if cells[0] in bounds}

    assert told == bounds


def declared() -> App:
    app = App("page")
    app.table("Table", fields={"id": "string"}, primary_index="id", global_indexes={"byId": "id"})
    app.queue("Queue")
    app.topic("Topic")
    app.stream("Stream")
    app.bucket("Bucket")
    app.secret("Secret")
    app.function("Function", "tests.core.handlers.task")
    app.workflow("Workflow", "process.asl.json")
    app.parameter("Parameter", "value")
    app.linkable("Linkable", properties={}, grants={})
    return app


def actions(app: App, resource: Resource, verb: str) -> set[str]:
    planned = plan(app, Target("aws", "dev", account="123456789012", region="eu-central-1"))
    granted = of_link(Arns(planned), Grant(resource, (verb,)))
    return {action.partition(":")[2] for statement in granted for action in statement["Action"]}


def test_every_verb_grants_what_the_page_says() -> None:
    app = declared()
    by_kind = {resource.kind: resource for resource in reversed(app.resources)}
    granted = {f"`{kind}.{verb}`": actions(app, by_kind[kind], verb) for kind, verb in VERBS}
    told = {cells[0]: set(re.findall(r"`(\w+)`", cells[1])) for cells in rows(PAGE) if cells[0] in granted}

    assert told == {**granted, "`linkable.read`": {"grants"}}


def test_every_argument_of_a_component_is_on_the_page() -> None:
    named = set(re.findall(r"`(\w+)`", PAGE))
    arguments = {f"{kind} {option.name}" for kind, component in CLASSES.items() for option in fields(component.takes)}

    assert {entry for entry in arguments if entry.split()[1] not in named} == set()
    assert {option.name for option in fields(ComponentArgs)} <= named
