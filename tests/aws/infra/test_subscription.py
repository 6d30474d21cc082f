"""Subscriptions: made by their source, whoever asks for them, and each once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from isthmus.declarations.app import App
from isthmus.testing.contract.contract_app import contract_app
from isthmus_aws.names import LIMITS
from tests.aws.infra.deploying import deployed
from tests.aws.infra.shops import HANDLERS, MAPPING, QUEUE, shop

SOURCES: dict[str, tuple[Callable[[App], object], str]] = {
    "queue": (lambda app: app.queue("Source").subscribe(f"{HANDLERS}.message", name="F"), "Source-mapping-F"),
    "topic": (lambda app: app.topic("Source").subscribe(f"{HANDLERS}.message", name="F"), "Source-mapping-F"),
    "bucket": (lambda app: app.bucket("Source").subscribe(f"{HANDLERS}.object_event", name="F"), "Source-mapping-F"),
    "stream": (lambda app: app.stream("Source").subscribe(f"{HANDLERS}.message", name="F"), "Source-mapping-F"),
    "table": (
        lambda app: app.table("Source", fields={"id": "string"}, primary_index="id").subscribe(
            f"{HANDLERS}.change", name="F"
        ),
        "Source-mapping-F",
    ),
    "schedule": (lambda app: app.schedule("Source", "rate(1 day)", f"{HANDLERS}.tick"), "Source-mapping"),
    "start": (lambda app: app.function("F", f"{HANDLERS}.anything"), "F-mapping"),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("preview", [False, True])
def test_each_source_reaches_its_function_by_one_mapping(source: str, preview: bool) -> None:
    declare, name = SOURCES[source]
    found = deployed(shop(declare), preview=preview)

    assert [mapping.name for mapping in found.of(MAPPING)] == [name]
    assert found.named(name).inputs["functionResponseTypes"] == ["ReportBatchItemFailures"]


@pytest.mark.parametrize("source", SOURCES)
def test_every_child_belongs_to_a_component_and_is_named_after_it(source: str) -> None:
    declare, _ = SOURCES[source]
    found = deployed(shop(declare))
    names = {resource.urn: resource.name for resource in found.resources}
    raw = [resource for resource in found.resources if not resource.type.startswith("isthmus:")]

    assert raw
    for resource in raw:
        assert resource.name.startswith(f"{names[resource.request.parent]}-")


def test_a_subscription_to_what_is_made_later_is_no_problem() -> None:
    def declare(app: App) -> None:
        topic = app.topic("Events")
        topic.subscribe(app.queue("Work"))
        queue = app.queue("More")
        topic.subscribe(queue)
        queue.subscribe(app.function("F", f"{HANDLERS}.message", link=[topic]))

    found = deployed(shop(declare))

    assert {"Events-subscription-Work", "Events-subscription-More", "More-mapping-F"} <= set(found.names)


def test_dead_letters_can_be_handled_by_whoever_links_to_their_source() -> None:
    def declare(app: App) -> None:
        work = app.queue("Work")
        work.subscribe(f"{HANDLERS}.message", name="Worker")
        assert work.dead_letters is not None
        work.dead_letters.subscribe(f"{HANDLERS}.later", name="Bury", link=[work])

    found = deployed(shop(declare))

    assert {"Work-mapping-Worker", "WorkDeadLetters-mapping-Bury"} <= set(found.names)


def test_the_contract_app_comes_up_with_names_that_sqs_takes() -> None:
    found = deployed(contract_app)
    names = [queue.inputs["name"] for queue in found.of(QUEUE)]

    assert len(set(names)) == len(names)
    assert max(map(len, names)) <= LIMITS["queue"]
