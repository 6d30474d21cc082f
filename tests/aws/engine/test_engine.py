"""What only a true engine does: a plan of changes, a state, refresh, destroy, and protection."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.app import app
from isthmus_aws.testbed import AwsTestbed
from tests.aws.engine.stack import Stack
from tests.emulators.aws.ministack import Ministack, ministack
from tests.emulators.environment import environment

__all__ = ["ministack"]

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="pulumi is not on PATH"),
]


@pytest.fixture
def stack(ministack: Ministack, tmp_path: Path) -> Callable[[str], Stack]:
    ministack.reset()
    return lambda name: Stack(name, tmp_path / name, ministack)


def _functions(server: Ministack) -> dict[str, int]:
    found = server.client("lambda").list_functions(MaxItems=50)["Functions"]
    return {function["FunctionName"]: function["MemorySize"] for function in found}


def test_up_brings_up_the_app_and_then_has_nothing_to_do(stack: Callable[[str], Stack]) -> None:
    dev = stack("aws-dev")
    dev.up()
    server = dev.server
    with environment(server.environment):
        shop = AwsTestbed(app, stage="dev", account=server.account, region=server.region, endpoint=server.endpoint)
        created = shop.request("POST", "/orders", json={"userId": "ann", "item": "lamp", "quantity": 1})
        listed = shop.request("GET", "/orders")

    assert dev.outputs()["apiUrl"].startswith("http")
    assert created.json()["id"] in str(listed.json())
    dev.do("preview", "--expect-no-changes")


def test_an_update_changes_what_is_there(stack: Callable[[str], Stack]) -> None:
    dev = stack("aws-dev")
    dev.up()
    before = _functions(dev.server)
    dev.up(change="larger")
    after = _functions(dev.server)

    assert before.keys() == after.keys()
    assert set(after.values()) == {1024}
    dev.do("preview", "--expect-no-changes", change="larger")


def test_a_refresh_sees_what_was_done_by_hand_and_up_mends_it(stack: Callable[[str], Stack]) -> None:
    dev = stack("aws-dev")
    dev.up()
    sqs = dev.server.client("sqs")
    work = next(url for url in sqs.list_queues()["QueueUrls"] if "-Work-" in url)
    asked = sqs.get_queue_attributes(QueueUrl=work, AttributeNames=["VisibilityTimeout"])["Attributes"]
    sqs.set_queue_attributes(QueueUrl=work, Attributes={"VisibilityTimeout": "7"})
    dev.do("refresh", "--yes")
    dev.up()

    assert sqs.get_queue_attributes(QueueUrl=work, AttributeNames=["VisibilityTimeout"])["Attributes"] == asked
    dev.do("preview", "--expect-no-changes")


def test_destroy_leaves_nothing(stack: Callable[[str], Stack]) -> None:
    dev = stack("aws-dev")
    dev.up()
    dev.do("destroy", "--yes", "--skip-preview")
    server = dev.server

    assert _functions(server) == {}
    assert server.client("dynamodb").list_tables()["TableNames"] == []
    assert server.client("sqs").list_queues().get("QueueUrls", []) == []
    assert server.client("s3").list_buckets()["Buckets"] == []


def test_after_a_resource_that_failed_a_second_up_is_clean(stack: Callable[[str], Stack]) -> None:
    dev = stack("aws-dev")
    said = dev.up(change="broken", fails=True)
    dev.up()

    assert "broken" in said
    dev.do("preview", "--expect-no-changes")


def test_destroying_production_does_not_touch_the_tables(stack: Callable[[str], Stack]) -> None:
    production = stack("aws-production")
    production.up()
    tables = production.server.client("dynamodb").list_tables()["TableNames"]
    said = production.do("destroy", "--yes", "--skip-preview", fails=True)

    assert "protect" in said
    assert tables
    assert production.server.client("dynamodb").list_tables()["TableNames"] == tables
