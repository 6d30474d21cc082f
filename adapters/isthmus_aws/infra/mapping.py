"""Event source mappings: how Lambda reads a queue, or a log, for a function.

https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Protocol, TypeAlias

import pulumi
from pulumi_aws import lambda_

from isthmus.components.component import Component, Node
from isthmus.components.renames import former_name
from isthmus.declarations.function import Function
from isthmus.declarations.resource import Resource
from isthmus.declarations.subscription import Subscription
from isthmus_aws.infra.function_args import FunctionArgs
from isthmus_aws.rules.mappings import mapped_concurrency
from isthmus_aws.rules.seconds import whole

MAPPING = Node("mapping", lambda_.EventSourceMapping)

Filters: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]
"""Function name → the patterns of which an event must match one. What matches none is gone, without a failure:
https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html."""


class Reader(Protocol):
    """A function's component, of which whoever sends it events needs to know no more."""

    @property
    def args(self) -> FunctionArgs:
        """Its arguments, after the transforms."""
        ...

    @property
    def arn(self) -> pulumi.Output[str]:
        """What is invoked."""
        ...


START = "TRIM_HORIZON"
"""Where a log is read from by a new mapping: its oldest record.

A mapping needs minutes to begin, and with LATEST would miss what is written in them:
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html. So a function that subscribes to what is
there already is given all that is still kept.
"""

_PARTIAL = ("ReportBatchItemFailures",)
_LEAST_RETRIES = 100
_MOST_RETRIES = 10_000


def known_as(owner: Component[Any], declared: Resource) -> str:
    """Return the name by which children are told apart: one that was renamed keeps its former one, and so its URN."""
    return former_name(owner.deployment.plan.app, declared.name) or declared.name


def read_queue(
    owner: Component[Any],
    function: Function,
    queue: pulumi.Input[str],
    subscription: Subscription | None,
    *,
    reader: Reader | None = None,
    of: str = "",
    filters: Filters | None = None,
) -> lambda_.EventSourceMapping:
    """Map the queue with the ARN `queue` to a function, as a child of `owner`; without a subscription, one by one."""
    invoked: Reader = reader or owner.deployment.component(function)
    concurrency = mapped_concurrency(subscription, invoked.args.reserved_concurrency)
    arguments = {
        **_shared(invoked, function, queue, filters or {}),
        "batch_size": subscription.batch if subscription else 1,
        "maximum_batching_window_in_seconds": whole(subscription.batch_window) if subscription else 0,
        **({"scaling_config": {"maximum_concurrency": concurrency}} if concurrency else {}),
    }
    return owner.child(MAPPING, arguments, of=of)


def read_log(
    owner: Component[Any],
    subscription: Subscription,
    function: Function,
    log: pulumi.Input[str],
    *,
    dead_letters: str,
    filters: Filters | None = None,
    depends_on: Sequence[pulumi.Resource] = (),
) -> lambda_.EventSourceMapping:
    """Map the stream with the ARN `log` to a function; `dead_letters` (an ARN) is told of what Lambda itself gives up.

    The function counts the attempts and parks what it gives up, whole; the mapping's own retries are the net behind
    that. Its destination gets no record, only where it was, so it must not come first: see `retries`.
    """
    arguments = {
        **_shared(owner.deployment.component(function), function, log, filters or {}),
        "batch_size": subscription.batch,
        "maximum_batching_window_in_seconds": whole(subscription.batch_window),
        "starting_position": START,
        "bisect_batch_on_function_error": True,
        "maximum_retry_attempts": retries(subscription),
        "parallelization_factor": 1,  # `shards` says how many are handled at once
        "destination_config": {"on_failure": {"destination_arn": dead_letters}},
    }
    return owner.child(MAPPING, arguments, of=known_as(owner, function), depends_on=depends_on)


def retries(subscription: Subscription) -> int:
    """Return how often Lambda retries a batch before it gives it up.

    A record that fails ends its invocation, so a batch of which each fails takes as many invocations as there are
    records and attempts; and as many again, since an instance that goes away takes its counts with it.
    """
    needed = 2 * subscription.batch * subscription.max_attempts
    return min(_MOST_RETRIES, max(_LEAST_RETRIES, needed))


def _shared(reader: Reader, function: Function, source: pulumi.Input[str], filters: Filters) -> dict[str, Any]:
    patterns = [{"pattern": json.dumps(pattern, sort_keys=True)} for pattern in filters.get(function.name, ())]
    return {
        "event_source_arn": source,
        "function_name": reader.arn,
        "function_response_types": list(_PARTIAL),
        **({"filter_criteria": {"filters": patterns}} if patterns else {}),
    }
