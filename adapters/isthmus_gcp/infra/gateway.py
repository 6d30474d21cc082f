"""API Gateway before the functions of an api: they are private, and the gateway's own account alone may call them.

https://cloud.google.com/api-gateway/docs/authenticate-service-account
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
from pulumi_gcp import apigateway

from isthmus.components.component import Node
from isthmus_gcp.infra.account import account, gateway_of
from isthmus_gcp.infra.component import GoogleComponent

API = Node("api", apigateway.Api)
CONFIG = Node("config", apigateway.ApiConfig)
GATEWAY = Node("gateway", apigateway.Gateway)

CHILDREN = (API, CONFIG, GATEWAY)

_DIGITS = 16


def open_gateway(
    owner: GoogleComponent[Any],
    physical: str,
    region: str,
    document: Mapping[str, Any],
    depends_on: Sequence[pulumi.Resource],
) -> pulumi.Output[str]:
    """Make a gateway that does what an OpenAPI document says, and return its address."""
    api = owner.child(API, {"project": owner.project, "api_id": physical, "display_name": physical})
    config = _config(owner, api, document, depends_on)
    arguments = {
        "project": owner.project,
        "region": region,
        "gateway_id": physical,
        "api_config": config.id,
        "display_name": physical,
    }
    gateway = owner.child(GATEWAY, arguments)
    return gateway.default_hostname.apply("https://{}".format)


def _config(
    owner: GoogleComponent[Any],
    api: apigateway.Api,
    document: Mapping[str, Any],
    depends_on: Sequence[pulumi.Resource],
) -> apigateway.ApiConfig:
    """Make the configuration, which cannot be changed: it is named by what it says, and another one by something else.

    So is the Pulumi resource: the old one goes only after the gateway has the new one.
    """
    text = json.dumps(document, sort_keys=True)
    digest = hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]
    caller = account(owner.deployment, gateway_of(owner.name))
    written = {"path": "openapi.json", "contents": b64encode(text.encode()).decode()}
    arguments = {
        "project": owner.project,
        "api": api.api_id,
        "api_config_id": f"config-{digest}",
        "openapi_documents": [{"document": written}],
        "gateway_config": {"backend_config": {"google_service_account": caller.email}},
    }
    return owner.child(CONFIG, arguments, of=digest, depends_on=[caller.account, *depends_on])
