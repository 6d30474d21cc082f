"""The provider plugin, asked what an engine asks: Check, Diff, Create, Read, Update, Delete."""

from __future__ import annotations

import asyncio
import os
import subprocess
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental import provider
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime import rpc
from pulumi.runtime.proto import provider_pb2_grpc

from tests.emulators.aws import deploy
from tests.emulators.aws import plugin as program
from tests.emulators.aws.invokes import CALLS
from tests.emulators.aws.kinds.table import KINDS
from tests.emulators.aws.ministack import Ministack, ministack
from tests.emulators.realiser.asking import Engine
from tests.emulators.realiser.kind import UnknownKindError
from tests.emulators.realiser.plugin import PRINTS, Plugin
from tests.emulators.realiser.wire import plain

__all__ = ["ministack"]

QUEUE = "aws:sqs/queue:Queue"


@pytest.fixture
def plugin(ministack: Ministack) -> Plugin:
    ministack.reset()
    return Plugin(deploy.session(ministack), KINDS, CALLS, Path.cwd())


def _timeout(ministack: Ministack, engine: Engine) -> str:
    attributes = ministack.client("sqs").get_queue_attributes(QueueUrl=engine.id, AttributeNames=["All"])["Attributes"]
    return str(attributes["VisibilityTimeout"])


def test_a_resource_is_made_changed_and_removed(ministack: Ministack, plugin: Plugin) -> None:
    queue = Engine(plugin, QUEUE, "work")
    made = queue.create(visibilityTimeoutSeconds=30)
    before = _timeout(ministack, queue)
    queue.update(visibilityTimeoutSeconds=60)
    after = _timeout(ministack, queue)
    queue.delete()

    assert (before, after) == ("30", "60")
    assert made["arn"].endswith(made["name"])
    assert not queue.refresh()


def test_a_second_preview_finds_no_change_and_keeps_the_name(plugin: Plugin) -> None:
    queue = Engine(plugin, QUEUE, "work")
    queue.create(visibilityTimeoutSeconds=30)

    assert not queue.diff(visibilityTimeoutSeconds=30).changes


def test_a_preview_takes_inputs_that_are_not_known_yet_at_any_depth(plugin: Plugin) -> None:
    unknown = PropertyValue.computed()
    inputs = {"name": PropertyValue("asked"), "tags": PropertyValue({"of": unknown}), "policy": unknown}
    request = provider.CheckRequest(Engine(plugin, QUEUE, "work").urn, {}, inputs, b"seed")
    checked = asyncio.run(plugin.check(request)).inputs or {}

    assert checked["policy"].value == rpc.UNKNOWN
    assert PropertyValue(checked).marshal()


def test_a_preview_makes_nothing_and_knows_no_outputs(ministack: Ministack, plugin: Plugin) -> None:
    known = Engine(plugin, QUEUE, "work").create(preview=True, name="asked")

    assert known["name"] == "asked"
    assert known["arn"] == rpc.UNKNOWN
    assert ministack.client("sqs").list_queues().get("QueueUrls", []) == []


def test_what_cannot_change_in_place_replaces_and_an_own_name_is_freed_first(plugin: Plugin) -> None:
    queue = Engine(plugin, QUEUE, "work")
    queue.create(name="work.fifo", fifoQueue=True)
    answer = queue.diff(name="work.fifo", fifoQueue=False)

    assert answer.replaces == ["fifoQueue"]
    assert answer.delete_before_replace


def test_an_ignored_change_is_none(plugin: Plugin) -> None:
    queue = Engine(plugin, QUEUE, "work")
    queue.create(delaySeconds=1)

    assert not queue.diff(ignore=("delaySeconds",), delaySeconds=2).changes


def test_a_refresh_sees_what_was_changed_by_hand(ministack: Ministack, plugin: Plugin) -> None:
    queue = Engine(plugin, QUEUE, "work")
    queue.create(visibilityTimeoutSeconds=30)
    ministack.client("sqs").set_queue_attributes(QueueUrl=queue.id, Attributes={"VisibilityTimeout": "99"})
    there = queue.refresh()

    assert there
    assert plain(queue.state)["visibilityTimeoutSeconds"] == 99
    assert queue.diff(visibilityTimeoutSeconds=30).diffs == ["visibilityTimeoutSeconds"]


def test_what_was_removed_by_hand_is_gone_and_can_be_deleted(ministack: Ministack, plugin: Plugin) -> None:
    queue = Engine(plugin, QUEUE, "work")
    queue.create()
    ministack.client("sqs").delete_queue(QueueUrl=queue.id)
    queue.delete()

    assert not queue.refresh()


def test_a_resource_that_fails_half_way_leaves_nothing_behind(ministack: Ministack, plugin: Plugin) -> None:
    table = Engine(plugin, "aws:dynamodb/table:Table", "items")
    inputs: dict[str, Any] = {
        "billingMode": "PAY_PER_REQUEST",
        "hashKey": "id",
        "attributes": [{"name": "id", "type": "S"}],
    }

    with pytest.raises(Exception, match="Parameter validation failed"):
        table.create(name="items", ttl={"attributeName": 7, "enabled": True}, **inputs)

    assert ministack.client("dynamodb").list_tables()["TableNames"] == []


def test_code_is_compared_by_its_contents_and_does_not_stay_in_the_state(plugin: Plugin, tmp_path: Path) -> None:
    (tmp_path / "one.py").write_text("def handle(event, context): return 1")
    function = Engine(plugin, "aws:lambda/function:Function", "one")
    role = Engine(plugin, "aws:iam/role:Role", "one")
    inputs: dict[str, Any] = {
        "role": role.create(assumeRolePolicy='{"Statement": []}')["arn"],
        "handler": "one.handle",
        "runtime": "python3.12",
    }
    function.create(code=pulumi.FileArchive(str(tmp_path)), **inputs)
    same = function.diff(code=pulumi.FileArchive(str(tmp_path)), **inputs)
    (tmp_path / "one.py").write_text("def handle(event, context): return 2")
    other = function.diff(code=pulumi.FileArchive(str(tmp_path)), **inputs)

    assert "code" not in function.state
    assert not same.changes
    assert other.diffs == ["code"]


def test_a_secret_stays_one(plugin: Plugin) -> None:
    parameter = Engine(plugin, "aws:ssm/parameter:Parameter", "key")
    checked = parameter.check(type="SecureString")
    checked["value"] = PropertyValue("hidden", is_secret=True)
    made = asyncio.run(plugin.create(provider.CreateRequest(parameter.urn, checked, 0, preview=False)))

    assert made.properties["value"].is_secret
    assert "hidden" not in str(made.properties[PRINTS].value)


def test_an_unknown_type_is_named(plugin: Plugin) -> None:
    with pytest.raises(UnknownKindError, match="no creator for aws:x/y:Z"):
        Engine(plugin, "aws:x/y:Z", "z").check()


def test_a_program_is_told_where_it_runs(ministack: Ministack, plugin: Plugin) -> None:
    request = provider.InvokeRequest("aws:index/getCallerIdentity:getCallerIdentity", {})
    answer = asyncio.run(plugin.invoke(request)).return_value or {}

    assert plain(answer)["accountId"] == ministack.account


def test_the_program_that_an_engine_starts_says_its_port_and_answers(ministack: Ministack, tmp_path: Path) -> None:
    script = program.folder(tmp_path) / "pulumi-resource-aws"
    variables = {**os.environ, **ministack.environment, program.RUNTIME: str(tmp_path)}
    with subprocess.Popen([script, "127.0.0.1:1"], cwd=tmp_path, env=variables, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            port = int(process.stdout.readline())
            grpc: Any = import_module("grpc")  # it and protobuf publish no types
            with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
                stub: Any = provider_pb2_grpc.ResourceProviderStub(channel)
                said = stub.GetPluginInfo(import_module("google.protobuf.empty_pb2").Empty(), timeout=10)
        finally:
            process.terminate()

    assert said.version == version("pulumi-aws")
