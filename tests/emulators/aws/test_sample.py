"""The realiser makes a program's resources real: what AWS promises of them holds in the emulator."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Generator, Mapping
from http.client import HTTPConnection
from typing import Any

import pytest

from isthmus.testing.waiting import wait_until
from tests.emulators.aws.deploy import deploy
from tests.emulators.aws.ministack import Ministack, running
from tests.emulators.aws.sample.program import bundle, program
from tests.emulators.realiser.mocks import Realiser


@pytest.fixture(scope="module")
def server() -> Generator[Ministack]:
    with running() as server:
        yield server


@pytest.fixture(scope="module")
def deployed(server: Ministack) -> Generator[Realiser]:
    archive = bundle()
    yield deploy(lambda: program(archive), server, stack="sample-test")
    shutil.rmtree(archive.parent)


def _get(server: Ministack, deployed: Realiser, path: str, method: str = "GET", **headers: str) -> tuple[int, Any]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=20)
    host = str(deployed.outputs["endpoint"]).partition("//")[2]
    connection.request(method, path, headers={**headers, "Host": host})
    response = connection.getresponse()
    body = response.read()
    connection.close()
    return response.status, json.loads(body) if body else None


def _note(server: Ministack, name: str) -> Callable[[], Mapping[str, Any] | None]:
    def read() -> Mapping[str, Any] | None:
        item = server.client("dynamodb").get_item(TableName="notes", Key={"id": {"S": name}}).get("Item")
        return {key: next(iter(value.values())) for key, value in item.items()} if item else None

    return read


def test_a_functions_code_comes_from_its_zip_and_its_libraries_from_the_runtime(
    server: Ministack, deployed: Realiser
) -> None:
    _, seen = _get(server, deployed, "/")

    assert seen["modules"] == ["botocore"]
    assert not [path for path in seen["path"] if "site-packages" in path]


def test_the_outputs_say_what_was_asked_for(deployed: Realiser) -> None:
    assert deployed.outputs["runtime"] == "python3.12"
    assert deployed.outputs["architectures"] == ["arm64"]
    assert deployed.outputs["secret"] == "kept"


def test_cookies_come_as_payload_2_has_them(server: Ministack, deployed: Realiser) -> None:
    _, seen = _get(server, deployed, "/", cookie="a=1; b=2")

    assert (seen["cookies"], seen["cookie"]) == (["a=1", "b=2"], None)


def test_a_function_that_raises_is_a_500_to_the_caller(server: Ministack, deployed: Realiser) -> None:
    assert _get(server, deployed, "/broken") == (500, {"message": "Internal Server Error"})


def test_options_reaches_a_function_where_the_api_has_no_cors(server: Ministack, deployed: Realiser) -> None:
    assert _get(server, deployed, "/", "OPTIONS")[0] == 201


def test_an_exception_has_its_own_name(server: Ministack, deployed: Realiser) -> None:
    answer = server.client("lambda").invoke(FunctionName="failing", Payload=b"{}")

    assert answer["FunctionError"] == "Unhandled"
    assert json.loads(answer["Payload"].read())["errorType"] == "LookupError"


def test_a_failed_message_alone_is_tried_again_and_becomes_a_dead_letter(server: Ministack, deployed: Realiser) -> None:
    for body in ("good", "bad"):
        server.client("sqs").send_message(QueueUrl=deployed.outputs["jobs"], MessageBody=body)

    wait_until(lambda: "bad" in _bodies(server, deployed), timeout=15)

    assert (_note(server, "good#of-jobs")() or {})["times"] == "1"
    assert (_note(server, "bad#of-jobs")() or {})["times"] == "2"


def test_a_batch_of_a_standard_queue_may_have_more_than_ten(server: Ministack, deployed: Realiser) -> None:
    sqs, lambda_ = server.client("sqs"), server.client("lambda")
    mapping = next(
        found["UUID"] for found in lambda_.list_event_source_mappings(FunctionName="of-jobs")["EventSourceMappings"]
    )
    lambda_.update_event_source_mapping(UUID=mapping, Enabled=False)
    for half in range(2):
        entries = [{"Id": str(n), "MessageBody": f"many-{half}-{n}"} for n in range(9)]
        sqs.send_message_batch(QueueUrl=deployed.outputs["jobs"], Entries=entries)
    lambda_.update_event_source_mapping(UUID=mapping, Enabled=True)

    note = wait_until(_note(server, "many-1-8#of-jobs"), timeout=15) or {}

    assert note["size"] == "18"


def _bodies(server: Ministack, deployed: Realiser) -> list[str]:
    found = server.client("sqs").receive_message(QueueUrl=deployed.outputs["dead"], MaxNumberOfMessages=10)
    return [message["Body"] for message in found.get("Messages", [])]


@pytest.mark.parametrize("source", ["clicks", "items"])
def test_a_streams_failed_record_is_tried_again_alone_and_given_up(
    server: Ministack, deployed: Realiser, source: str
) -> None:
    def put(name: str) -> None:
        if source == "clicks":
            server.client("kinesis").put_record(StreamName="clicks", PartitionKey="a", Data=name.encode())
        else:
            server.client("dynamodb").put_item(TableName="items", Item={"id": {"S": name}})

    for name in ("first", "bad", "last"):
        put(f"{name}-{source}" if name != "bad" else f"bad-{source}")
    wait_until(_note(server, f"last-{source}#of-{source}"), timeout=15)
    told = wait_until(lambda: [body for body in _bodies(server, deployed) if "BatchInfo" in body], timeout=15)

    assert (_note(server, f"first-{source}#of-{source}")() or {})["times"] == "1"
    batch = json.loads(told[0])
    assert batch["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert batch["KinesisBatchInfo" if source == "clicks" else "DDBStreamBatchInfo"]["batchSize"] == 1


def test_a_preview_creates_nothing(server: Ministack, deployed: Realiser) -> None:
    archive = bundle()
    with running() as empty:
        deploy(lambda: program(archive), empty, stack="sample-test", preview=True)

        assert empty.client("lambda").list_functions()["Functions"] == []
    shutil.rmtree(archive.parent)
