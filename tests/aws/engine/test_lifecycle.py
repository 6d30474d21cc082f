"""What becomes of a small app, and of its data, as its declaration changes: by a true engine."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.aws.engine.stack import Stack
from tests.emulators.aws.ministack import Ministack, ministack

__all__ = ["ministack"]

pytestmark = [
    pytest.mark.engine,
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("pulumi") is None, reason="pulumi is not on PATH"),
]

ITEM = {"item": {"S": "lamp"}, "maker": {"S": "ann"}}


@pytest.fixture
def stack(ministack: Ministack, tmp_path: Path) -> Callable[..., Stack]:
    def make(name: str, app: str = "shop") -> Stack:
        return Stack(name, tmp_path / f"{app}-{name}", ministack, app)

    ministack.reset()
    return make


def table(stack: Stack) -> Any:
    """Return the one table that there is."""
    dynamodb = stack.server.client("dynamodb")
    (name,) = dynamodb.list_tables()["TableNames"]
    return dynamodb.describe_table(TableName=name)["Table"]


def fill(stack: Stack) -> None:
    stack.server.client("dynamodb").put_item(TableName=table(stack)["TableName"], Item=ITEM)


def items(stack: Stack) -> list[Any]:
    found: list[Any] = stack.server.client("dynamodb").scan(TableName=table(stack)["TableName"])["Items"]
    return found


def queues(server: Ministack) -> list[str]:
    return sorted(url.rpartition("/")[2] for url in server.client("sqs").list_queues().get("QueueUrls", []))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("bad-link", "function 'Reader': queue 'Strange', declared at"),
        ("large", "function 'Reader': its environment variables take"),
        ("bad-bundle", "pyproject.toml"),
    ],
)
def test_what_cannot_be_is_told_without_a_traceback_and_nothing_is_made(
    stack: Callable[..., Stack], change: str, told: str
) -> None:
    dev = stack("aws-dev")
    said = dev.up(change=change, fails=True)

    assert told in said
    assert "Traceback" not in said
    assert queues(dev.server) == []
    assert dev.server.client("iam").list_roles()["Roles"] == []
    assert "aws:" not in dev.do("stack").replace("providers:aws", "")


@pytest.mark.parametrize(("name", "told"), [("aws-dev", "already exists"), ("aws-production", "marked for protection")])
def test_a_tables_key_cannot_change_and_its_items_stay(stack: Callable[..., Stack], name: str, told: str) -> None:
    deployed = stack(name)
    deployed.up()
    fill(deployed)
    said = deployed.up(change="key", fails=True)

    assert told in said
    assert items(deployed) == [ITEM]
    deployed.up()
    deployed.do("preview", "--expect-no-changes")


def test_indexes_come_and_go_and_the_items_stay(stack: Callable[..., Stack]) -> None:
    dev = stack("aws-dev")
    dev.up()
    fill(dev)
    dev.up(change="no-index")
    without = table(dev).get("GlobalSecondaryIndexes", [])
    dev.up()

    assert without == []
    assert [index["IndexName"] for index in table(dev)["GlobalSecondaryIndexes"]] == ["byMaker"]
    assert items(dev) == [ITEM]


def test_what_is_renamed_is_left_as_it_is(stack: Callable[..., Stack]) -> None:
    production = stack("aws-production")
    production.up()
    fill(production)
    production.do("preview", "--expect-no-changes", change="renamed")
    production.up(change="renamed")

    assert items(production) == [ITEM]
    production.do("preview", "--expect-no-changes", change="renamed")


def test_a_reader_that_goes_takes_its_mapping_and_the_dead_letters_along(stack: Callable[..., Stack]) -> None:
    dev = stack("aws-dev")
    dev.up()
    both = queues(dev.server)
    dev.up(change="no-reader")
    alone = queues(dev.server)
    mappings = dev.server.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    dev.up()

    assert any("WorkDeadLetters" in name for name in both)
    assert not any("WorkDeadLetters" in name for name in alone)
    assert not any("Work" in mapping["EventSourceArn"] for mapping in mappings)
    assert queues(dev.server) == both


def test_new_settings_change_what_is_there(stack: Callable[..., Stack]) -> None:
    dev = stack("aws-dev")
    dev.up()
    before = queues(dev.server)
    dev.up(change="other-settings")
    functions = dev.server.client("lambda").list_functions()["Functions"]
    (reader,) = (function for function in functions if "Reader" in function["FunctionName"])

    assert (reader["MemorySize"], reader["Timeout"]) == (1024, 20)
    assert queues(dev.server) == before
    dev.do("preview", "--expect-no-changes", change="other-settings")


def test_stages_and_apps_with_the_same_resources_live_beside_each_other(stack: Callable[..., Stack]) -> None:
    stacks = [stack("aws-dev"), stack("aws-test"), stack("aws-dev", "bazaar")]
    alone: list[int] = []
    for deployed in stacks:
        deployed.up()
        alone.append(len(queues(deployed.server)))
    stacks[2].do("destroy", "--yes", "--skip-preview")
    stacks[1].do("destroy", "--yes", "--skip-preview")

    assert alone == [alone[0], 2 * alone[0], 3 * alone[0]]
    assert all(name.startswith("shop-dev-") for name in queues(stacks[0].server))
    stacks[0].do("refresh", "--yes")
    stacks[0].do("preview", "--expect-no-changes")


def test_what_an_earlier_stage_has_left_is_taken_over_with_its_items(stack: Callable[..., Stack]) -> None:
    production = stack("aws-production")
    production.up()
    fill(production)
    production.do("state", "unprotect", "--all", "--yes")
    production.do("destroy", "--yes", "--skip-preview")
    left = items(production)
    said = production.up(fails=True)
    production.up(change="adopt")

    assert left == [ITEM]
    assert "already exists" in said
    assert items(production) == [ITEM]
    production.do("preview", "--expect-no-changes", change="adopt")
