"""What functions may do: each verb of each kind, and nothing that is wider than it need be."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

import pytest

from isthmus.capabilities import KINDS
from isthmus.declarations.app import App
from isthmus.declarations.resource import Grant
from isthmus.declarations.target import Target
from isthmus.plan import plan
from isthmus.providers import find
from isthmus_aws.infra.arns import Arns
from isthmus_aws.infra.grants import VERBS, of_link, statements
from isthmus_aws.infra.policies import UNSCOPED, PolicyError, checked, document
from tests.aws.infra import policies
from tests.aws.infra.apps import contract, orders
from tests.aws.infra.deploying import refused
from tests.aws.infra.mocks import ACCOUNT, HANDLERS, REGION, Deployed

TARGET = Target("aws", "dev", ACCOUNT, REGION)
APPS: Mapping[str, Callable[[str], Deployed]] = {"orders": orders, "contract": contract}

# Each is of an action that IAM cannot limit to a resource, or that Lambda itself asks for on `*`.
ALLOWED_EVERYWHERE: Mapping[str, str] = {
    "xray:PutTraceSegments": "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html",
    "xray:PutTelemetryRecords": "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsx-ray.html",
    "xray:GetSamplingRules": "https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html",
    "xray:GetSamplingTargets": "https://docs.aws.amazon.com/step-functions/latest/dg/xray-iam.html",
    **dict.fromkeys(
        [
            *("logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:GetLogDelivery", "logs:ListLogDeliveries"),
            *("logs:UpdateLogDelivery", "logs:PutResourcePolicy", "logs:DescribeResourcePolicies"),
            "logs:DescribeLogGroups",
        ],
        "https://docs.aws.amazon.com/step-functions/latest/dg/cw-logs.html#cloudwatch-iam-policy",
    ),
    **dict.fromkeys(
        ["states:SendTaskFailure", "states:SendTaskHeartbeat", "states:SendTaskSuccess"],
        "https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsstepfunctions.html",
    ),
}


def granted(declare: Callable[[App], Grant]) -> dict[str, list[str]]:
    """Return the actions that a link grants, each with the resources, named by what follows the account."""
    app = App("shop")
    grant = declare(app)
    found: dict[str, list[str]] = {}
    for statement in of_link(Arns(plan(app, TARGET, find("aws"))), grant):
        for action in statement["Action"]:
            found.setdefault(action, []).extend(short(arn) for arn in statement["Resource"])
    return found


def short(arn: str) -> str:
    """Return an ARN without its account and without the hashes of names."""
    if arn == "*":
        return arn
    head, rest = arn.split(":")[2], arn.split(":", 5)[5]
    for name in rest.replace("/", ":").split(":"):
        if name.startswith("shop-"):
            rest = rest.replace(name, "-".join(part for part in name.split("-") if not is_digest(part)))
    return f"{head} {rest}"


def is_digest(part: str) -> bool:
    return len(part) == 8 and all(character in "0123456789abcdef" for character in part)


def table(app: App) -> Any:
    fields = {"id": "string", "owner": "string"}
    return app.table("Items", fields=fields, primary_index="id", global_indexes={"byOwner": "owner"})


SHIP = {"StartAt": "Ship", "States": {"Ship": {"Type": "Succeed"}}}

CASES: Sequence[tuple[str, Callable[[App], Grant], dict[str, list[str]]]] = [
    (
        "table.read",
        lambda app: table(app).read,
        {
            "dynamodb:BatchGetItem": ["dynamodb table/shop-dev-Items"],
            "dynamodb:GetItem": ["dynamodb table/shop-dev-Items"],
            "dynamodb:Query": ["dynamodb table/shop-dev-Items", "dynamodb table/shop-dev-Items/index/byOwner"],
            "dynamodb:Scan": ["dynamodb table/shop-dev-Items", "dynamodb table/shop-dev-Items/index/byOwner"],
        },
    ),
    (
        "table.write",
        lambda app: table(app).write,
        {
            f"dynamodb:{action}": ["dynamodb table/shop-dev-Items"]
            for action in ("BatchWriteItem", "ConditionCheckItem", "DeleteItem", "PutItem", "UpdateItem")
        },
    ),
    ("queue.send", lambda app: app.queue("Work").send, {"sqs:SendMessage": ["sqs shop-dev-Work"]}),
    ("topic.publish", lambda app: app.topic("News").publish, {"sns:Publish": ["sns shop-dev-News"]}),
    (
        "stream.put",
        lambda app: app.stream("Clicks").put,
        {
            "kinesis:PutRecord": ["kinesis stream/shop-dev-Clicks"],
            "kinesis:PutRecords": ["kinesis stream/shop-dev-Clicks"],
        },
    ),
    (
        "bucket.read",
        lambda app: app.bucket("Files").read,
        {"s3:GetObject": ["s3 shop-dev-files/*"], "s3:ListBucket": ["s3 shop-dev-files"]},
    ),
    (
        "bucket.write",
        lambda app: app.bucket("Files").write,
        {
            "s3:AbortMultipartUpload": ["s3 shop-dev-files/*"],
            "s3:DeleteObject": ["s3 shop-dev-files/*"],
            "s3:PutObject": ["s3 shop-dev-files/*"],
        },
    ),
    (
        "secret.read",
        lambda app: app.secret("Key").read,
        {"secretsmanager:GetSecretValue": ["secretsmanager secret:shop-dev-Key-??????"]},
    ),
    (
        "function.invoke",
        lambda app: app.function("Pack", f"{HANDLERS}.work").invoke,
        {
            "lambda:InvokeFunction": ["lambda function:shop-dev-Pack", "lambda function:shop-dev-Pack:live"],
            "sqs:SendMessage": ["sqs shop-dev-Pack-start"],
        },
    ),
    (
        "workflow.start",
        lambda app: app.workflow("Ship", SHIP).start,
        {
            "states:DescribeExecution": ["states execution:shop-dev-Ship:*"],
            "states:StartExecution": ["states stateMachine:shop-dev-Ship"],
        },
    ),
    (
        "workflow.read",
        lambda app: app.workflow("Ship", SHIP).read,
        {"states:DescribeExecution": ["states execution:shop-dev-Ship:*"]},
    ),
    (
        "workflow.stop",
        lambda app: app.workflow("Ship", SHIP).stop,
        {"states:StopExecution": ["states execution:shop-dev-Ship:*"]},
    ),
    (
        "workflow.complete",
        lambda app: app.workflow("Ship", SHIP).complete,
        {f"states:SendTask{what}": ["*"] for what in ("Failure", "Heartbeat", "Success")},
    ),
    ("parameter.read", lambda app: app.parameter("Name", "x").read, {}),
    ("linkable.read", lambda app: app.linkable("Else", properties={}).read, {}),
]


@pytest.mark.parametrize(("declare", "expected"), [pytest.param(d, e, id=name) for name, d, e in CASES])
def test_a_verb_grants_what_its_client_asks_for_and_no_more(
    declare: Callable[[App], Grant], expected: dict[str, list[str]]
) -> None:
    found = granted(declare)

    assert {action: sorted(arns) for action, arns in found.items()} == expected


def test_an_express_workflow_is_waited_for_in_the_call_that_starts_it() -> None:
    found = granted(lambda app: app.workflow("Ship", SHIP, express=True).start)

    assert found == {
        "states:StartExecution": ["states stateMachine:shop-dev-Ship"],
        "states:StartSyncExecution": ["states stateMachine:shop-dev-Ship"],
    }


def test_every_verb_of_every_kind_has_its_row_and_its_case() -> None:
    verbs = {(kind.kind, verb) for kind in KINDS for verb in kind.verbs}

    assert VERBS.keys() == verbs
    assert {name for name, _, _ in CASES} == {f"{kind}.{verb}" for kind, verb in verbs}


def of_function(declare: Callable[[App], object], name: str) -> list[str]:
    """Return what a function may do, as `action resource`."""
    app = App("shop")
    declare(app)
    planned = plan(app, TARGET, find("aws"))
    function = next(function for function in planned.functions if function.name == name)
    return sorted(
        f"{action} {short(arn)}"
        for statement in statements(planned, function, planned.identities[name])
        for action in statement["Action"]
        for arn in statement["Resource"]
    )


LOG = ["logs:CreateLogStream", "logs:PutLogEvents"]
GROUP = "logs log-group:/aws/lambda/shop-dev-Pack:*"
CONSUMED = ("ChangeMessageVisibility", "DeleteMessage", "GetQueueAttributes", "ReceiveMessage")


def test_a_function_without_links_writes_its_own_log_and_reads_its_own_inbox() -> None:
    found = of_function(lambda app: app.function("Pack", f"{HANDLERS}.work"), "Pack")

    assert found == sorted(
        [*(f"{action} {GROUP}" for action in LOG), *(f"sqs:{action} sqs shop-dev-Pack-start" for action in CONSUMED)]
    )


def test_who_consumes_a_queue_may_read_it_and_park_in_its_dead_letter_queue() -> None:
    found = of_function(lambda app: app.queue("Work").subscribe(f"{HANDLERS}.message", name="Pack"), "Pack")

    assert {line for line in found if not line.startswith("logs:")} == {
        *(f"sqs:{action} sqs shop-dev-Work" for action in CONSUMED),
        "sqs:SendMessage sqs shop-dev-WorkDeadLetters",
    }


def test_who_hears_a_bucket_may_read_its_objects_for_their_envelope() -> None:
    found = of_function(lambda app: app.bucket("Files").subscribe(f"{HANDLERS}.stored", name="Pack"), "Pack")

    assert "s3:GetObject s3 shop-dev-files/*" in found
    assert "sqs:ReceiveMessage sqs shop-dev-Pack-Files" in found
    assert "sqs:SendMessage sqs shop-dev-FilesDeadLetters" in found


def test_who_reads_a_stream_or_the_changes_of_a_table_may_read_those() -> None:
    stream = of_function(lambda app: app.stream("Clicks").subscribe(f"{HANDLERS}.message", name="Pack"), "Pack")
    changes = of_function(lambda app: table(app).subscribe(f"{HANDLERS}.changed", name="Pack"), "Pack")

    assert "kinesis:GetRecords kinesis stream/shop-dev-Clicks" in stream
    assert "sqs:SendMessage sqs shop-dev-ClicksDeadLetters" in stream
    assert "dynamodb:GetRecords dynamodb table/shop-dev-Items/stream/*" in changes
    assert not any("dynamodb:GetItem" in line for line in changes)


@pytest.mark.parametrize("app", APPS)
@pytest.mark.parametrize("stage", ["dev", "production"])
def test_no_policy_allows_every_action_or_every_resource(app: str, stage: str) -> None:
    found = list(policies.statements(APPS[app](stage)))
    wide = [
        f"{name}: {action} on {resource}"
        for name, statement in found
        if statement["Effect"] == "Allow"
        for action in policies.listed(statement["Action"])
        for resource in policies.listed(statement.get("Resource", "itself"))
        if "*" in action or (is_wide(resource) and action not in ALLOWED_EVERYWHERE)
    ]

    assert len(found) > 50
    assert wide == []


STRANGERS = (
    "arn:aws:s3:::stranger",
    "arn:aws:s3:::stranger/key",
    *(
        f"arn:aws:{rest}"
        for rest in (
            f"dynamodb:{REGION}:{ACCOUNT}:table/stranger",
            f"dynamodb:{REGION}:{ACCOUNT}:table/stranger/stream/1",
            f"kinesis:{REGION}:{ACCOUNT}:stream/stranger",
            f"lambda:{REGION}:{ACCOUNT}:function:stranger",
            f"logs:{REGION}:{ACCOUNT}:log-group:stranger:*",
            f"secretsmanager:{REGION}:{ACCOUNT}:secret:stranger-abcdef",
            f"sns:{REGION}:{ACCOUNT}:stranger",
            f"sqs:{REGION}:{ACCOUNT}:stranger",
        )
    ),
)
"""What is in the account too, and nobody of the app may touch."""


def is_wide(resource: str) -> bool:
    """Return whether a resource takes in what is not the app's."""
    return any(fnmatchcase(stranger, resource) for stranger in STRANGERS)


@pytest.mark.parametrize("app", APPS)
def test_what_a_service_is_let_in_for_names_the_account_and_the_resource(app: str) -> None:
    found = APPS[app]("dev")
    trusted = {resource.name for resource in found.of("role:Role")}
    open_to_services = [
        (name, statement)
        for name, statement in policies.statements(found)
        if "Service" in statement.get("Principal", {}) and not (name in trusted and is_lambdas(statement))
    ]

    assert open_to_services
    for name, statement in open_to_services:
        conditions = [key for operator in statement.get("Condition", {}).values() for key in operator]
        assert {"aws:SourceAccount", "aws:SourceArn"} <= set(conditions), name
    for permission in found.of("permission:Permission"):
        assert permission.inputs["sourceAccount"] == ACCOUNT
        assert permission.inputs["sourceArn"].startswith("arn:")


def is_lambdas(statement: Mapping[str, Any]) -> bool:
    """Lambda takes a role of its function's account only, and only what the deployer passed: see `Function._make`."""
    return bool(statement["Principal"] == {"Service": "lambda.amazonaws.com"})


def test_the_table_of_what_is_allowed_everywhere_has_its_pages() -> None:
    assert all(page.startswith("https://docs.aws.amazon.com/") for page in UNSCOPED.values())
    assert not any("*" in action for action in UNSCOPED)


SCOPED = {"Effect": "Allow", "Action": "ses:SendEmail", "Resource": f"arn:aws:ses:{REGION}:{ACCOUNT}:identity/x.com"}


def test_a_linkables_own_statement_is_granted_as_it_stands() -> None:
    def declare(app: App) -> Grant:
        return app.linkable("Mail", properties={}, grants={"aws": [SCOPED]}).read

    app = App("shop")
    grant = declare(app)

    assert list(of_link(Arns(plan(app, TARGET, find("aws"))), grant)) == [SCOPED]


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ({**SCOPED, "Action": "ses:*"}, "the action 'ses:*' is more than one"),
        ({**SCOPED, "Action": "*"}, "the action '*' is more than one"),
        ({**SCOPED, "Action": ["ses:SendEmail", "s3:Get*"]}, "the action 's3:Get*'"),
        ({**SCOPED, "Resource": "*"}, "ses:SendEmail on '*': name the ARNs"),
        ({**SCOPED, "Resource": ["arn:aws:s3:::*"]}, "name the ARNs"),
        ({**SCOPED, "Resource": []}, "a list of texts that is not empty"),
        ({**SCOPED, "Resource": [7]}, "a list of texts"),
        ({"Effect": "Allow", "NotAction": "ses:X", "Resource": "*"}, "is no statement"),
        ({**SCOPED, "NotResource": "x"}, "is no statement"),
        ({**SCOPED, "Principal": "*"}, "is no statement"),
        ({**SCOPED, "Effect": "allow"}, "Effect is 'Allow' or 'Deny'"),
        ("everything", "is no statement"),
    ],
)
def test_a_statement_that_is_too_wide_or_none_is_refused(statement: Any, told: str) -> None:
    with pytest.raises(PolicyError) as caught:
        checked(statement, "linkable 'Mail'")

    assert told in str(caught.value)


def test_an_action_without_resources_of_its_own_may_be_on_all() -> None:
    statement = {"Effect": "Allow", "Action": "xray:PutTraceSegments", "Resource": "*"}

    assert checked(statement, "linkable 'Trace'") == statement


def test_a_bad_grant_is_refused_before_anything_is_registered() -> None:
    def app(_target: Target) -> App:
        app = App("shop", removal="remove")
        mail = app.linkable("Mail", properties={}, grants={"aws": [{**SCOPED, "Action": "ses:*"}]})
        app.function("Pack", f"{HANDLERS}.work", link=[mail])
        return app

    assert "linkable 'Mail', grants['aws']: the action 'ses:*' is more than one: name each" in refused(app)


def test_more_links_than_a_policy_has_room_for_are_refused() -> None:
    def app(_target: Target) -> App:
        app = App("shop", removal="remove")
        grants = [{**SCOPED, "Resource": f"{SCOPED['Resource']}{number}"} for number in range(200)]
        mail = app.linkable("Mail", properties={}, grants={"aws": grants})
        app.function("Pack", f"{HANDLERS}.work", link=[mail])
        return app

    assert "the policy of function 'Pack'" in refused(app)


def test_statements_that_differ_in_their_resources_become_one() -> None:
    first = {"Effect": "Allow", "Action": ["a:B"], "Resource": ["arn:2"]}
    second = {"Effect": "Allow", "Action": ["a:B"], "Resource": "arn:1"}
    other = {**first, "Condition": {"Bool": {"aws:SecureTransport": "true"}}}

    assert json.loads(document([first, second, other]))["Statement"] == [
        other,
        {**first, "Resource": ["arn:1", "arn:2"]},
    ]


def test_the_same_permissions_are_the_same_text() -> None:
    one = {"Effect": "Allow", "Action": ["a:B"], "Resource": ["arn:1"]}
    two = {"Effect": "Allow", "Action": ["a:C"], "Resource": ["arn:2"]}

    assert document([one, two, one]) == document([two, one])
