"""The component of a function, and what Lambda is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from tests.aws.infra.deploying import deployed, refused
from tests.aws.infra.mocks import ACCOUNT, HANDLERS, REGION, Deployed

WORK = f"{HANDLERS}.work"
PREFIX = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function"


def shop(transform: Any = None, **options: Any) -> Callable[[Target], App]:
    def app(_target: Target) -> App:
        app = App("shop", removal="remove", tags={"team": "shop"})
        app.function("Pack", WORK, transform=transform, **options)
        return app

    return app


def function_of(found: Deployed) -> Mapping[str, Any]:
    return found.named("Pack-function").inputs


def allowed(found: Deployed) -> list[str]:
    statements = found.named("Pack-policy").json("policy")["Statement"]
    return sorted(action for statement in statements for action in statement["Action"])


def test_a_function_is_its_role_its_policy_its_log_group_and_itself() -> None:
    found = deployed(shop())

    made = [resource.name for resource in found.resources if "isthmus:aws:Function$" in resource.urn]
    assert sorted(made) == ["Pack-function", "Pack-logs", "Pack-policy", "Pack-role"]


def test_what_is_declared_reaches_lambda() -> None:
    found = function_of(deployed(shop(memory=1024, timeout=12.2, concurrency=5, environment={"MODE": "fast"})))

    assert found["memorySize"] == 1024
    assert found["timeout"] == 13
    assert found["reservedConcurrentExecutions"] == 5
    assert found["environment"]["variables"]["MODE"] == "fast"
    assert json.loads(found["environment"]["variables"]["ISTHMUS"])["timeout"] == 12.2


def test_lambda_calls_the_adapters_entry_in_the_prepared_zip() -> None:
    found = function_of(deployed(shop()))

    assert found["handler"] == "isthmus_start.handle"
    assert found["code"].path == str(Path("bundle.zip").absolute())
    assert found["sourceCodeHash"] == "q6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s="


def test_the_log_group_with_its_retention_comes_before_the_function() -> None:
    found = deployed(shop())
    logs = found.named("Pack-logs")
    function = found.named("Pack-function")

    assert logs.inputs["name"] == f"/aws/lambda/{function.inputs['name']}"
    assert logs.inputs["retentionInDays"] == 30
    assert logs.urn in function.request.dependencies
    assert found.named("Pack-policy").urn in function.request.dependencies


def test_the_tags_say_whose_it_is() -> None:
    found = deployed(shop(tags={"team": "store", "cost": "7"}))

    tags = {"isthmus:app": "shop", "isthmus:stage": "dev", "team": "store", "cost": "7"}
    assert function_of(found)["tags"] == tags
    assert found.named("Pack-role").inputs["tags"] == tags
    assert found.named("Pack-logs").inputs["tags"] == tags


def test_warm_instances_are_kept_behind_an_alias_of_a_published_version() -> None:
    found = deployed(shop(min_instances=2))
    name = function_of(found)["name"]

    assert function_of(found)["publish"] is True
    assert found.named("Pack-alias").inputs == {"name": "live", "functionName": name, "functionVersion": "7"}
    assert found.named("Pack-warm").inputs["qualifier"] == "live"
    assert found.named("Pack-warm").inputs["provisionedConcurrentExecutions"] == 2


def test_no_more_instances_can_be_warm_than_may_run() -> None:
    told = refused(shop({"provisioned_concurrency": 3, "reserved_concurrency": 2}))

    assert "keeps 3 instances warm (provisioned_concurrency), and runs 2 at once at most" in told


def test_a_function_without_warm_instances_has_neither_alias_nor_versions() -> None:
    found = deployed(shop())

    assert function_of(found)["publish"] is False
    assert found.of("alias:Alias") == []


def test_failed_asynchronous_invocations_go_where_the_arguments_say_and_the_role_allows_it() -> None:
    queue = f"arn:aws:sqs:{REGION}:{ACCOUNT}:failed"
    found = deployed(shop({"on_failure": queue, "async_retries": 0}))
    events = found.named("Pack-events").inputs

    assert events["maximumRetryAttempts"] == 0
    assert events["destinationConfig"] == {"onFailure": {"destination": queue}}
    policy = found.named("Pack-policy").json("policy")["Statement"]
    assert any(statement["Action"] == ["sqs:SendMessage"] and queue in statement["Resource"] for statement in policy)


def test_a_destination_that_takes_nothing_is_refused() -> None:
    assert "is no ARN of one of events, lambda, sns, sqs" in refused(shop({"on_failure": "failed"}))


def test_a_function_in_a_vpc_may_have_network_interfaces() -> None:
    found = deployed(shop({"vpc": {"subnets": ["subnet-1"], "security_groups": ["sg-1"]}}))

    assert function_of(found)["vpcConfig"] == {"subnetIds": ["subnet-1"], "securityGroupIds": ["sg-1"]}
    assert "ec2:CreateNetworkInterface" in allowed(found)


def test_a_vpc_without_its_security_groups_is_refused() -> None:
    assert "takes security_groups and subnets" in refused(shop({"vpc": {"subnets": ["subnet-1"]}}))


def test_tracing_is_active_unless_the_arguments_leave_it_to_the_caller() -> None:
    active, passed = deployed(shop()), deployed(shop({"tracing": "PassThrough"}))

    assert function_of(active)["tracingConfig"] == {"mode": "Active"}
    assert "xray:PutTraceSegments" in allowed(active)
    assert function_of(passed)["tracingConfig"] == {"mode": "PassThrough"}
    assert "xray:PutTraceSegments" not in allowed(passed)


def test_every_property_of_lambda_is_within_reach() -> None:
    transform = {
        "memory": 2048,
        "architecture": "arm64",
        "ephemeral_storage": 1024,
        "layers": [f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:x:1"],
        "nodes": {"function": {"dead_letter_config": {"target_arn": "arn:x"}, "tracing_config": {"mode": "Active"}}},
    }
    found = function_of(deployed(shop(transform)))

    assert found["memorySize"] == 2048
    assert found["architectures"] == ["arm64"]
    assert found["ephemeralStorage"] == {"size": 1024}
    assert found["layers"] == transform["layers"]
    assert found["deadLetterConfig"] == {"targetArn": "arn:x"}


@pytest.mark.parametrize(
    ("transform", "told"),
    [
        ({"memry": 1}, "did you mean 'memory'?"),
        ({"memory": "much"}, "sets 'memory' to 'much': it is a whole number"),
        ({"log_retention": 31}, "30 or 60"),
        ({"async_retries": 3}, "0 or 1 or 2"),
        ({"architecture": "sparc"}, "'x86_64' or 'arm64'"),
        ({"nodes": {"caller-urls": {}}}, "did you mean 'caller-url'?"),
        ({"nodes": {"functon": {}}}, "there is no role 'functon': did you mean 'function'?"),
        ({"nodes": {"function": {"memry_size": 1}}}, "Function takes no 'memry_size': did you mean 'memory_size'?"),
        ({"url": {"auth": "everybody"}}, "must be one of NONE, AWS_IAM"),
        ({"url": {"auht": "NONE"}}, "did you mean 'auth'?"),
        ({"memory": 64}, "sets 'memory' to 64: aws takes 128 at least, 10,240 at most"),
        ({"timeout": 901}, "aws takes 1 at least, 900 at most"),
        ({"ephemeral_storage": 511}, "aws takes 512 at least"),
        ({"reserved_concurrency": -1}, "aws takes 0 at least"),
        ({"runtime": "python3.10"}, "cannot run on 'python3.10': this pulumi-aws knows python3.11, "),
    ],
)
def test_a_transform_that_cannot_be_is_refused_before_anything_is_registered(transform: Any, told: str) -> None:
    assert told in refused(shop(transform))


def test_what_is_taken_back_is_set_to_its_default_since_the_provider_keeps_what_is_left_out() -> None:
    assert function_of(deployed(shop()))["ephemeralStorage"] == {"size": 512}


def test_variables_that_lambda_would_count_as_too_many_are_refused_each_quote_taking_two() -> None:
    assert "the environment of function 'Pack' is 4," in refused(shop({"environment": {"QUOTES": '"' * 2050}}))


def test_variables_that_a_transform_makes_too_large_are_refused() -> None:
    assert "the environment of function 'Pack' is 5," in refused(shop({"environment": {"BIG": "x" * 5000}}))


def test_a_public_address_needs_both_permissions_and_makes_the_function_take_requests() -> None:
    found = deployed(shop({"url": {"auth": "NONE", "cors": {"allow_origins": ["*"]}}}))
    identity = json.loads(function_of(found)["environment"]["variables"]["ISTHMUS"])
    permissions = [found.named(f"Pack-caller-{of}").inputs for of in ("url", "invoke")]

    assert found.named("Pack-url").inputs["authorizationType"] == "NONE"
    assert found.named("Pack-url").inputs["cors"] == {"allowOrigins": ["*"]}
    assert [p["action"] for p in permissions] == ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]
    assert permissions[1]["invokedViaFunctionUrl"] is True
    assert identity["triggers"] == ["http", "task"]


def test_an_address_for_signed_requests_lets_nobody_else_in() -> None:
    found = deployed(shop({"url": {"auth": "AWS_IAM"}}))

    assert found.named("Pack-url").inputs["authorizationType"] == "AWS_IAM"
    assert found.of("permission:Permission") == []


def test_a_renamed_function_stays_what_it_is() -> None:
    def before(_target: Target) -> App:
        app = App("shop", removal="remove")
        app.function("Wrap", WORK)
        return app

    old, new = deployed(before), deployed(shop({"renamed_from": "Wrap"}))

    assert function_of(new)["name"] == old.named("Wrap-function").inputs["name"]
    aliases = [alias.spec.name for alias in new.named("Pack").request.aliases]
    assert aliases == ["Wrap"]
    assert "Wrap-function" in [alias.spec.name for alias in new.named("Pack-function").request.aliases]


def test_a_rename_by_a_callable_is_refused_since_names_are_made_before_it_runs() -> None:
    def transform(arguments: dict[str, Any]) -> None:
        arguments["renamed_from"] = "Wrap"

    assert "give it where the resource is declared" in refused(shop(transform))


def test_a_long_name_leaves_room_for_the_roles_own_ending() -> None:
    def app(_target: Target) -> App:
        app = App("shop", removal="remove")
        app.function("P" * 64, WORK)
        return app

    role = deployed(app).of("role:Role")[0].inputs

    assert role["namePrefix"] == "P" * 37 + "-"
    assert "namePrefix" not in deployed(shop()).named("Pack-role").inputs


def test_a_preview_knows_names_and_permissions() -> None:
    found = deployed(shop(), preview=True)

    assert function_of(found)["name"].startswith("shop-dev-Pack-")
    assert "logs:PutLogEvents" in allowed(found)


@pytest.mark.parametrize(
    ("options", "alias"),
    [
        ({"min_instances": 1}, "live"),
        ({"transform": {"provisioned_concurrency": 1}}, "live"),
        ({"min_instances": 1, "transform": {"provisioned_concurrency": 0}}, None),
        ({}, None),
    ],
)
def test_whoever_calls_a_function_knows_the_alias_of_its_warm_instances(
    options: dict[str, Any], alias: str | None
) -> None:
    def app(_target: Target) -> App:
        app = App("shop", removal="remove")
        sort = app.function("Sort", WORK, **options)
        app.function("Pack", WORK, link=[sort.invoke])
        return app

    identity = json.loads(function_of(deployed(app))["environment"]["variables"]["ISTHMUS"])

    assert identity["links"]["Sort"][3].get("alias") == alias
