"""An inbox: the queue between a source that pushes (a topic, a bucket, a schedule, a caller) and a function."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pulumi_aws import sqs

from isthmus.components.arguments import ComponentArgs
from isthmus.components.component import Component, Node
from isthmus.components.renames import former_name
from isthmus.declarations.function import Function
from isthmus.declarations.resource import Resource
from isthmus.declarations.subscription import Subscription
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus.sources import ATTEMPTS
from isthmus.wiring import deliveries
from isthmus_aws.infra.arns import Arns
from isthmus_aws.infra.mapping import MAPPING, Reader, read_queue
from isthmus_aws.infra.policies import Statement, document
from isthmus_aws.infra.redrive import dead_letters_of, receives, redrive_allow_policy, redrive_policy
from isthmus_aws.infra.transport import refuse_unencrypted
from isthmus_aws.names import inbox_dead_letters_name, inbox_name

QUEUE = Node("inbox", sqs.Queue, holds_data=True)
POLICY = Node("inbox_policy", sqs.QueuePolicy)
DEAD_LETTERS = Node("inbox_dead_letters", sqs.Queue, holds_data=True)
DEAD_LETTERS_POLICY = Node("inbox_dead_letters_policy", sqs.QueuePolicy)

PUSHED = (QUEUE, POLICY, MAPPING)
"""What an inbox comes to, whose source has a dead-letter queue."""

CHILDREN = (*PUSHED, DEAD_LETTERS, DEAD_LETTERS_POLICY)
"""What an inbox comes to, with a dead-letter queue of its own."""

_VISIBILITY_FACTOR = 6
"""Of the function's timeout: https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html."""

_RETENTION = 4 * 24 * 3600
_DEAD_LETTERS_RETENTION = 14 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class InboxArgs(ComponentArgs):
    """The inbox of what is started: all of it follows from the function."""


class Inbox(Component[InboxArgs]):
    """The inbox that `function.start` sends to: made where a function can be started (see `is_started`)."""

    token = "isthmus:aws:Inbox"
    children = CHILDREN

    def __init__(self, declared: Function, deployment: Deployment, reader: Reader) -> None:
        args = InboxArgs(renamed_from=former_name(deployment.plan.app, declared.name))
        super().__init__(declared.name, args, deployment, tags=declared.tags)
        inbox = open_inbox(self, declared, declared, reader=reader)
        self.done(arn=inbox.arn)


@dataclass(frozen=True)
class Opened:
    """An inbox that has been made: its queue, and the policy that lets the source in."""

    queue: sqs.Queue
    policy: sqs.QueuePolicy

    @property
    def arn(self) -> Any:
        """What the source sends to."""
        return self.queue.arn


def is_started(plan: Plan, function: Function) -> bool:
    """Return whether somebody may start a function, other than by an event of a source."""
    return any(delivery.function is function for delivery in deliveries(plan.app) if delivery.kind == "task")


def open_inbox(
    owner: Component[Any],
    source: Resource,
    function: Function,
    *,
    subscription: Subscription | None = None,
    allowed: Iterable[Statement] = (),
    reader: Reader | None = None,
    of: str = "",
) -> Opened:
    """Make the inbox of `source` and `function` and its mapping, as children of `owner`.

    `allowed` are the statements that let a service send to it; whoever sends with a role of the app needs none.
    `reader` is the function's component, where the deployment does not have it yet.
    """
    plan = owner.deployment.plan
    arns, physical = Arns(plan), inbox_name(plan.app, plan.target, source, function)
    arn = arns.named("inbox", physical)
    attempts = subscription.max_attempts if subscription else ATTEMPTS
    invoked: Reader = reader or owner.deployment.component(function)
    dead_letters, made = _dead_letters(owner, source, function, of)
    queue = owner.child(
        QUEUE,
        {
            **_queue(physical, _RETENTION),
            "visibility_timeout_seconds": _VISIBILITY_FACTOR * invoked.args.timeout,
            "redrive_policy": redrive_policy(dead_letters, receives(attempts)),
        },
        of=of,
        depends_on=[made],
    )
    policy = _policy(owner, POLICY, queue, [refuse_unencrypted("sqs:*", [arn]), *allowed], of)
    read_queue(owner, function, queue.arn, None, reader=invoked, of=of)
    return Opened(queue, policy)


def _dead_letters(owner: Component[Any], source: Resource, function: Function, of: str) -> tuple[str, sqs.Queue]:
    """Return the ARN and the queue that takes what the inbox gives up: the source's own, or one that is made for it."""
    plan = owner.deployment.plan
    arns, declared = Arns(plan), dead_letters_of(plan, source)
    if declared is not None:
        return arns.of(declared), owner.deployment.component(declared).queue
    physical = inbox_dead_letters_name(plan.app, plan.target, source, function)
    arn = arns.named("inbox", physical)
    allowed = redrive_allow_policy([arns.inbox(source, function)])
    arguments = {**_queue(physical, _DEAD_LETTERS_RETENTION), "redrive_allow_policy": allowed}
    queue = owner.child(DEAD_LETTERS, arguments, of=of)
    _policy(owner, DEAD_LETTERS_POLICY, queue, [refuse_unencrypted("sqs:*", [arn])], of)
    return arn, queue


def _queue(physical: str, retention: int) -> dict[str, Any]:
    return {"name": physical, "message_retention_seconds": retention, "sqs_managed_sse_enabled": True}


def _policy(
    owner: Component[Any],
    node: Node[sqs.QueuePolicy],
    queue: sqs.Queue,
    statements: Iterable[Statement],
    of: str,
) -> sqs.QueuePolicy:
    return owner.child(node, {"queue_url": queue.id, "policy": document(statements)}, of=of)
