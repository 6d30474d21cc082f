"""The reference app, brought up by its own program in the way that an engine runs it, and used through its address."""

from __future__ import annotations

import os
import runpy
from collections.abc import Generator

import pytest

from infra.app import app
from isthmus.testing.waiting import wait_until
from isthmus_gcp.testbed import GcpTestbed
from tests.emulators.environment import environment
from tests.emulators.gcp.deploy import deploy
from tests.emulators.gcp.parts.process import ROOT
from tests.emulators.gcp.process import Google
from tests.emulators.realiser.mocks import Realiser
from tests.reference.order_flow import OrderFlow

ORDER = {"userId": "ann", "item": "lamp", "quantity": 2}


@pytest.fixture(scope="module")
def cloud() -> Generator[Google]:
    with Google() as cloud, environment(cloud.variables()):
        yield cloud


@pytest.fixture(scope="module")
def made(cloud: Google) -> Realiser:
    """Run the program in its own folder, as the engine does."""
    before = os.getcwd()
    os.chdir(ROOT / "infra")
    try:
        return deploy(lambda: runpy.run_path(str(ROOT / "infra"), run_name="__main__"), cloud, stack="gcp-dev")
    finally:
        os.chdir(before)


@pytest.fixture(scope="module")
def shop(cloud: Google, made: Realiser) -> GcpTestbed:
    return GcpTestbed(app, stage="dev", account=cloud.project, region=cloud.region)


def test_the_program_shows_the_address_of_the_api(made: Realiser) -> None:
    assert made.outputs["apiUrl"].startswith("http")


def test_an_order_is_created_listed_and_reserved(shop: GcpTestbed) -> None:
    stocked = shop.request("PUT", "/stock/lamp", json={"available": 5})
    created = shop.request("POST", "/orders", json=ORDER)
    listed = shop.request("GET", "/orders")

    assert (stocked.status, created.status, listed.status) == (200, 201, 200)
    assert created.json()["id"] in str(listed.json())
    wait_until(lambda: "reserved" in str(shop.request("GET", f"/orders/{created.json()['id']}").json()), timeout=30)


def test_an_order_is_found_by_the_words_of_its_change(shop: GcpTestbed) -> None:
    created = shop.request("POST", "/orders", json={**ORDER, "item": "lantern"}).json()["id"]

    wait_until(lambda: created in str(shop.request("GET", "/search", query={"q": "lantern"}).json()), timeout=30)


def test_every_resource_that_takes_labels_has_the_apps(made: Realiser) -> None:
    labelled = [step for step in made.steps if "labels" in step.inputs]

    assert labelled
    assert [step.name for step in labelled if step.inputs["labels"].get("team") != "shop"] == []


class TestOrderFlow(OrderFlow):
    pass
