"""Handlers that use the cloud's own SDK, past the links that a client would look at first: only IAM can stop them."""

from __future__ import annotations

from typing import Any


def attempt(call: dict[str, Any]) -> str:
    """Make one call of the SDK and answer "done", or the code of the service's refusal."""
    from importlib import import_module

    client = import_module("botocore.session").Session().create_client(call["service"])
    try:
        getattr(client, call["operation"])(**call["arguments"])
    except import_module("botocore.exceptions").ClientError as error:
        return str(error.response["Error"]["Code"])
    return "done"


def other(payload: Any) -> Any:
    """Give back what came."""
    return payload
