"""The provider plugin, asked what an engine asks of Google's resources."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Mapping
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pulumi
import pytest
from pulumi.provider.experimental import provider
from pulumi.provider.experimental.property_value import PropertyValue
from pulumi.runtime.proto import provider_pb2_grpc

from tests.emulators.gcp import plugin as program
from tests.emulators.gcp.invokes import CALLS
from tests.emulators.gcp.kinds.table import KINDS
from tests.emulators.gcp.process import Google, google
from tests.emulators.gcp.session import Session
from tests.emulators.realiser.asking import Engine
from tests.emulators.realiser.kind import UnknownKindError
from tests.emulators.realiser.plugin import Plugin
from tests.emulators.realiser.wire import plain

__all__ = ["google"]

TOPIC = "gcp:pubsub/topic:Topic"
SUBSCRIPTION = "gcp:pubsub/subscription:Subscription"
SMALL: Mapping[str, Mapping[str, Any]] = {
    TOPIC: {},
    "gcp:serviceaccount/account:Account": {"accountId": "an-account"},
    "gcp:serviceaccount/iAMMember:IAMMember": {"serviceAccountId": "a", "role": "r", "member": "allUsers"},
    "gcp:cloudtasks/queue:Queue": {"location": "r"},
    "gcp:cloudscheduler/job:Job": {"region": "r", "schedule": "0 4 1 1 *", "httpTarget": {"uri": "http://x"}},
    "gcp:storage/bucket:Bucket": {"name": "a-bucket", "location": "EU"},
    "gcp:secretmanager/secret:Secret": {"secretId": "a-secret"},
    "gcp:parametermanager/parameter:Parameter": {"parameterId": "a-parameter"},
    "gcp:projects/service:Service": {"service": "run.googleapis.com"},
    "gcp:firestore/database:Database": {"name": "a-database", "locationId": "r", "deletionPolicy": "DELETE"},
    "gcp:apigateway/api:Api": {},
}
"""A kind to inputs that suffice."""


@pytest.fixture
def plugin(google: Google) -> Plugin:
    return Plugin(Session(google.address), KINDS, CALLS, Path.cwd())


@pytest.mark.parametrize("token", SMALL)
def test_a_resource_is_made_found_again_and_removed(plugin: Plugin, token: str) -> None:
    engine = Engine(plugin, token, "one")
    engine.create(**SMALL[token])
    there = engine.refresh()
    engine.delete()
    gone = not engine.refresh()

    assert (there, gone) == (True, True)


@pytest.mark.parametrize("token", SMALL)
def test_a_second_preview_finds_no_change(plugin: Plugin, token: str) -> None:
    engine = Engine(plugin, token, "two")
    engine.create(**SMALL[token])
    changes = engine.diff(**SMALL[token]).changes
    engine.delete()

    assert not changes


@pytest.mark.parametrize("token", SMALL)
def test_what_is_gone_already_counts_as_removed(plugin: Plugin, token: str) -> None:
    engine = Engine(plugin, token, "three")
    engine.create(**SMALL[token])
    engine.delete()
    engine.delete()


def test_a_subscription_is_changed_in_place_and_its_drift_is_seen(google: Google, plugin: Plugin) -> None:
    topic = Engine(plugin, TOPIC, "changed")
    topic.create()
    subscription = Engine(plugin, SUBSCRIPTION, "changed")
    subscription.create(topic=topic.id, ackDeadlineSeconds=20)
    subscription.update(topic=topic.id, ackDeadlineSeconds=30)
    subscriber = Session(google.address).subscriber
    changed = subscriber.get_subscription(subscription=subscription.id).ack_deadline_seconds
    drifted = {"name": subscription.id, "topic": topic.id, "ack_deadline_seconds": 50}
    request = {"subscription": drifted, "update_mask": {"paths": ["ack_deadline_seconds"]}}
    subscriber.update_subscription(request=request)
    subscription.refresh()

    assert changed == 30
    assert subscription.diff(topic=topic.id, ackDeadlineSeconds=30).diffs == ["ackDeadlineSeconds"]


def test_another_topic_replaces_a_subscription_and_its_name_is_freed_first(plugin: Plugin) -> None:
    topic = Engine(plugin, TOPIC, "replaced")
    topic.create()
    subscription = Engine(plugin, SUBSCRIPTION, "replaced")
    subscription.create(name="replaced", topic=topic.id)
    answer = subscription.diff(name="replaced", topic="projects/p/topics/other")

    assert answer.replaces == ["topic"]
    assert answer.delete_before_replace


def test_an_update_of_a_function_is_a_new_revision(google: Google, plugin: Plugin) -> None:
    function = Engine(plugin, "gcp:cloudfunctionsv2/function:Function", "one")
    made = function.create(name="one", location="r", serviceConfig={"availableMemory": "256M"})
    function.update(name="one", location="r", serviceConfig={"availableMemory": "512M"})
    kept = google.get("function", function.id) or {}

    assert made["url"] == f"{google.origin}/{google.project}/r/one"
    assert kept["serviceConfig"]["availableMemory"] == "512M"


def test_a_protected_database_stays(plugin: Plugin) -> None:
    database = Engine(plugin, "gcp:firestore/database:Database", "kept")
    protection = "DELETE_PROTECTION_ENABLED"
    database.create(name="kept", locationId="r", deleteProtectionState=protection, deletionPolicy="DELETE")

    with pytest.raises(Exception, match="FAILED_PRECONDITION"):
        database.delete()

    assert database.refresh()


def test_an_abandoned_database_stays(plugin: Plugin) -> None:
    database = Engine(plugin, "gcp:firestore/database:Database", "abandoned")
    database.create(name="abandoned", locationId="r", deletionPolicy="ABANDON")
    database.delete()

    assert database.refresh()


def test_a_bucket_with_objects_goes_only_by_force(plugin: Plugin) -> None:
    kept = Engine(plugin, "gcp:storage/bucket:Bucket", "full")
    kept.create(name="full", location="EU")
    Engine(plugin, "gcp:storage/bucketObject:BucketObject", "object").create(bucket="full", name="o", content="x")
    with pytest.raises(Exception, match=r"409|not empty"):
        kept.delete()
    kept.update(name="full", location="EU", forceDestroy=True)
    kept.delete()

    assert not kept.refresh()


def test_an_archive_arrives_as_a_zip(google: Google, plugin: Plugin, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text("x = 1")
    Engine(plugin, "gcp:storage/bucket:Bucket", "zips").create(name="zips", location="EU")
    archive = pulumi.FileArchive(str(tmp_path))
    Engine(plugin, "gcp:storage/bucketObject:BucketObject", "zip").create(bucket="zips", name="o", source=archive)

    assert Session(google.address).storage.bucket("zips").blob("o").download_as_bytes().startswith(b"PK")


def test_a_notification_needs_a_grant_for_storages_own_account(google: Google, plugin: Plugin) -> None:
    topic = Engine(plugin, TOPIC, "told")
    topic.create(name="told")
    Engine(plugin, "gcp:storage/bucket:Bucket", "telling").create(name="telling", location="EU")
    notification = Engine(plugin, "gcp:storage/notification:Notification", "told")
    inputs: dict[str, Any] = {"bucket": "telling", "topic": topic.id, "payloadFormat": "JSON_API_V1"}
    with pytest.raises(PermissionError, match="may not publish"):
        notification.create(**inputs)
    agent = f"serviceAccount:service-{Session(google.address).number}@gs-project-accounts.iam.gserviceaccount.com"
    granted = Engine(plugin, "gcp:pubsub/topicIAMMember:TopicIAMMember", "told")
    granted.create(topic="told", role="roles/pubsub.publisher", member=agent)

    assert notification.create(**inputs)["notificationId"]


def test_a_preview_makes_nothing(google: Google, plugin: Plugin) -> None:
    Engine(plugin, TOPIC, "previewed").create(preview=True, name="previewed")
    project, publisher = f"projects/{google.project}", Session(google.address).publisher

    assert f"{project}/topics/previewed" not in [one.name for one in publisher.list_topics(project=project)]


def test_an_unknown_type_is_named(plugin: Plugin) -> None:
    with pytest.raises(UnknownKindError, match="no creator for gcp:x/y:Z"):
        Engine(plugin, "gcp:x/y:Z", "z").check()


def test_a_program_is_told_the_number_of_its_project(plugin: Plugin) -> None:
    token = "gcp:organizations/getProject:getProject"
    request = provider.InvokeRequest(token, {"projectId": PropertyValue("isthmus-test")})
    answer = asyncio.run(plugin.invoke(request)).return_value or {}

    assert plain(answer)["number"].isdigit()


def test_the_program_that_an_engine_starts_says_its_port_and_answers(google: Google, tmp_path: Path) -> None:
    script = program.folder(tmp_path) / "pulumi-resource-gcp"
    variables = {**os.environ, **google.variables()}
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

    assert said.version == version("pulumi-gcp")
