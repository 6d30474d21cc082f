"""Streams."""

from __future__ import annotations

import time
from typing import Any

from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import within
from tests.emulators.realiser.kind import Inputs, Kind, Made


def _stream(aws: Session, inputs: Inputs) -> Made:
    mode = within(inputs, "streamModeDetails").get("streamMode", "PROVISIONED")
    shards: dict[str, Any] = {} if mode == "ON_DEMAND" else {"ShardCount": inputs.get("shardCount", 1)}
    aws.client("kinesis").create_stream(StreamName=inputs["name"], StreamModeDetails={"StreamMode": mode}, **shards)
    return Made(aws.arn("kinesis", f"stream/{inputs['name']}"), _outputs(aws, inputs["name"]))


def _outputs(aws: Session, name: str) -> dict[str, Any]:
    return {"arn": aws.arn("kinesis", f"stream/{name}")}


def _finish(aws: Session, id_: str, inputs: Inputs) -> None:
    kinesis = aws.client("kinesis")
    name = id_.rpartition("/")[2]
    while kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["StreamStatus"] != "ACTIVE":
        time.sleep(0.02)
    hours = inputs.get("retentionPeriod") or 24
    current = kinesis.describe_stream_summary(StreamName=name)["StreamDescriptionSummary"]["RetentionPeriodHours"]
    if hours > current:
        kinesis.increase_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
    elif hours < current:
        kinesis.decrease_stream_retention_period(StreamName=name, RetentionPeriodHours=hours)
    if inputs.get("encryptionType") == "KMS":
        kinesis.start_stream_encryption(
            StreamName=name, EncryptionType="KMS", KeyId=inputs.get("kmsKeyId", "alias/aws/kinesis")
        )


def _read(aws: Session, id_: str, _state: Inputs) -> dict[str, Any]:
    name = id_.rpartition("/")[2]
    aws.client("kinesis").describe_stream_summary(StreamName=name)
    return _outputs(aws, name)


def _delete(aws: Session, id_: str, _state: Inputs) -> None:
    aws.client("kinesis").delete_stream(StreamName=id_.rpartition("/")[2], EnforceConsumerDeletion=True)


KINDS = {
    "aws:kinesis/stream:Stream": Kind(
        create=_stream,
        finish=_finish,
        change=lambda aws, id_, inputs: _outputs(aws, inputs["name"]),
        delete=_delete,
        read=_read,
        name="name",
        fixed=("shardCount", "streamModeDetails"),
        outputs=("arn",),
    ),
}
"""Pulumi's token to what makes it."""
