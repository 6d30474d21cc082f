"""Every resource type that the emulator can make, by Pulumi's token."""

from __future__ import annotations

from collections.abc import Mapping

from tests.emulators.aws.kinds import (
    dynamodb,
    functions,
    http,
    iam,
    kinesis,
    logs,
    mappings,
    parameters,
    s3,
    scheduler,
    sns,
    sqs,
    workflows,
)
from tests.emulators.realiser.kind import Kind

KINDS: Mapping[str, Kind] = {
    token: kind
    for module in (
        dynamodb,
        functions,
        http,
        iam,
        kinesis,
        logs,
        mappings,
        parameters,
        s3,
        scheduler,
        sns,
        sqs,
        workflows,
    )
    for token, kind in module.KINDS.items()
}
"""Pulumi's token to what makes it."""
