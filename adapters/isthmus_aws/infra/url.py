"""A function's own address: https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pulumi
from pulumi_aws import lambda_

from isthmus.components.component import Component, Node
from isthmus.declarations.options import did_you_mean
from isthmus.shapes import shown
from isthmus.transforms import TransformError
from isthmus_aws.infra.function_args import FunctionArgs

URL = Node("url", lambda_.FunctionUrl)
CALLER = Node("caller", lambda_.Permission)

CHILDREN = (URL, CALLER)
"""What an address comes to."""

ROLES = tuple(f"{CALLER.role}-{of}" for of in ("url", "invoke"))
"""The roles that tell apart what may call it."""

AUTH = ("NONE", "AWS_IAM")
"""Who may call it: everybody, or who has the permission in their own policy."""

_KNOWN = ("auth", "cors")


def check(what: str, url: Mapping[str, Any]) -> None:
    """Refuse an address that could not be."""
    for name in url:
        if name not in _KNOWN:
            raise TransformError(f"url of {what} has no {name!r}: {did_you_mean(str(name), _KNOWN)}")
    if url and url.get("auth") not in AUTH:
        raise TransformError(f"url of {what}: auth is {shown(url.get('auth'))}, and must be one of {', '.join(AUTH)}")


def address(
    component: Component[FunctionArgs], function: lambda_.Function, qualifier: pulumi.Output[str] | None
) -> pulumi.Output[str]:
    """Give a function its address and return it."""
    asked = component.args.url
    target = {"function_name": function.name, "qualifier": qualifier}
    cors = {"cors": asked["cors"]} if asked.get("cors") else {}
    made = component.child(URL, {**target, "authorization_type": asked["auth"], **cors})
    if asked["auth"] == "NONE":
        _admit_everybody(component, function, qualifier, depends_on=made)
    return made.function_url


def _admit_everybody(
    component: Component[FunctionArgs],
    function: lambda_.Function,
    qualifier: pulumi.Output[str] | None,
    *,
    depends_on: pulumi.Resource,
) -> None:
    """A public address needs both, since October 2025: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html."""
    everybody = {"function": function.name, "qualifier": qualifier, "principal": "*"}
    url = {"action": "lambda:InvokeFunctionUrl", "function_url_auth_type": "NONE", "statement_id": "url"}
    invoke = {"action": "lambda:InvokeFunction", "invoked_via_function_url": True, "statement_id": "url-invoke"}
    component.child(CALLER, {**everybody, **url}, of="url", depends_on=[depends_on])
    component.child(CALLER, {**everybody, **invoke}, of="invoke", depends_on=[depends_on])
