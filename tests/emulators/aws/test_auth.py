"""Where the emulator enforces policies, each function can do what its links say, and is refused the rest."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, NamedTuple

import pytest

from isthmus_aws.names import physical_name
from tests.emulators.aws.auth_app import auth_app, name, verbs
from tests.emulators.aws.testbed import DeployedTestbed, deployed

REFUSED = {"AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException", "403"}
"""How the services say that a caller may not."""


class Call(NamedTuple):
    """A call that a verb allows, by the SDK's names; `target` is the argument that says which resource."""

    service: str
    operation: str
    target: str
    more: Mapping[str, Any]


CALLS: Mapping[tuple[str, str], Call] = {
    ("Items", "read"): Call("dynamodb", "get_item", "TableName", {"Key": {"id": {"S": "a"}}}),
    ("Items", "write"): Call("dynamodb", "put_item", "TableName", {"Item": {"id": {"S": "a"}}}),
    ("Work", "send"): Call("sqs", "send_message", "QueueUrl", {"MessageBody": "a"}),
    ("News", "publish"): Call("sns", "publish", "TopicArn", {"Message": "a"}),
    ("Files", "read"): Call("s3", "get_object", "Bucket", {"Key": "a"}),
    ("Files", "write"): Call("s3", "put_object", "Bucket", {"Key": "b", "Body": "a"}),
    ("Clicks", "put"): Call("kinesis", "put_record", "StreamName", {"PartitionKey": "a", "Data": "a"}),
    ("Key", "read"): Call("secretsmanager", "get_secret_value", "SecretId", {}),
    ("Other", "invoke"): Call("lambda", "invoke", "FunctionName", {"Payload": "{}"}),
}
"""A call for each verb of each resource."""


@pytest.fixture(scope="module")
def bed() -> Generator[DeployedTestbed]:
    bed = deployed(auth_app, auth=True)
    try:
        bed.resource("Files").put("a", b"a")
        bed.set_secret("Key", "value")
        yield bed
    finally:
        bed.close()


def _outcome(bed: DeployedTestbed, function: str, wanted: tuple[str, str]) -> str:
    """Let a function make a call; return "done", or the code of the refusal."""
    call = CALLS[wanted]
    target = bed.target
    app = auth_app(target)
    resource = next(resource for resource in app.resources if resource.name == wanted[0])
    at = physical_name(app, target, resource.kind, resource.name)
    if call.service == "sqs":
        at = f"{bed.server.endpoint}/{bed.server.account}/{at}"
    if call.service == "sns":
        at = f"arn:aws:sns:{bed.server.region}:{bed.server.account}:{at}"
    payload = {"service": call.service, "operation": call.operation, "arguments": {call.target: at, **call.more}}
    return str(bed.resource(function).invoke(payload))


@pytest.mark.parametrize("own", CALLS, ids=".".join)
def test_a_function_can_do_what_its_link_says_and_nothing_else(bed: DeployedTestbed, own: tuple[str, str]) -> None:
    outcomes = {wanted: _outcome(bed, name(*own), wanted) for wanted in CALLS}

    allowed = {wanted for wanted, outcome in outcomes.items() if outcome == "done"}
    assert allowed == {own}, outcomes
    assert {outcome for wanted, outcome in outcomes.items() if wanted != own} <= REFUSED


def test_there_is_a_call_for_every_verb(bed: DeployedTestbed) -> None:
    declared = {
        (resource.name, verb)
        for resource in auth_app(bed.target).resources
        if resource.name in {called for called, _ in CALLS}
        for verb in verbs(resource)
    }

    assert declared == set(CALLS)
