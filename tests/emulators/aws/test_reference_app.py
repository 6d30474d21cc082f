"""The reference app, brought up by its own program in the way that an engine runs it, and used through its gateway."""

from __future__ import annotations

import os
import runpy
from collections.abc import Generator

import pytest

from infra.app import app
from isthmus.testing.waiting import wait_until
from isthmus_aws.testbed import AwsTestbed
from tests.emulators.aws.deploy import deploy
from tests.emulators.aws.ministack import ROOT, Ministack, running
from tests.emulators.environment import environment
from tests.emulators.realiser.mocks import Realiser
from tests.reference.order_flow import OrderFlow

ORDER = {"userId": "ann", "item": "lamp", "quantity": 2}


@pytest.fixture(scope="module")
def server() -> Generator[Ministack]:
    with running() as server, environment(server.environment):
        yield server


@pytest.fixture(scope="module")
def made(server: Ministack) -> Realiser:
    """Run the program in its own folder, as the engine does."""
    before = os.getcwd()
    os.chdir(ROOT / "infra")
    try:
        return deploy(lambda: runpy.run_path(str(ROOT / "infra"), run_name="__main__"), server, stack="aws-dev")
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def shop(server: Ministack, made: Realiser) -> AwsTestbed:
    return AwsTestbed(app, stage="dev", account=server.account, region=server.region, endpoint=server.endpoint)


def test_the_program_shows_the_address_of_the_api(made: Realiser) -> None:
    assert made.outputs["apiUrl"].startswith("http")


def test_an_order_is_created_through_the_gateway_and_listed(shop: AwsTestbed) -> None:
    stocked = shop.request("PUT", "/stock/lamp", json={"available": 5})
    created = shop.request("POST", "/orders", json=ORDER)
    listed = shop.request("GET", "/orders")

    assert (stocked.status, created.status, listed.status) == (200, 201, 200)
    assert created.json()["id"] in str(listed.json())
    wait_until(lambda: "reserved" in str(shop.request("GET", f"/orders/{created.json()['id']}").json()), timeout=20)


def test_every_resource_that_takes_tags_has_the_apps(made: Realiser) -> None:
    untagged = [step.name for step in made.steps if "tags" in step.inputs and step.inputs["tags"].get("team") != "shop"]

    assert untagged == []


class TestOrderFlow(OrderFlow):
    pass
