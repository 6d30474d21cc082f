"""The program, in the way that the project's own components are written: names and policies known beforehand."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pulumi
from pulumi import FileArchive, Output, ResourceOptions

from tests.emulators.aws.sample import code

_TRUST = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}


def bundle() -> Path:
    """Return a new zip with the functions' module in it."""
    folder = Path(tempfile.mkdtemp(prefix="isthmus-sample-"))
    (folder / "in").mkdir()
    shutil.copy(str(code.__file__), folder / "in" / "code_of_sample.py")
    return Path(shutil.make_archive(str(folder / "bundle"), "zip", folder / "in"))


class Worker(pulumi.ComponentResource):
    """A function with its role, and a log group."""

    def __init__(self, name: str, handler: str, archive: Path, variables: dict[str, Any], allowed: list[Any]) -> None:
        super().__init__("sample:index:Worker", name)
        from pulumi_aws import cloudwatch, iam, lambda_

        me = ResourceOptions(parent=self)
        role = iam.Role(f"{name}-role", assume_role_policy=json.dumps({"Statement": [_TRUST]}), opts=me)
        statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in allowed]
        policy = iam.RolePolicy(
            f"{name}-policy", role=role.name, policy=Output.json_dumps({"Statement": statements}), opts=me
        )
        group = cloudwatch.LogGroup(f"{name}-logs", name=f"/aws/lambda/{name}", retention_in_days=7, opts=me)
        self.function = lambda_.Function(
            f"{name}-function",
            name=name,
            role=role.arn,
            runtime="python3.12",
            architectures=["arm64"],
            handler=f"code_of_sample.{handler}",
            code=FileArchive(str(archive)),
            timeout=10,
            memory_size=256,
            environment={"variables": {**variables, "WHO": name}},
            opts=ResourceOptions(parent=self, depends_on=[policy, group]),
        )
        self.register_outputs({})


def program(archive: Path) -> None:
    """Register everything."""
    from pulumi_aws import kinesis, sqs

    notes, items = _tables()
    dead = sqs.Queue("dead", name="dead")
    redrive = Output.json_dumps({"deadLetterTargetArn": dead.arn, "maxReceiveCount": 2})
    jobs = sqs.Queue("jobs", name="jobs", visibility_timeout_seconds=1, redrive_policy=redrive)
    clicks = kinesis.Stream("clicks", name="clicks", shard_count=1, retention_period=48)

    def worker(name: str, handler: str) -> Any:
        named, write = {"NOTES": notes.name}, ("dynamodb:UpdateItem", notes.arn)
        return Worker(name, handler, archive, named, [write]).function

    worker("failing", "fail")
    _read_queue(jobs.arn, worker("of-jobs", "work"))
    _read_log("clicks", clicks.arn, worker("of-clicks", "work"), dead.arn)
    _read_log("items", items.stream_arn, worker("of-items", "work"), dead.arn)
    web = worker("web", "web")
    outputs = {"endpoint": _api(web), "jobs": jobs.url, "dead": dead.url, "runtime": web.runtime}
    for name, value in {**outputs, "architectures": web.architectures, "secret": Output.secret("kept")}.items():
        pulumi.export(name, value)


def _tables() -> tuple[Any, Any]:
    """Return a plain table, and one with all that a table may have."""
    from pulumi_aws import dynamodb

    plain: dict[str, Any] = {"billing_mode": "PAY_PER_REQUEST", "hash_key": "id"}
    notes = dynamodb.Table("notes", name="notes", attributes=[{"name": "id", "type": "S"}], **plain)
    items = dynamodb.Table(
        "items",
        name="items",
        attributes=[{"name": "id", "type": "S"}, {"name": "owner", "type": "S"}],
        global_secondary_indexes=[{"name": "byOwner", "hash_key": "owner", "projection_type": "ALL"}],
        ttl={"attribute_name": "expires", "enabled": True},
        point_in_time_recovery={"enabled": True},
        stream_enabled=True,
        stream_view_type="NEW_AND_OLD_IMAGES",
        **plain,
    )
    return notes, items


def _read_queue(queue: Any, function: Any) -> None:
    from pulumi_aws import lambda_

    lambda_.EventSourceMapping(
        "jobs-mapping",
        event_source_arn=queue,
        function_name=function.name,
        batch_size=20,
        maximum_batching_window_in_seconds=1,
        function_response_types=["ReportBatchItemFailures"],
    )


def _read_log(name: str, log: Any, function: Any, dead_letters: Any) -> None:
    from pulumi_aws import lambda_

    lambda_.EventSourceMapping(
        f"{name}-mapping",
        event_source_arn=log,
        function_name=function.name,
        starting_position="LATEST",
        batch_size=10,
        bisect_batch_on_function_error=True,
        maximum_retry_attempts=1,
        function_response_types=["ReportBatchItemFailures"],
        destination_config={"on_failure": {"destination_arn": dead_letters}},
    )


def _api(function: Any) -> Any:
    """Return the address of an HTTP API that hands everything to a function."""
    from pulumi_aws import apigatewayv2, lambda_

    api = apigatewayv2.Api("api", name="api", protocol_type="HTTP")
    target = apigatewayv2.Integration(
        "api-web",
        api_id=api.id,
        integration_type="AWS_PROXY",
        integration_uri=function.invoke_arn,
        payload_format_version="2.0",
    )
    apigatewayv2.Route(
        "api-default", api_id=api.id, route_key="$default", target=Output.concat("integrations/", target.id)
    )
    apigatewayv2.Stage("api-stage", api_id=api.id, name="$default", auto_deploy=True)
    lambda_.Permission(
        "api-permission",
        action="lambda:InvokeFunction",
        function=function.name,
        principal="apigateway.amazonaws.com",
        source_arn=Output.concat(api.execution_arn, "/*/*"),
    )
    return api.api_endpoint
