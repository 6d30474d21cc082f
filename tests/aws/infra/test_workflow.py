"""The component of a workflow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.resource import Grant
from tests.aws.infra.deploying import deployed, refused
from tests.aws.infra.mocks import ACCOUNT, Deployed
from tests.aws.infra.shops import HANDLERS, allowed, arn, follows, kept, shop

LOGS = [
    *("logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies"),
    *("logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery"),
]
TRACES = ["xray:GetSamplingRules", "xray:GetSamplingTargets", "xray:PutTelemetryRecords", "xray:PutTraceSegments"]
ENDS = {"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}}


def task(resource: str, **fields: Any) -> dict[str, Any]:
    return {"StartAt": "Do", "States": {"Do": {"Type": "Task", "Resource": resource, "End": True, **fields}}}


def ship(definition: Mapping[str, Any], *, removal: Any = "remove", **options: Any) -> Any:
    def declare(app: App) -> None:
        app.function("Pack", f"{HANDLERS}.anything")
        app.function("Warm", f"{HANDLERS}.with_context", min_instances=1)
        app.queue("Work")
        app.topic("News")
        app.bucket("Files")
        app.table("Items", fields={"id": "string"}, primary_index="id", global_indexes={"byOwner": "id"})
        app.workflow("Child", ENDS)
        app.workflow("Ship", definition, **options)

    return shop(declare, removal=removal)


def name(found: Deployed, child: str) -> str:
    return str(found.named(child).inputs["name"])


def calls(found: Deployed) -> list[tuple[list[str], list[str]]]:
    """Return what the role may do on something that has a name."""
    statements = [statement for statement in allowed(found.named("Ship-policy")) if statement["Resource"] != ["*"]]
    return sorted((statement["Action"], statement["Resource"]) for statement in statements)


def test_a_machine_has_its_role_its_log_and_its_traces() -> None:
    found = deployed(ship(task("Pack")))
    inputs = found.named("Ship-state_machine").inputs
    group = name(found, "Ship-logs")

    assert inputs["type"] == "STANDARD"
    assert group == f"/aws/vendedlogs/states/{inputs['name']}"
    assert inputs["loggingConfiguration"]["logDestination"].endswith(f":{group}:*")
    assert inputs["tracingConfiguration"] == {"enabled": True}
    assert inputs["tags"] == {"team": "shop", "isthmus:app": "shop", "isthmus:stage": "dev"}
    assert json.loads(inputs["definition"])["States"]["Do"]["Resource"] == arn(
        "lambda", f"function:{name(found, 'Pack-function')}"
    )
    assert found.named("Ship-logs").inputs["retentionInDays"] == 30
    assert follows(found, "Ship-state_machine", "Ship-policy")
    assert follows(found, "Ship-state_machine", "Ship-logs")


def test_the_role_is_for_this_machine_alone() -> None:
    found = deployed(ship(task("Pack")))
    (statement,) = found.named("Ship-role").json("assumeRolePolicy")["Statement"]

    assert statement["Principal"] == {"Service": "states.amazonaws.com"}
    assert statement["Condition"] == {
        "ArnLike": {"aws:SourceArn": arn("states", f"stateMachine:{name(found, 'Ship-state_machine')}")},
        "StringEquals": {"aws:SourceAccount": ACCOUNT},
    }


def test_a_machine_without_calls_may_write_its_log_and_its_traces_and_nothing_else() -> None:
    found = deployed(ship(ENDS))
    everywhere = [statement for statement in allowed(found.named("Ship-policy")) if statement["Resource"] == ["*"]]

    assert calls(found) == []
    assert sorted(statement["Action"] for statement in everywhere) == [LOGS, TRACES]


@pytest.mark.parametrize(
    ("resource", "action", "service", "rest", "child"),
    [
        ("Pack", "lambda:InvokeFunction", "lambda", "function:{}", "Pack-function"),
        ("Pack.waitForTaskToken", "lambda:InvokeFunction", "lambda", "function:{}", "Pack-function"),
        ("Warm", "lambda:InvokeFunction", "lambda", "function:{}:live", "Warm-function"),
        ("Work", "sqs:SendMessage", "sqs", "{}", "Work-queue"),
        ("News", "sns:Publish", "sns", "{}", "News-topic"),
        ("Child", "states:StartExecution", "states", "stateMachine:{}", "Child-state_machine"),
    ],
)
def test_the_role_may_make_the_call_that_the_definition_makes_and_no_other(
    resource: str, action: str, service: str, rest: str, child: str
) -> None:
    found = deployed(ship(task(resource)))

    assert calls(found) == [([action], [arn(service, rest.format(name(found, child)))])]


@pytest.mark.parametrize(
    ("integration", "arguments", "action", "resources"),
    [
        ("dynamodb:getItem", {"TableName": "Items"}, "dynamodb:GetItem", ["table/{}"]),
        ("dynamodb:putItem", {"TableName": "Items"}, "dynamodb:PutItem", ["table/{}"]),
        ("aws-sdk:dynamodb:query", {"TableName": "Items"}, "dynamodb:Query", ["table/{}", "table/{}/index/byOwner"]),
    ],
)
def test_an_integration_of_a_table_may_do_what_it_does(
    integration: str, arguments: Any, action: str, resources: list[str]
) -> None:
    found = deployed(ship(task(f"arn:aws:states:::{integration}", Parameters=arguments)))
    table = name(found, "Items-table")

    assert calls(found) == [([action], [arn("dynamodb", rest.format(table)) for rest in resources])]


def test_an_integration_of_a_bucket_may_do_what_it_does() -> None:
    arguments = {"Bucket": "Files", "Key": "a"}
    read = deployed(ship(task("arn:aws:states:::aws-sdk:s3:getObject", Parameters=arguments)))
    put = deployed(ship(task("arn:aws:states:::aws-sdk:s3:putObject", Parameters=arguments)))
    bucket = f"arn:aws:s3:::{read.named('Files-bucket').inputs['bucket']}"

    assert calls(read) == [(["s3:GetObject"], [f"{bucket}/*"]), (["s3:ListBucket"], [bucket])]
    assert calls(put) == [(["s3:PutObject"], [f"{bucket}/*"])]


def test_who_waits_for_a_workflow_may_hear_of_its_end() -> None:
    found = deployed(ship(task("Child.sync")))
    child = name(found, "Child-state_machine")

    assert calls(found) == [
        (
            ["events:DescribeRule", "events:PutRule", "events:PutTargets"],
            [arn("events", "rule/StepFunctionsGetEventsForStepFunctionsExecutionRule")],
        ),
        (["states:DescribeExecution", "states:StopExecution"], [arn("states", f"execution:{child}:*")]),
        (["states:StartExecution"], [arn("states", f"stateMachine:{child}")]),
    ]


def test_an_http_task_has_a_connection_and_may_call_that_address_alone() -> None:
    arguments = {"ApiEndpoint": "https://partner.test/orders", "Method": "POST"}
    found = deployed(ship(task("http", Parameters=arguments)))
    connection = found.named("Ship-connection").inputs
    definition = json.loads(found.named("Ship-state_machine").inputs["definition"])
    machine = arn("states", f"stateMachine:{name(found, 'Ship-state_machine')}")
    (called,) = (s for s in allowed(found.named("Ship-policy")) if s["Action"] == ["states:InvokeHTTPEndpoint"])
    secret = arn("secretsmanager", f"secret:events!connection/{connection['name']}/*")

    assert connection["authorizationType"] == "API_KEY"
    assert len(connection["name"]) <= 64
    assert definition["States"]["Do"]["Parameters"]["Authentication"]["ConnectionArn"].startswith("arn:")
    assert called == {
        "Effect": "Allow",
        "Action": ["states:InvokeHTTPEndpoint"],
        "Resource": [machine],
        "Condition": {"StringEquals": {"states:HTTPEndpoint": arguments["ApiEndpoint"], "states:HTTPMethod": "POST"}},
    }
    assert [call for call in calls(found) if "states:InvokeHTTPEndpoint" not in call[0]] == [
        (["events:RetrieveConnectionCredentials"], [arn("events", f"connection/{connection['name']}/*")]),
        (["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"], [secret]),
    ]


def test_an_http_task_with_a_connection_of_its_own_may_use_that() -> None:
    own = arn("events", "connection/partner/81210c42-8af1-456b-9c4a-6ff02fc664ac")
    arguments = {"ApiEndpoint.$": "$.url", "Method": "GET", "Authentication": {"ConnectionArn": own}}
    found = deployed(ship(task("http", Parameters=arguments)))

    assert (["events:RetrieveConnectionCredentials"], [own]) in calls(found)
    assert not [resource for resource in found.resources if resource.name == "Ship-connection"]


def test_a_machine_without_http_tasks_has_no_connection() -> None:
    found = deployed(ship(task("Pack")))

    assert not [resource for resource in found.resources if "eventConnection" in resource.type]


def test_a_map_that_is_distributed_may_start_its_own_iterations() -> None:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **task("Pack")}
    reader = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "Files", "Key": "a"}}
    everything = {"Type": "Map", "ItemProcessor": processor, "ItemReader": reader, "End": True}
    found = deployed(ship({"StartAt": "All", "States": {"All": everything}}))
    machine = name(found, "Ship-state_machine")
    bucket = f"arn:aws:s3:::{found.named('Files-bucket').inputs['bucket']}"
    (trusted,) = found.named("Ship-role").json("assumeRolePolicy")["Statement"]

    assert calls(found) == [
        (["lambda:InvokeFunction"], [arn("lambda", f"function:{name(found, 'Pack-function')}")]),
        (["s3:GetObject"], [f"{bucket}/*"]),
        (["s3:ListBucket"], [bucket]),
        (
            ["states:DescribeExecution", "states:RedriveExecution", "states:StopExecution"],
            [arn("states", f"execution:{machine}/*:*"), arn("states", f"execution:{machine}:*")],
        ),
        (["states:StartExecution"], [arn("states", f"stateMachine:{machine}")]),
    ]
    assert trusted["Condition"]["ArnLike"]["aws:SourceArn"] == arn("states", f"stateMachine:{machine}*")


def test_an_express_machine_logs_everything_for_it_has_no_other_history() -> None:
    kept_ = deployed(ship(ENDS, express=True, removal="retain")).named("Ship-state_machine").inputs

    assert kept_["type"] == "EXPRESS"
    assert kept_["loggingConfiguration"]["level"] == "ALL"
    assert kept_["loggingConfiguration"]["includeExecutionData"] is False


@pytest.mark.parametrize(("removal", "told"), [("remove", ("ALL", True)), ("retain", ("ERROR", False))])
def test_a_stage_that_keeps_its_data_logs_none_of_it(removal: str, told: tuple[str, bool]) -> None:
    found = deployed(ship(ENDS, removal=removal))
    logging = found.named("Ship-state_machine").inputs["loggingConfiguration"]

    assert (logging["level"], logging["includeExecutionData"]) == told
    assert kept(found, "Ship-state_machine") == (removal == "retain", removal == "retain", True)


def test_a_transform_reaches_what_aws_has_besides() -> None:
    transform = {"log_level": "OFF", "tracing": False, "nodes": {"state_machine": {"publish": True}}}
    found = deployed(ship(task("Pack"), transform=transform))
    inputs = found.named("Ship-state_machine").inputs

    assert inputs["publish"] is True
    assert inputs["loggingConfiguration"] == {"level": "OFF", "includeExecutionData": True}
    assert inputs["tracingConfiguration"] == {"enabled": False}
    assert [resource for _, resource in calls(found)] == [[arn("lambda", f"function:{name(found, 'Pack-function')}")]]
    assert len(allowed(found.named("Ship-policy"))) == 1


@pytest.mark.parametrize(
    ("transform", "fault"),
    [
        ({"log_level": "LOUD"}, "'ALL' or 'ERROR'"),
        ({"retries": 3}, "sets 'retries'"),
        ({"nodes": {"machine": {}}}, "no role 'machine'"),
        ({"nodes": {"state_machine": {"colour": "red"}}}, "takes no 'colour'"),
    ],
)
def test_a_transform_that_makes_no_sense_is_refused(transform: Any, fault: str) -> None:
    assert fault in refused(ship(ENDS, transform=transform))


def test_a_policy_that_is_too_large_is_refused() -> None:
    def declare(app: App) -> None:
        states: dict[str, Any] = {}
        for number in range(200):
            app.queue(f"Queue{number:03}{'x' * 30}")
            onward = {"Next": f"S{number + 1}"} if number < 199 else {"End": True}
            states[f"S{number}"] = {"Type": "Task", "Resource": f"Queue{number:03}{'x' * 30}", **onward}
        app.workflow("Ship", {"StartAt": "S0", "States": states})

    assert "the policy of workflow 'Ship'" in refused(shop(declare))


def test_a_preview_knows_the_definition_and_the_policy() -> None:
    found = deployed(ship(task("Pack")), preview=True)

    assert "isthmus-task" in found.named("Ship-state_machine").inputs["definition"]
    assert len(calls(found)) == 1


def test_a_function_that_starts_a_workflow_knows_how_it_runs() -> None:
    def declare(app: App) -> None:
        quick = app.workflow("Quick", ENDS, express=True)
        slow = app.workflow("Slow", ENDS)
        links: list[Grant] = [quick.start, slow.read]
        app.function("Pack", f"{HANDLERS}.anything", link=links)

    found = deployed(shop(declare)).named("Pack-function").inputs["environment"]["variables"]["ISTHMUS"]
    links = json.loads(found)["links"]

    assert links["Quick"][2:] == [["start"], {"express": True}]
    assert links["Slow"][2:] == [["read"]]
