"""What only a true engine does: a plan of changes, a state, refresh, destroy, and protection."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from infra.app import app
from isthmus.testing.waiting import wait_until
from isthmus_gcp.testbed import GcpTestbed
from tests.emulators.environment import environment
from tests.emulators.gcp.process import Google
from tests.emulators.gcp.session import Session
from tests.gcp.engine.stack import Stack

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="pulumi is not on PATH"),
]


@pytest.fixture
def stack(tmp_path: Path) -> Generator[Callable[[str], Stack]]:
    with Google() as cloud:
        yield lambda name: Stack(name, tmp_path / name, cloud)


def test_up_brings_up_the_app_and_then_has_nothing_to_do(stack: Callable[[str], Stack]) -> None:
    dev = stack("gcp-dev")
    dev.up()
    cloud = dev.cloud
    with environment(cloud.variables()):
        shop = GcpTestbed(app, stage="dev", account=cloud.project, region=cloud.region)
        stocked = shop.request("PUT", "/stock/lamp", json={"available": 5})
        created = shop.request("POST", "/orders", json={"userId": "ann", "item": "lamp", "quantity": 1}).json()
        listed = shop.request("GET", "/orders")
        wait_until(lambda: "reserved" in str(shop.request("GET", f"/orders/{created['id']}").json()), timeout=30)

    assert stocked.status == 200
    assert dev.outputs()["apiUrl"].startswith("http")
    assert created["id"] in str(listed.json())
    dev.do("preview", "--expect-no-changes")


def test_an_update_changes_what_is_there(stack: Callable[[str], Stack]) -> None:
    dev = stack("gcp-dev")
    dev.up()
    before = _memory(dev)
    dev.up(change="larger")
    after = _memory(dev)

    assert before.keys() == after.keys()
    assert set(after.values()) == {"1024Mi"}
    dev.do("preview", "--expect-no-changes", change="larger")


def test_a_refresh_sees_what_was_done_by_hand_and_up_mends_it(stack: Callable[[str], Stack]) -> None:
    dev = stack("gcp-dev")
    dev.up()
    subscriber = Session(dev.cloud.address).subscriber
    found = next(one for one in subscriber.list_subscriptions(project=_project(dev)) if "-Work-" in one.name)
    drifted = {"name": found.name, "topic": found.topic, "ack_deadline_seconds": 11}
    subscriber.update_subscription(
        request={"subscription": drifted, "update_mask": {"paths": ["ack_deadline_seconds"]}}
    )
    dev.do("refresh", "--yes")
    dev.up()

    assert subscriber.get_subscription(subscription=found.name).ack_deadline_seconds == found.ack_deadline_seconds
    dev.do("preview", "--expect-no-changes")


def test_destroy_leaves_nothing(stack: Callable[[str], Stack]) -> None:
    dev = stack("gcp-dev")
    dev.up()
    dev.do("destroy", "--yes", "--skip-preview")
    session = Session(dev.cloud.address)

    assert _memory(dev) == {}
    assert session.firestore.databases() == []
    assert list(session.publisher.list_topics(project=_project(dev))) == []
    assert list(session.storage.list_buckets()) == []


def test_after_a_resource_that_failed_a_second_up_is_clean(stack: Callable[[str], Stack]) -> None:
    dev = stack("gcp-dev")
    said = dev.up(change="broken", fails=True)
    dev.up()

    assert "broken" in said
    dev.do("preview", "--expect-no-changes")


def test_destroying_production_does_not_touch_the_tables(stack: Callable[[str], Stack]) -> None:
    production = stack("gcp-production")
    production.up()
    databases = Session(production.cloud.address).firestore.databases()
    said = production.do("destroy", "--yes", "--skip-preview", fails=True)

    assert "protect" in said
    assert databases
    assert Session(production.cloud.address).firestore.databases() == databases


def _memory(stack: Stack) -> dict[str, str]:
    found = stack.cloud.get("function", "") or {}
    return {name: function["serviceConfig"]["availableMemory"] for name, function in found.items()}


def _project(stack: Stack) -> str:
    return f"projects/{stack.cloud.project}"
