"""What the deployed policies and filters let through, in an emulator that enforces resource policies.

Nothing is handled here: the mappings are taken away, so that what is delivered stays in the queues to be looked at.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Generator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from isthmus import deployment
from isthmus.declarations.app import App
from isthmus.testing.waiting import wait_until
from tests.aws.infra.mocks import Bundle, Everything
from tests.aws.infra.shops import HANDLERS, shop
from tests.emulators.aws.deploy import deploy
from tests.emulators.aws.ministack import Ministack, running
from tests.emulators.environment import environment


def declare(app: App) -> None:
    work, heard = app.queue("Work"), app.topic("Events")
    heard.subscribe(work, filter={"type": ["a", {"prefix": "b."}], "weight": [7]})
    app.topic("Stranger")
    images = app.bucket("Images")
    images.subscribe(f"{HANDLERS}.object_event", name="Shrink", prefix="my photos/", suffix=".jpg")
    images.subscribe(f"{HANDLERS}.object_event", name="Log", events=["removed"], prefix="year=2024/")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Generator[Ministack]:
    archive = tmp_path_factory.mktemp("bundle") / "bundle.zip"
    with running(auth=True) as server, environment(server.credentials):
        with mock.patch("isthmus_aws.bundles.bundles", return_value=_Same(archive)):
            deploy(lambda: deployment.deploy(shop(declare)), server, stack="aws-test")
        mappings = server.client("lambda")
        for mapping in mappings.list_event_source_mappings()["EventSourceMappings"]:
            mappings.delete_event_source_mapping(UUID=mapping["UUID"])
        yield server


class _Same(Everything):
    """One bundle for everybody, which holds nothing that runs."""

    def __init__(self, path: Path) -> None:
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("nothing.py", "")
        self._bundle = Bundle(path, hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_size)

    def __missing__(self, _key: str) -> Bundle:
        return self._bundle


def publish(server: Ministack, topic: str, body: str, attributes: Mapping[str, tuple[str, str]]) -> None:
    sns = server.client("sns")
    (arn,) = [found["TopicArn"] for found in sns.list_topics()["Topics"] if f"-{topic}-" in found["TopicArn"]]
    native = {name: {"DataType": kind, "StringValue": value} for name, (kind, value) in attributes.items()}
    sns.publish(TopicArn=arn, Message=body, MessageAttributes=native)


def received(server: Ministack, queue: str, enough: Callable[[list[str]], bool]) -> list[str]:
    """Return the bodies that arrive in a queue, once there are enough; whatever comes with the last is among them."""
    sqs = server.client("sqs")
    (url,) = [url for url in sqs.list_queues()["QueueUrls"] if f"-{queue}-" in url]
    bodies: list[str] = []

    def look() -> bool:
        bodies.extend(m["Body"] for m in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", []))
        return enough(bodies)

    wait_until(look)
    return bodies


def keys(bodies: list[str]) -> list[str]:
    return [record["s3"]["object"]["key"] for body in bodies for record in json.loads(body).get("Records", ())]


def test_a_queue_gets_the_messages_of_its_topic_that_pass_the_filter_and_no_others(server: Ministack) -> None:
    def attributes(kind: str, weight: str) -> dict[str, tuple[str, str]]:
        return {"type": ("String", kind), "weight": ("Number", weight)}

    publish(server, "Events", "no type", attributes("c", "7"))
    publish(server, "Events", "no weight", attributes("a", "8"))
    publish(server, "Events", "text", {"type": ("String", "a"), "weight": ("String", "7")})
    publish(server, "Events", "prefix", attributes("b.x", "7"))
    publish(server, "Events", "last", attributes("a", "7.0"))

    assert sorted(received(server, "Work", lambda bodies: "last" in bodies)) == ["last", "prefix"]


def test_a_topic_that_is_not_declared_to_cannot_send_to_a_queue(server: Ministack) -> None:
    sns, sqs = server.client("sns"), server.client("sqs")
    (topic,) = [found["TopicArn"] for found in sns.list_topics()["Topics"] if "-Stranger-" in found["TopicArn"]]
    (url,) = [url for url in sqs.list_queues()["QueueUrls"] if "-Work-" in url]
    queue = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    publish(server, "Stranger", "foreign", {})
    publish(server, "Events", "known", {"type": ("String", "a"), "weight": ("Number", "7")})

    assert received(server, "Work", lambda bodies: "known" in bodies) == ["known"]


def test_a_bucket_tells_each_inbox_of_the_keys_that_were_declared(server: Ministack) -> None:
    s3: Any = server.client("s3")
    (bucket,) = [found["Name"] for found in s3.list_buckets()["Buckets"]]
    for key in ("my photos/a.png", "other/a.jpg", "year=2024/b", "my photos/a.jpg"):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")
        s3.delete_object(Bucket=bucket, Key=key)

    shrunk = received(server, "Shrink-Images", lambda bodies: len(keys(bodies)) > 0)
    logged = received(server, "Log-Images", lambda bodies: len(keys(bodies)) > 0)

    assert set(keys(shrunk)) == {"my+photos/a.jpg"}
    assert keys(logged) == ["year%3D2024/b"]
