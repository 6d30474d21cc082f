"""Lambda functions, and what belongs to them."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from tests.emulators.aws.runtime import packed
from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import pascal, pick, picked, within
from tests.emulators.realiser.kind import Inputs, Kind, Made

_AS_NAMED = ("description", "handler", "timeout", "memorySize", "layers", "kmsKeyArn", "ephemeralStorage", "snapStart")


def _function(aws: Session, inputs: Inputs) -> Made:
    made = aws.client("lambda").create_function(
        FunctionName=inputs["name"],
        Code={"ZipFile": packed(inputs["code"], inputs["runtime"], aws.runtime)},
        Architectures=inputs.get("architectures") or ["x86_64"],
        Publish=bool(inputs.get("publish")),
        Tags=within(inputs, "tags"),
        **_configuration(inputs),
    )
    return Made(inputs["name"], _outputs(aws, made, inputs))


def _configuration(inputs: Inputs) -> dict[str, Any]:
    configuration = {
        "Role": inputs["role"],
        "Runtime": "provided.al2023",  # see `runtime`: the true runtime client, started by a bootstrap of ours
        **picked(inputs, *_AS_NAMED, "tracingConfig", "deadLetterConfig", "loggingConfig"),
    }
    variables = within(inputs, "environment", "variables")
    configuration["Environment"] = {"Variables": {name: str(value) for name, value in variables.items()}}
    if inputs.get("vpcConfig"):
        configuration["VpcConfig"] = pick(
            inputs["vpcConfig"], SubnetIds="subnetIds", SecurityGroupIds="securityGroupIds"
        )
    return configuration


def _outputs(aws: Session, made: Any, inputs: Inputs) -> dict[str, Any]:
    """Return the outputs; runtime and architecture stay what was asked for, not what the emulator was told."""
    arn = aws.arn("lambda", f"function:{inputs['name']}")
    return {
        "arn": arn,
        "invokeArn": f"arn:aws:apigateway:{aws.region}:lambda:path/2015-03-31/functions/{arn}/invocations",
        "version": made["Version"],
        "qualifiedArn": f"{arn}:{made['Version']}",
        "codeSha256": made["CodeSha256"],
        "sourceCodeSize": made["CodeSize"],
        "lastModified": made["LastModified"],
        "runtime": inputs["runtime"],
        "architectures": inputs.get("architectures") or ["x86_64"],
    }


def _finish(aws: Session, id_: str, inputs: Inputs) -> None:
    most = inputs.get("reservedConcurrentExecutions", -1)
    if most >= 0:
        aws.client("lambda").put_function_concurrency(FunctionName=id_, ReservedConcurrentExecutions=most)


def _change(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    client = aws.client("lambda")
    client.update_function_configuration(FunctionName=id_, **_configuration(inputs))
    code = packed(inputs["code"], inputs["runtime"], aws.runtime)
    made = client.update_function_code(FunctionName=id_, ZipFile=code, Publish=bool(inputs.get("publish")))
    return _outputs(aws, made, inputs)


def _read(aws: Session, id_: str, state: Inputs) -> dict[str, Any]:
    found = aws.client("lambda").get_function_configuration(FunctionName=id_)
    told = {"timeout": found["Timeout"], "memorySize": found["MemorySize"], "role": found["Role"]}
    drifted = {name: value for name, value in told.items() if state.get(name, value) != value}
    variables = within(found, "Environment", "Variables")
    if variables != within(state, "environment", "variables"):
        drifted["environment"] = {"variables": variables}
    return {"arn": found["FunctionArn"], **drifted}


def _alias(aws: Session, inputs: Inputs) -> Made:
    found = aws.client("lambda").create_alias(
        FunctionName=_short(inputs["functionName"]),
        Name=inputs["name"],
        FunctionVersion=inputs["functionVersion"],
        **picked(inputs, "description"),
    )
    return Made(found["AliasArn"], _alias_outputs(aws, found["AliasArn"]))


def _alias_outputs(aws: Session, arn: str) -> dict[str, Any]:
    invoke = f"arn:aws:apigateway:{aws.region}:lambda:path/2015-03-31/functions/{arn}/invocations"
    return {"arn": arn, "invokeArn": invoke}


def _change_alias(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    aws.client("lambda").update_alias(
        FunctionName=_short(inputs["functionName"]), Name=inputs["name"], FunctionVersion=inputs["functionVersion"]
    )
    return _alias_outputs(aws, id_)


def _delete_alias(aws: Session, _id: str, state: Inputs) -> None:
    aws.client("lambda").delete_alias(FunctionName=_short(state["functionName"]), Name=state["name"])


def _short(function: str) -> str:
    """Return a function's name where its ARN may stand as well."""
    return function.split(":")[6] if function.startswith("arn:") else function


def _permission(aws: Session, inputs: Inputs) -> Made:
    digest = sha256(json.dumps(dict(inputs), sort_keys=True).encode()).hexdigest()[:12]
    statement = inputs.get("statementId") or f"pulumi-{digest}"
    aws.client("lambda").add_permission(
        FunctionName=_short(inputs["function"]),
        StatementId=statement,
        Action=inputs["action"],
        Principal=inputs["principal"],
        **picked(inputs, "qualifier", "sourceArn", "sourceAccount", "functionUrlAuthType", "invokedViaFunctionUrl"),
    )
    return Made(statement, {"statementId": statement})


def _revoke(aws: Session, id_: str, state: Inputs) -> None:
    aws.client("lambda").remove_permission(
        FunctionName=_short(state["function"]), StatementId=id_, **picked(state, "qualifier")
    )


def _async_settings(aws: Session, inputs: Inputs) -> Made:
    arguments = picked(inputs, "qualifier", "maximumEventAgeInSeconds", "maximumRetryAttempts", "destinationConfig")
    aws.client("lambda").put_function_event_invoke_config(FunctionName=_short(inputs["functionName"]), **arguments)
    return Made(f"{inputs['functionName']}:{inputs.get('qualifier', '$LATEST')}", {})


def _no_async_settings(aws: Session, _id: str, state: Inputs) -> None:
    aws.client("lambda").delete_function_event_invoke_config(
        FunctionName=_short(state["functionName"]), **picked(state, "qualifier")
    )


def _provisioned(aws: Session, inputs: Inputs) -> Made:
    aws.client("lambda").put_provisioned_concurrency_config(
        FunctionName=_short(inputs["functionName"]),
        Qualifier=inputs["qualifier"],
        ProvisionedConcurrentExecutions=inputs["provisionedConcurrentExecutions"],
    )
    return Made(f"{inputs['functionName']},{inputs['qualifier']}", {})


def _not_provisioned(aws: Session, _id: str, state: Inputs) -> None:
    aws.client("lambda").delete_provisioned_concurrency_config(
        FunctionName=_short(state["functionName"]), Qualifier=state["qualifier"]
    )


def _url(aws: Session, inputs: Inputs) -> Made:
    found = aws.client("lambda").create_function_url_config(
        FunctionName=_short(inputs["functionName"]),
        AuthType=inputs["authorizationType"],
        **_url_options(inputs),
    )
    return Made(inputs["functionName"], _url_outputs(found))


def _url_options(inputs: Inputs) -> dict[str, Any]:
    cors = {"Cors": pascal(inputs["cors"])} if inputs.get("cors") else {}
    return {**picked(inputs, "qualifier", "invokeMode"), **cors}


def _url_outputs(found: Any) -> dict[str, Any]:
    host = found["FunctionUrl"].split("//")[1]
    return {"functionUrl": found["FunctionUrl"], "functionArn": found["FunctionArn"], "urlId": host.split(".")[0]}


def _change_url(aws: Session, _id: str, inputs: Inputs) -> dict[str, Any]:
    found = aws.client("lambda").update_function_url_config(
        FunctionName=_short(inputs["functionName"]), AuthType=inputs["authorizationType"], **_url_options(inputs)
    )
    return _url_outputs(found)


def _no_url(aws: Session, _id: str, state: Inputs) -> None:
    aws.client("lambda").delete_function_url_config(
        FunctionName=_short(state["functionName"]), **picked(state, "qualifier")
    )


KINDS = {
    "aws:lambda/function:Function": Kind(
        create=_function,
        finish=_finish,
        change=_change,
        delete=lambda aws, id_, _: aws.client("lambda").delete_function(FunctionName=id_),
        read=_read,
        name="name",
        outputs=("arn", "invokeArn", "version", "qualifiedArn", "codeSha256", "lastModified"),
    ),
    "aws:lambda/alias:Alias": Kind(
        create=_alias,
        change=_change_alias,
        delete=_delete_alias,
        fixed=("functionName", "name"),
        outputs=("arn", "invokeArn"),
    ),
    "aws:lambda/permission:Permission": Kind(create=_permission, delete=_revoke, outputs=("statementId",)),
    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": Kind(
        create=_async_settings,
        change=lambda aws, id_, inputs: _async_settings(aws, inputs).outputs,
        delete=_no_async_settings,
        fixed=("functionName", "qualifier"),
    ),
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig": Kind(
        create=_provisioned,
        change=lambda aws, id_, inputs: _provisioned(aws, inputs).outputs,
        delete=_not_provisioned,
        fixed=("functionName", "qualifier"),
    ),
    "aws:lambda/functionUrl:FunctionUrl": Kind(
        create=_url,
        change=_change_url,
        delete=_no_url,
        fixed=("functionName", "qualifier"),
        outputs=("functionUrl", "functionArn", "urlId"),
    ),
}
"""Pulumi's token to what makes it."""
