"""What a workflow may do: the calls that its definition makes, on what they are made on. Nothing else.

https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

from isthmus.declarations.table import Table
from isthmus.declarations.workflow import Workflow
from isthmus.shapes import is_mapping, is_text
from isthmus.wiring import workflow_targets
from isthmus.workflows.names import Target
from isthmus_aws.infra.policies import Statement, allow
from isthmus_aws.workflow import distributed
from isthmus_aws.workflow.addresses import Addresses
from isthmus_aws.workflow.languages import LANGUAGES
from isthmus_aws.workflow.tasks import own_connection

SYNC_RULE = "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"
"""The rule by which Step Functions hears of the end of what it waits for: one for all workflows of an account."""


def statements(workflow: Workflow, addresses: Addresses, connection: str) -> Iterator[Statement]:
    """Yield what the tasks of a workflow may do; `connection` is the name of the connection that is made for it."""
    for target in workflow_targets(workflow):
        if target.task is not None and not target.fault:
            yield from _of_target(workflow, target, addresses, connection)
    names = distributed.names_of(workflow)
    for state in workflow.parsed.states if workflow.parsed else ():
        if distributed.is_distributed(state):
            yield from distributed.statements(workflow, state, names, addresses)


def _of_target(workflow: Workflow, target: Target, addresses: Addresses, connection: str) -> Iterator[Statement]:
    kind = target.task.kind if target.task else ""
    if kind == "http":
        yield from _of_request(workflow, target, addresses, connection)
    elif target.resource is not None:
        yield from _BY_KIND[kind](target, addresses)


def _of_function(target: Target, addresses: Addresses) -> Iterator[Statement]:
    yield allow(["lambda:InvokeFunction"], [addresses.arn(target.resource)])


def _of_queue(target: Target, addresses: Addresses) -> Iterator[Statement]:
    yield allow(["sqs:SendMessage"], [addresses.arn(target.resource)])


def _of_topic(target: Target, addresses: Addresses) -> Iterator[Statement]:
    yield allow(["sns:Publish"], [addresses.arn(target.resource)])


def _of_table(target: Target, addresses: Addresses) -> Iterator[Statement]:
    table, arn = cast("Table", target.resource), addresses.arn(target.resource)
    action = _action(target)
    yield allow([f"dynamodb:{action}"], [arn])
    if action == "Query" and table.global_indexes:
        yield allow([f"dynamodb:{action}"], [f"{arn}/index/{name}" for name in table.global_indexes])


def _of_bucket(target: Target, addresses: Addresses) -> Iterator[Statement]:
    """Without the right to list, a missing object would be answered with 403 instead of 404."""
    arn, action = addresses.arn(target.resource), _action(target)
    yield allow([f"s3:{action}"], [f"{arn}/*"])
    if action == "GetObject":
        yield allow(["s3:ListBucket"], [arn])


def _of_workflow(target: Target, addresses: Addresses) -> Iterator[Statement]:
    """https://docs.aws.amazon.com/step-functions/latest/dg/connect-stepfunctions.html#sync-async-iam-policies"""
    yield allow(["states:StartExecution"], [addresses.arn(target.resource)])
    if target.task and target.task.pattern == "sync":
        arns = addresses.arns
        yield allow(["states:DescribeExecution", "states:StopExecution"], [arns.executions(target.resource)])
        yield allow(["events:DescribeRule", "events:PutRule", "events:PutTargets"], [arns.arn("events", SYNC_RULE)])


def _of_request(workflow: Workflow, target: Target, addresses: Addresses, connection: str) -> Iterator[Statement]:
    """https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html#connect-http-task-permissions"""
    arns = addresses.arns
    given = target.state.fields.get(LANGUAGES[target.state.language].arguments)
    arguments: Mapping[str, Any] = given if is_mapping(given) else {}
    own = own_connection(arguments)
    name = own.rpartition("connection/")[2].partition("/")[0] if own else connection
    yield allow(["states:InvokeHTTPEndpoint"], [arns.of(workflow)], condition=_endpoint(arguments))
    yield allow(["events:RetrieveConnectionCredentials"], [own or arns.arn("events", f"connection/{connection}/*")])
    secret = arns.arn("secretsmanager", f"secret:events!connection/{name}/*")
    yield allow(["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], [secret])


def _endpoint(arguments: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the condition that a request goes where the document says, as far as it says that as it is."""
    keys = {"states:HTTPEndpoint": "ApiEndpoint", "states:HTTPMethod": "Method"}
    told = {key: arguments.get(name) for key, name in keys.items()}
    fixed = {key: value for key, value in told.items() if is_text(value) and not value.startswith("{%")}
    return {"StringEquals": fixed} if fixed else None


def _action(target: Target) -> str:
    action = target.task.action if target.task else ""
    return action[:1].upper() + action[1:]


_BY_KIND: Mapping[str, Callable[[Target, Addresses], Iterator[Statement]]] = {
    "function": _of_function,
    "queue": _of_queue,
    "topic": _of_topic,
    "table": _of_table,
    "bucket": _of_bucket,
    "workflow": _of_workflow,
}
