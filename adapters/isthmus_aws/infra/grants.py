"""What a function may do: what its links say, what its event sources need, and its own log. Nothing else.

https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
has the actions, and what each can be limited to.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, cast

from isthmus.declarations.function import Function
from isthmus.declarations.resource import Grant, Resource
from isthmus.declarations.settings import Linkable, Secret
from isthmus.declarations.table import Table
from isthmus.declarations.workflow import Workflow
from isthmus.links import Identity
from isthmus.plan import Plan
from isthmus.sources import Source
from isthmus.wiring import grants
from isthmus_aws.infra.arns import ALIAS, Arns
from isthmus_aws.infra.policies import UNSCOPED, Statement, allow, checked
from isthmus_aws.infra.secret import SecretArgs

Granted: TypeAlias = "Iterator[Statement]"

PROVIDER = "aws"
"""Whose the grants of a linkable are."""


def statements(plan: Plan, declared: Function, identity: Identity) -> list[Statement]:
    """Return all that a function may do."""
    arns = Arns(plan)
    linked = [s for grant in grants(declared.link) for s in of_link(arns, grant)]
    consumed = [s for name, source in identity.sources.items() for s in of_source(arns, name, source)]
    return [*linked, *consumed, of_log(arns, log_group(arns.name("function", declared.name)))]


def of_link(arns: Arns, grant: Grant) -> Granted:
    """Yield what a link grants: the statements of each of its verbs."""
    for verb in grant.verbs:
        yield from VERBS[grant.resource.kind, verb](arns, grant.resource)


def log_group(function: str) -> str:
    """Return the name of the log group that Lambda writes to: https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs.html."""
    return f"/aws/lambda/{function}"


def of_log(arns: Arns, group: str) -> Statement:
    """Return the permission to write into a log group; the group itself is made by the deployment."""
    return allow(("logs:CreateLogStream", "logs:PutLogEvents"), [arns.arn("logs", f"log-group:{group}:*")])


def of_source(arns: Arns, name: str, source: Source) -> Granted:
    """Yield what Lambda needs to read a source for the function, and the function to handle and to park its events."""
    yield from _CONSUMED.get(source.kind, _of_queue)(arns, name)
    if source.kind == "bucket":  # the envelope of an event is in the metadata of its object
        yield allow(["s3:GetObject"], [f"{arns.declared('bucket', source.name)}/*"])
    if source.dead_letters:
        yield allow(["sqs:SendMessage"], [arns.named("queue", source.dead_letters)])


def _of_queue(arns: Arns, name: str) -> Granted:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html#events-sqs-permissions"""
    actions = ("ReceiveMessage", "DeleteMessage", "GetQueueAttributes", "ChangeMessageVisibility")
    yield allow([f"sqs:{action}" for action in actions], [arns.named("queue", name)])


def _of_stream(arns: Arns, name: str) -> Granted:
    """https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-create.html"""
    actions = ("DescribeStream", "DescribeStreamSummary", "GetRecords", "GetShardIterator", "ListShards")
    yield allow([f"kinesis:{action}" for action in actions], [arns.named("stream", name)])


def _of_changes(arns: Arns, name: str) -> Granted:
    """https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Streams.Lambda.Tutorial.html"""
    actions = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
    yield allow([f"dynamodb:{action}" for action in actions], [f"{arns.named('table', name)}/stream/*"])


_CONSUMED: Mapping[str, Callable[[Arns, str], Granted]] = {"stream": _of_stream, "table": _of_changes}


def _read_table(arns: Arns, table: Resource) -> Granted:
    indexes = cast("Table", table).global_indexes
    arn = arns.of(table)
    yield allow([f"dynamodb:{action}" for action in ("BatchGetItem", "GetItem", "Query", "Scan")], [arn])
    if indexes:
        yield allow(["dynamodb:Query", "dynamodb:Scan"], [f"{arn}/index/{name}" for name in indexes])


def _write_table(arns: Arns, table: Resource) -> Granted:
    actions = ("BatchWriteItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem")
    yield allow([f"dynamodb:{action}" for action in actions], [arns.of(table)])


def _read_bucket(arns: Arns, bucket: Resource) -> Granted:
    """Listing is of the bucket; without it a missing object would be answered with 403 instead of 404."""
    yield allow(["s3:GetObject"], [f"{arns.of(bucket)}/*"])
    yield allow(["s3:ListBucket"], [arns.of(bucket)])


def _write_bucket(arns: Arns, bucket: Resource) -> Granted:
    actions = ("AbortMultipartUpload", "DeleteObject", "PutObject")
    yield allow([f"s3:{action}" for action in actions], [f"{arns.of(bucket)}/*"])


def _invoke(arns: Arns, function: Resource) -> Granted:
    """To start one is to send to its inbox."""
    arn = arns.of(function)
    yield allow(["lambda:InvokeFunction"], [arn, f"{arn}:{ALIAS}"])
    yield allow(["sqs:SendMessage"], [arns.inbox(function, cast("Function", function))])


def _read_secret(arns: Arns, secret: Resource) -> Granted:
    """https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html"""
    yield allow(["secretsmanager:GetSecretValue"], [arns.of(secret)])
    key = SecretArgs.of(cast("Secret", secret), arns.plan).key
    if key:
        through = {"kms:ViaService": f"secretsmanager.{arns.plan.target.region}.amazonaws.com"}
        yield allow(["kms:Decrypt"], [key], condition={"StringEquals": through})


def _start(arns: Arns, workflow: Resource) -> Granted:
    """Who starts one may wait for its end: of an express one in the same call, of another by looking at it."""
    if cast("Workflow", workflow).express:
        yield allow(["states:StartExecution", "states:StartSyncExecution"], [arns.of(workflow)])
        return
    yield allow(["states:StartExecution"], [arns.of(workflow)])
    yield allow(["states:DescribeExecution"], [arns.executions(workflow)])


def _read_execution(arns: Arns, workflow: Resource) -> Granted:
    yield allow(["states:DescribeExecution"], [arns.executions(workflow)])


def _stop(arns: Arns, workflow: Resource) -> Granted:
    yield allow(["states:StopExecution"], [arns.executions(workflow)])


def _complete(_arns: Arns, _workflow: Resource) -> Granted:
    """A token says by itself which task it is of: these actions can be limited to no workflow.

    https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html
    """
    yield allow([action for action in UNSCOPED if action.startswith("states:SendTask")], ["*"])


def _linkable(_arns: Arns, linkable: Resource) -> Granted:
    own: Any = cast("Linkable", linkable).grants.get(PROVIDER, ())
    for statement in own:
        yield checked(statement, f"linkable {linkable.name!r}, grants[{PROVIDER!r}]")


def _nothing(_arns: Arns, _parameter: Resource) -> Granted:
    """A parameter's value is in the link itself."""
    yield from ()


def _simply(*actions: str) -> Callable[[Arns, Resource], Granted]:
    def granted(arns: Arns, resource: Resource) -> Granted:
        yield allow(actions, [arns.of(resource)])

    return granted


VERBS: Mapping[tuple[str, str], Callable[[Arns, Resource], Granted]] = {
    ("table", "read"): _read_table,
    ("table", "write"): _write_table,
    ("queue", "send"): _simply("sqs:SendMessage"),
    ("topic", "publish"): _simply("sns:Publish"),
    ("stream", "put"): _simply("kinesis:PutRecord", "kinesis:PutRecords"),
    ("bucket", "read"): _read_bucket,
    ("bucket", "write"): _write_bucket,
    ("secret", "read"): _read_secret,
    ("function", "invoke"): _invoke,
    ("workflow", "start"): _start,
    ("workflow", "read"): _read_execution,
    ("workflow", "stop"): _stop,
    ("workflow", "complete"): _complete,
    ("parameter", "read"): _nothing,
    ("linkable", "read"): _linkable,
}
"""Kind and verb of a link to what it grants: the visible table."""
