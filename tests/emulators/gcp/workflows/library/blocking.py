"""The functions that block, by what they take: only call steps run them.

https://cloud.google.com/workflows/docs/reference/syntax/expressions#blocking-calls
https://cloud.google.com/workflows/docs/reference/stdlib/http
https://cloud.google.com/workflows/docs/reference/stdlib/events
https://cloud.google.com/workflows/docs/reference/googleapis
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.emulators.gcp.workflows.library.function import Function

HTTP_OPTIONS: Mapping[str, Any] = {
    "timeout": 300.0,
    "body": None,
    "headers": None,
    "query": None,
    "auth": None,
    "private_service_name": None,
    "ca_certificate": None,
}
"""A request has 300 seconds where none are told."""

METHODS = ("get", "post", "put", "patch", "delete")
PUBLISH = "googleapis.pubsub.v1.projects.topics.publish"
EXECUTIONS = "googleapis.workflowexecutions.v1.projects.locations.workflows.executions"
CONNECTOR_PARAMS: Mapping[str, Any] = {"connector_params": None}
AWAITED = 43200.0
"""Seconds for which a callback is awaited where none are told: twelve hours."""

BLOCKING: Mapping[str, Function] = {
    **{f"http.{method}": Function(("url",), HTTP_OPTIONS) for method in METHODS},
    "http.request": Function(("method", "url"), HTTP_OPTIONS),
    "sys.sleep": Function(("seconds",)),
    "sys.sleep_until": Function(("time",)),
    "sys.log": Function((), {"data": None, "severity": "DEFAULT", "text": None, "json": None, "timeout": None}),
    "events.create_callback_endpoint": Function((), {"http_callback_method": "POST"}),
    "events.await_callback": Function(("callback",), {"timeout": AWAITED}),
    PUBLISH: Function(("topic", "body"), CONNECTOR_PARAMS),
    f"{EXECUTIONS}.create": Function(("parent", "body"), CONNECTOR_PARAMS),
    f"{EXECUTIONS}.get": Function(("name",), {"view": None, **CONNECTOR_PARAMS}),
    f"{EXECUTIONS}.cancel": Function(("name",), {"body": None, **CONNECTOR_PARAMS}),
    f"{EXECUTIONS}.run": Function(
        ("workflow_id",), {"argument": None, "location": None, "project_id": None, **CONNECTOR_PARAMS}
    ),
}
