"""The deployment of a plan, as far as it goes without Pulumi."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.subscription import Subscription
from isthmus.declarations.target import Target
from isthmus.deployment import Deployment, NotDeployedError, StackNameError, prepare, target_of
from isthmus.plan import plan
from tests.fakes import FakeProvider

HANDLERS = "tests.core.handlers"


def test_a_stack_is_named_after_provider_and_stage() -> None:
    assert target_of("cloud-feature-7") == Target(provider="cloud", stage="feature-7", account="", region="")


@pytest.mark.parametrize("name", ["dev", "-dev", "cloud-", ""])
def test_another_name_of_a_stack_is_refused_with_the_providers_that_there_are(name: str) -> None:
    with pytest.raises(StackNameError, match=r"name it <provider>-<stage> \(installed providers: .*local"):
        target_of(name)


def test_a_provider_without_components_says_what_to_install() -> None:
    with pytest.raises(NotDeployedError, match=r"isthmus dev.*pip install 'isthmus\[NAME\]'"):
        prepare(lambda _: App("shop"), "local-dev")


class Component:
    """What a cloud makes of a resource or a subscription."""

    def __init__(self, made: Resource | Subscription, deployment: Deployment) -> None:
        name = made.name if isinstance(made, Resource) else f"{made.source.name} to {made.target.name}"
        self.url = f"at {name}"
        deployment.prepared.append(name)


class Cloud(FakeProvider):
    """A provider that deploys."""

    @property
    def components(self) -> Mapping[str, Callable[[Any, Deployment], Any]]:
        return dict.fromkeys(("api", "function", "queue", "topic", "subscription"), Component)


def shop() -> App:
    shop = App("shop")
    api = shop.api("Api")
    api.route("GET /", f"{HANDLERS}.request", name="Home")
    events, work = shop.topic("Events"), shop.queue("Work")
    events.subscribe(work)
    shop.output(url=api.url, queue=work, plain=7)
    return shop


def test_each_resource_and_each_subscription_becomes_a_component_once() -> None:
    deployment = Deployment(plan(shop(), Target("fake", "dev"), Cloud()), [])
    work = deployment["Work"]
    deployment.make()

    assert sorted(deployment.prepared) == ["Api", "Events", "Events to Work", "Home", "Work"]
    assert deployment["Work"] is work


def test_outputs_are_read_from_the_components() -> None:
    deployment = Deployment(plan(shop(), Target("fake", "dev"), Cloud()), [])

    assert deployment.outputs() == {"url": "at Api", "queue": "shop-dev-Work", "plain": 7}


def test_an_unknown_component_is_named_with_those_that_there_are() -> None:
    deployment = Deployment(plan(shop(), Target("fake", "dev"), Cloud()), [])

    with pytest.raises(KeyError, match="declares no 'Wrok': did you mean 'Work'"):
        deployment["Wrok"]


def test_a_queue_that_is_an_output_is_told_by_its_physical_name() -> None:
    app = App("shop")
    queue: Queue = app.queue("Work")
    deployment = Deployment(plan(app, Target("fake", "dev"), Cloud()), [])

    assert deployment.physical(queue) == "shop-dev-Work"
