"""State machines, and the connections of HTTP tasks."""

from __future__ import annotations

import json
from typing import Any

from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import pascal, within
from tests.emulators.realiser.kind import Inputs, Kind, Made


def _machine(aws: Session, inputs: Inputs) -> Made:
    tags = [{"key": key, "value": value} for key, value in within(inputs, "tags").items()]
    kind = {"type": inputs["type"]} if inputs.get("type") else {}
    made = aws.client("stepfunctions").create_state_machine(
        name=inputs["name"], tags=tags, **kind, **_configuration(inputs)
    )
    return Made(made["stateMachineArn"], _outputs(made["stateMachineArn"], made))


def _configuration(inputs: Inputs) -> dict[str, Any]:
    json.loads(inputs["definition"])
    configuration: dict[str, Any] = {"definition": inputs["definition"], "roleArn": inputs["roleArn"]}
    logging = inputs.get("loggingConfiguration")
    if logging:
        group = logging.get("logDestination")
        destinations = [{"cloudWatchLogsLogGroup": {"logGroupArn": group}}] if group else []
        data = bool(logging.get("includeExecutionData"))
        levelled = {"level": logging["level"], "includeExecutionData": data, "destinations": destinations}
        configuration["loggingConfiguration"] = levelled
    if inputs.get("tracingConfiguration"):
        configuration["tracingConfiguration"] = dict(inputs["tracingConfiguration"])
    return configuration


def _outputs(arn: str, made: Any) -> dict[str, Any]:
    return {"arn": arn, "creationDate": str(made.get("creationDate", "")), "status": "ACTIVE"}


def _change(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    aws.client("stepfunctions").update_state_machine(stateMachineArn=id_, **_configuration(inputs))
    return _outputs(id_, {})


def _read(aws: Session, id_: str, state: Inputs) -> dict[str, Any]:
    found = aws.client("stepfunctions").describe_state_machine(stateMachineArn=id_)
    same = json.loads(found["definition"]) == json.loads(state.get("definition", "{}"))
    return {**_outputs(id_, found), **({} if same else {"definition": found["definition"]})}


def _connection(aws: Session, inputs: Inputs) -> Made:
    made = aws.client("events").create_connection(
        Name=inputs["name"],
        AuthorizationType=inputs["authorizationType"],
        AuthParameters=_parameters(inputs),
        **({"Description": inputs["description"]} if inputs.get("description") else {}),
    )
    return Made(inputs["name"], {"arn": made["ConnectionArn"], "secretArn": ""})


def _parameters(inputs: Inputs) -> dict[str, Any]:
    given = inputs["authParameters"]
    key = given.get("apiKey")
    if key is None:
        return dict(pascal(given))
    return {"ApiKeyAuthParameters": {"ApiKeyName": key["key"], "ApiKeyValue": key["value"]}}


def _change_connection(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    made = aws.client("events").update_connection(
        Name=id_, AuthorizationType=inputs["authorizationType"], AuthParameters=_parameters(inputs)
    )
    return {"arn": made["ConnectionArn"], "secretArn": ""}


KINDS = {
    "aws:sfn/stateMachine:StateMachine": Kind(
        create=_machine,
        change=_change,
        delete=lambda aws, id_, _: aws.client("stepfunctions").delete_state_machine(stateMachineArn=id_),
        read=_read,
        name="name",
        fixed=("type",),
        outputs=("arn", "creationDate", "status"),
    ),
    "aws:cloudwatch/eventConnection:EventConnection": Kind(
        create=_connection,
        change=_change_connection,
        delete=lambda aws, id_, _: aws.client("events").delete_connection(Name=id_),
        name="name",
        outputs=("arn", "secretArn"),
    ),
}
"""Pulumi's token to what makes it."""
