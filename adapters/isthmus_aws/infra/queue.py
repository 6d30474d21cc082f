"""A queue on SQS, what may send to it besides the app's functions, and how Lambda reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pulumi
from pulumi_aws import sqs

from isthmus.components.arguments import Bounds, ComponentArgs, settled
from isthmus.components.component import Component, Node
from isthmus.components.renames import former_name
from isthmus.declarations import queue as declarations
from isthmus.declarations.function import Function
from isthmus.declarations.topic import Topic
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus.transforms import TransformError
from isthmus_aws.infra.arns import Arns
from isthmus_aws.infra.function_args import FunctionArgs
from isthmus_aws.infra.mapping import MAPPING, known_as, read_queue
from isthmus_aws.infra.policies import Statement, allow_service, document
from isthmus_aws.infra.redrive import dead_letters_of, receives, redrive_allow_policy, redrive_policy, sources_of
from isthmus_aws.infra.transport import refuse_unencrypted
from isthmus_aws.names import is_fifo
from isthmus_aws.rules.seconds import whole

QUEUE = Node("queue", sqs.Queue, holds_data=True)
POLICY = Node("policy", sqs.QueuePolicy)

_LONG_POLL = 20
"""Seconds that a receive waits: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-short-and-long-polling.html."""


@dataclass(frozen=True, kw_only=True)
class QueueArgs(ComponentArgs):
    """A queue on SQS, besides what its declaration says; times are in seconds.

    `max_receive_count` is when SQS itself gives a message up, behind the function's own counting. `high_throughput`
    (FIFO) limits each group instead of the whole queue, and drops a duplicate only within its group. `filters` are by
    the name of the function that reads it; what they let through nobody handles, and it is deleted.
    """

    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
    bounds: ClassVar[Bounds] = {
        "visibility_timeout": (0, 12 * 3600),
        "delay": (0, 900),
        "retention": (60, 14 * 24 * 3600),
        "max_receive_count": (1, 1000),
    }

    visibility_timeout: int = 180
    delay: int = 0
    retention: int = 4 * 24 * 3600
    max_receive_count: int = 5
    high_throughput: bool = False
    filters: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=lambda: {})

    @classmethod
    def of(cls, declared: declarations.Queue, plan: Plan) -> QueueArgs:
        """Return the arguments of a declared queue, after the transforms."""
        fifo = is_fifo(plan.app, declared.name)
        values = {
            "visibility_timeout": whole(declared.visibility_timeout),
            "delay": whole(declared.delay),
            "retention": declared.retention,
            "max_receive_count": receives(declared.max_attempts, fifo=fifo),
            "renamed_from": former_name(plan.app, declared.name),  # a dead-letter queue is renamed with its source
        }
        return settled(cls, declared, plan, values)


class Queue(Component[QueueArgs]):
    """A queue; a dead-letter queue is one as well. `queue` is the raw one, and `policy` what lets services in."""

    token = "isthmus:aws:Queue"
    children = (QUEUE, POLICY, MAPPING)
    takes = QueueArgs

    @classmethod
    def ready(cls, declared: declarations.Queue, plan: Plan) -> None:
        """Refuse, besides what every component does, a timeout that a transform has made longer than the visibility."""
        super().ready(declared, plan)
        hidden = QueueArgs.of(declared, plan).visibility_timeout
        for subscription in plan.app.subscriptions:
            if subscription.source is declared and isinstance(subscription.target, Function):
                timeout = FunctionArgs.of(subscription.target, plan).timeout
                if timeout > hidden:
                    raise TransformError(_too_short(declared, hidden, subscription.target, timeout))

    def __init__(self, declared: declarations.Queue, deployment: Deployment) -> None:
        super().__init__(declared.name, QueueArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        self.fifo = is_fifo(deployment.plan.app, declared.name)
        self.queue = self._queue(declared)
        self.policy = self.child(POLICY, {"queue_url": self.queue.id, "policy": document(self._allowed(declared))})
        for subscription in deployment.plan.app.subscriptions:
            if subscription.source is declared and isinstance(subscription.target, Function):
                function, filters = subscription.target, self.args.filters
                read_queue(self, function, self.queue.arn, subscription, of=known_as(self, function), filters=filters)
        self.done(name=self.physical, arn=self.arn)

    @property
    def arn(self) -> pulumi.Output[str]:
        """The queue's ARN."""
        return self.queue.arn

    def _queue(self, declared: declarations.Queue) -> sqs.Queue:
        args, plan = self.args, self.deployment.plan
        dead_letters, sources = dead_letters_of(plan, declared), sources_of(plan, declared)
        optional = {
            **(self._ordered() if self.fifo else {}),
            **({"redrive_allow_policy": redrive_allow_policy(sources)} if sources else {}),
        }
        before: list[pulumi.Resource] = []
        if dead_letters is not None:  # SQS refuses to point at a queue that there is not
            before.append(self.deployment.component(dead_letters).queue)
            optional["redrive_policy"] = redrive_policy(Arns(plan).of(dead_letters), args.max_receive_count)
        arguments = {
            "name": self.physical,
            "visibility_timeout_seconds": args.visibility_timeout,
            "delay_seconds": args.delay,
            "message_retention_seconds": args.retention,
            "receive_wait_time_seconds": _LONG_POLL,
            "sqs_managed_sse_enabled": True,
            **optional,
        }
        return self.child(QUEUE, arguments, adopt=Arns(plan).queue_url(declared.name), depends_on=before)

    def _ordered(self) -> dict[str, Any]:
        """A duplicate is dropped by the key that its sender gives, all over the queue, unless it is to be fast.

        https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/high-throughput-fifo.html
        """
        fast = self.args.high_throughput
        return {
            "fifo_queue": True,
            "content_based_deduplication": False,
            "deduplication_scope": "messageGroup" if fast else "queue",
            "fifo_throughput_limit": "perMessageGroupId" if fast else "perQueue",
        }

    def _allowed(self, declared: declarations.Queue) -> Iterator[Statement]:
        plan = self.deployment.plan
        arns = Arns(plan)
        arn = arns.of(declared)
        yield refuse_unencrypted("sqs:*", [arn])
        for topic in senders(plan, declared):
            yield allow_service("sns", ["sqs:SendMessage"], [arn], source=arns.of(topic), account=plan.target.account)


def _too_short(queue: declarations.Queue, hidden: int, function: Function, timeout: int) -> str:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"""
    return (
        f"queue {queue.name!r} hides a message for {hidden} s, and function {function.name!r} may run for {timeout} s, "
        f"which Lambda refuses: a transform sets one of them; let visibility_timeout be {6 * timeout}, as AWS advises"
    )


def senders(plan: Plan, queue: declarations.Queue) -> list[Topic]:
    """Return the topics that send to a declared queue: their messages, or what they could not deliver."""
    topics = [resource for resource in plan.resources if isinstance(resource, Topic)]
    subscribed = {id(s.source) for s in plan.app.subscriptions if s.target is queue}
    return [topic for topic in topics if id(topic) in subscribed or topic.dead_letters is queue]
