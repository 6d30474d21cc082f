"""HTTP APIs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.emulators.aws.session import Session
from tests.emulators.aws.shapes import pascal, pick, picked, within
from tests.emulators.realiser.kind import Inputs, Kind, Made

_API = ("description", "version", "disableExecuteApiEndpoint", "corsConfiguration", "ipAddressType")


def _api(aws: Session, inputs: Inputs) -> Made:
    found = aws.client("apigatewayv2").create_api(
        Name=inputs["name"],
        ProtocolType=inputs["protocolType"],
        Tags=within(inputs, "tags"),
        **picked(inputs, *_API),
    )
    return Made(found["ApiId"], _api_outputs(aws, found))


def _api_outputs(aws: Session, found: Any) -> dict[str, Any]:
    return {
        "apiEndpoint": found["ApiEndpoint"],
        "arn": f"arn:aws:apigateway:{aws.region}::/apis/{found['ApiId']}",
        "executionArn": aws.arn("execute-api", found["ApiId"]),
    }


def _change_api(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    found = aws.client("apigatewayv2").update_api(ApiId=id_, Name=inputs["name"], **picked(inputs, *_API))
    return _api_outputs(aws, found)


def _integration_arguments(inputs: Inputs) -> dict[str, Any]:
    return {
        "IntegrationType": inputs["integrationType"],
        **picked(inputs, "connectionType", "description", "integrationMethod", "integrationUri", "credentialsArn"),
        **picked(inputs, "payloadFormatVersion", "requestParameters"),
        **pick(inputs, TimeoutInMillis="timeoutMilliseconds"),
    }


def _integration(client: Any, inputs: Inputs) -> str:
    found = client.create_integration(ApiId=inputs["apiId"], **_integration_arguments(inputs))
    return str(found["IntegrationId"])


def _route_arguments(inputs: Inputs) -> dict[str, Any]:
    names = ("target", "authorizationType", "authorizerId", "authorizationScopes", "operationName")
    return {"RouteKey": inputs["routeKey"], **picked(inputs, *names)}


def _route(client: Any, inputs: Inputs) -> str:
    return str(client.create_route(ApiId=inputs["apiId"], **_route_arguments(inputs))["RouteId"])


def _authorizer_arguments(inputs: Inputs) -> dict[str, Any]:
    return {
        "Name": inputs["name"],
        "AuthorizerType": inputs["authorizerType"],
        **pick(inputs, IdentitySource="identitySources"),
        **picked(inputs, "jwtConfiguration", "authorizerUri", "authorizerPayloadFormatVersion"),
    }


def _authorizer(client: Any, inputs: Inputs) -> str:
    found = client.create_authorizer(ApiId=inputs["apiId"], **_authorizer_arguments(inputs))
    return str(found["AuthorizerId"])


def _stage_arguments(inputs: Inputs) -> dict[str, Any]:
    arguments: dict[str, Any] = picked(inputs, "autoDeploy", "description", "defaultRouteSettings", "stageVariables")
    if inputs.get("accessLogSettings"):
        arguments["AccessLogSettings"] = pascal(inputs["accessLogSettings"])
    if inputs.get("routeSettings"):
        arguments["RouteSettings"] = {
            settings["routeKey"]: {name: value for name, value in pascal(settings).items() if name != "RouteKey"}
            for settings in inputs["routeSettings"]
        }
    return arguments


def _stage(aws: Session, inputs: Inputs) -> Made:
    client = aws.client("apigatewayv2")
    client.create_stage(ApiId=inputs["apiId"], StageName=inputs["name"], **_stage_arguments(inputs))
    return Made(inputs["name"], _stage_outputs(aws, inputs))


def _stage_outputs(aws: Session, inputs: Inputs) -> dict[str, Any]:
    api, name = inputs["apiId"], inputs["name"]
    endpoint = aws.client("apigatewayv2").get_api(ApiId=api)["ApiEndpoint"]
    return {
        "invokeUrl": f"{endpoint}/" if name == "$default" else f"{endpoint}/{name}",
        "arn": f"arn:aws:apigateway:{aws.region}::/apis/{api}/stages/{name}",
        "executionArn": aws.arn("execute-api", f"{api}/{name}"),
    }


def _change_stage(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    aws.client("apigatewayv2").update_stage(ApiId=inputs["apiId"], StageName=id_, **_stage_arguments(inputs))
    return _stage_outputs(aws, inputs)


def _part(noun: str, make: Callable[[Any, Inputs], str], arguments: Callable[[Inputs], dict[str, Any]]) -> Kind:
    """Return the kind of a part of an API that has an id: `noun` is "Integration", "Route" or "Authorizer"."""
    verb = noun.lower()

    def create(aws: Session, inputs: Inputs) -> Made:
        return Made(make(aws.client("apigatewayv2"), inputs), {})

    def change(aws: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
        ids = {"ApiId": inputs["apiId"], f"{noun}Id": id_}
        getattr(aws.client("apigatewayv2"), f"update_{verb}")(**ids, **arguments(inputs))
        return {}

    def delete(aws: Session, id_: str, state: Inputs) -> None:
        getattr(aws.client("apigatewayv2"), f"delete_{verb}")(**{"ApiId": state["apiId"], f"{noun}Id": id_})

    def read(aws: Session, id_: str, state: Inputs) -> dict[str, Any]:
        getattr(aws.client("apigatewayv2"), f"get_{verb}")(**{"ApiId": state["apiId"], f"{noun}Id": id_})
        return {}

    return Kind(create=create, change=change, delete=delete, read=read, fixed=("apiId",))


KINDS = {
    "aws:apigatewayv2/api:Api": Kind(
        create=_api,
        change=_change_api,
        delete=lambda aws, id_, _: aws.client("apigatewayv2").delete_api(ApiId=id_),
        read=lambda aws, id_, _: _api_outputs(aws, aws.client("apigatewayv2").get_api(ApiId=id_)),
        name="name",
        fixed=("protocolType",),
        outputs=("apiEndpoint", "arn", "executionArn"),
    ),
    "aws:apigatewayv2/integration:Integration": _part("Integration", _integration, _integration_arguments),
    "aws:apigatewayv2/route:Route": _part("Route", _route, _route_arguments),
    "aws:apigatewayv2/authorizer:Authorizer": _part("Authorizer", _authorizer, _authorizer_arguments),
    "aws:apigatewayv2/stage:Stage": Kind(
        create=_stage,
        change=_change_stage,
        delete=lambda aws, id_, state: aws.client("apigatewayv2").delete_stage(ApiId=state["apiId"], StageName=id_),
        name="name",
        fixed=("apiId",),
        outputs=("invokeUrl", "arn", "executionArn"),
    ),
}
"""Pulumi's token to what makes it."""
