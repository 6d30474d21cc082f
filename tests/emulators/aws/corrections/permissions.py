"""What the role of a state machine may do, which ministack does not look at: AWS asks it for each task.

A machine whose role is not in the account is not held to anything, for tests that need none.
https://docs.aws.amazon.com/step-functions/latest/dg/service-integration-iam-templates.html
"""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from typing import Any, NamedTuple

SYNC_RULE = "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule"


class Right(NamedTuple):
    """An action, and the ARN that it is done on."""

    action: str
    arn: str


def check(machine: str, resource: str, given: Any) -> None:
    """Raise where the role of the machine (its ARN) may not do what a task does: its resource, with its arguments."""
    states: Any = import_module("ministack.services.stepfunctions")
    evaluator: Any = import_module("ministack.core.iam_evaluator")
    role = str(states._state_machines[machine]["roleArn"])
    account, region = machine.split(":")[4], machine.split(":")[3]
    if import_module("ministack.services.iam")._roles.get_scoped(account, None, role.rpartition("/")[2]) is None:
        return
    policies = evaluator._gather_role_policies(role.rpartition("/")[2], account)
    for right in rights(resource, given, region, account):
        asked = evaluator.EvalContext(role, "AssumedRole", account, right.action, right.arn, region)
        if evaluator.evaluate(asked, policies).decision != "Allow":
            raise states._ExecutionError("States.Permissions", f"{role} may not {right.action} on {right.arn}")


def rights(resource: str, given: Any, region: str, account: str) -> Iterator[Right]:
    """Yield what a task needs to be allowed."""
    if ":function:" in resource:
        yield Right("lambda:InvokeFunction", resource)
        return
    service, _, action = resource.partition(":states:::")[2].removeprefix("aws-sdk:").partition(":")
    if service in ("states", "sfn"):
        yield from _of_execution(
            action, str(given["StateMachineArn"]), f"arn:aws:events:{region}:{account}:{SYNC_RULE}"
        )
    elif service in _ARNS:
        naming, form = _ARNS[service]
        named = str(given[naming])
        arn = named if named.startswith("arn:") else form.format(f"{region}:{account}", named.rpartition("/")[2])
        verb = "invokeFunction" if service == "lambda" else action.partition(".")[0]
        yield Right(f"{service}:{_upper(verb)}", f"{arn}/{given.get('Key', '')}" if service == "s3" else arn)


_ARNS = {
    "lambda": ("FunctionName", "arn:aws:lambda:{}:function:{}"),
    "sqs": ("QueueUrl", "arn:aws:sqs:{}:{}"),
    "sns": ("TopicArn", "arn:aws:sns:{}:{}"),
    "dynamodb": ("TableName", "arn:aws:dynamodb:{}:table/{}"),
    "s3": ("Bucket", "arn:aws:s3:::{1}"),
}
"""The argument that names what a service works on, and the ARN of that."""


def _of_execution(action: str, machine: str, rule: str) -> Iterator[Right]:
    yield Right("states:StartExecution", machine)
    if ".sync" in action:
        started = machine.replace(":stateMachine:", ":execution:")
        yield from (Right(f"states:{verb}Execution", f"{started}:any") for verb in ("Describe", "Stop"))
        yield from (Right(f"events:{verb}", rule) for verb in ("PutTargets", "PutRule", "DescribeRule"))


def _upper(name: str) -> str:
    return name[:1].upper() + name[1:]
