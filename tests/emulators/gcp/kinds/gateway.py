"""API Gateway: an API, its configs, each an OpenAPI document, and the gateway that serves one."""

from __future__ import annotations

from typing import Any

from tests.emulators.gcp.kinds.kept import kept
from tests.emulators.gcp.session import Session
from tests.emulators.realiser.kind import Inputs, Kind


def _api(google: Session, inputs: Inputs) -> str:
    return google.path(inputs, "locations", "global", "apis", inputs["apiId"])


def _config(google: Session, inputs: Inputs) -> str:
    return google.path(inputs, "locations", "global", "apis", inputs["api"], "configs", inputs["apiConfigId"])


def _gateway(google: Session, inputs: Inputs) -> str:
    region = inputs.get("region") or google.region
    return google.path(inputs, "locations", region, "gateways", inputs["gatewayId"])


def _managed(google: Session, id_: str, _inputs: Inputs) -> dict[str, Any]:
    service = f"{id_.rpartition('/')[2]}-test.apigateway.{google.project}.cloud.goog"
    return {"name": id_, "managedService": service}


def _configured(_google: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    return {"name": id_, "serviceConfigId": inputs["apiConfigId"]}


def _served(google: Session, id_: str, _inputs: Inputs) -> dict[str, Any]:
    """Return the host: the path of a gateway stands for it here, since no name resolves."""
    return {"name": id_, "defaultHostname": f"{google.cloud.address}/_gateway/{id_.rpartition('/')[2]}"}


KINDS: dict[str, Kind] = {
    "gcp:apigateway/api:Api": kept(
        "api", _api, _managed, name="apiId", fixed=("managedService",), outputs=("name", "managedService")
    ),
    "gcp:apigateway/apiConfig:ApiConfig": kept(
        "api-config",
        _config,
        _configured,
        name="apiConfigId",
        fixed=("api", "openapiDocuments", "gatewayConfig"),
        outputs=("name", "serviceConfigId"),
    ),
    "gcp:apigateway/gateway:Gateway": kept(
        "gateway", _gateway, _served, name="gatewayId", outputs=("name", "defaultHostname")
    ),
}
"""Pulumi's token to what makes it."""
