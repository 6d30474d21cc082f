"""A stream on Kinesis, and how Lambda reads it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pulumi
from pulumi_aws import kinesis

from isthmus.components.arguments import Bounds, ComponentArgs, settled
from isthmus.components.component import Component, Node
from isthmus.declarations import stream as declarations
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_aws.infra.logs import read_by
from isthmus_aws.infra.mapping import MAPPING
from isthmus_aws.rules.seconds import hours

STREAM = Node("stream", kinesis.Stream, holds_data=True)

_KEY = "alias/aws/kinesis"
"""The account's own key for Kinesis: whoever may use the stream may use it, and nobody has to be granted it.

https://docs.aws.amazon.com/streams/latest/dev/server-side-encryption.html
"""


@dataclass(frozen=True, kw_only=True)
class StreamArgs(ComponentArgs):
    """A stream on Kinesis; `retention` is in hours. `filters` are by the name of the function that reads it."""

    # https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
    bounds: ClassVar[Bounds] = {"shards": (1, None), "retention": (24, 8760)}

    shards: int = 1
    retention: int = 24
    filters: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=lambda: {})

    @classmethod
    def of(cls, declared: declarations.Stream, plan: Plan) -> StreamArgs:
        """Return the arguments of a declared stream, after the transforms."""
        return settled(cls, declared, plan, {"shards": declared.shards, "retention": hours(declared.retention)})


class Stream(Component[StreamArgs]):
    """A stream with as many shards as were declared, encrypted at rest."""

    token = "isthmus:aws:Stream"
    children = (STREAM, MAPPING)
    takes = StreamArgs

    def __init__(self, declared: declarations.Stream, deployment: Deployment) -> None:
        super().__init__(declared.name, StreamArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        arguments = {
            "name": self.physical,
            "shard_count": self.args.shards,
            "retention_period": self.args.retention,
            "stream_mode_details": {"stream_mode": "PROVISIONED"},
            "encryption_type": "KMS",
            "kms_key_id": _KEY,
            "enforce_consumer_deletion": not self.keeps_data,
        }
        self.stream = self.child(STREAM, arguments, adopt=self.physical)
        read_by(self, declared, self.stream.arn, filters=self.args.filters)
        self.done(name=self.physical, arn=self.arn)

    @property
    def arn(self) -> pulumi.Output[str]:
        """The stream's ARN."""
        return self.stream.arn
