"""Writes a definition anew for Step Functions, in an app that declares one resource of each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.plan import Plan
from isthmus.providers import find
from isthmus_aws.infra.arns import Arns
from isthmus_aws.workflow.addresses import Addresses
from isthmus_aws.workflow.document import Document, document

HANDLERS = "tests.core.plan.handlers"
CHILD = {"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}}


def emitted(
    definition: Mapping[str, Any], *, bind: Mapping[str, Any] | None = None, region: str = "eu-central-1"
) -> Document:
    """Return what Step Functions gets for a definition, with names without their hashes: `shop-dev-Work`."""
    app = App("shop")
    app.function("Pack", f"{HANDLERS}.anything")
    app.function("Warm", f"{HANDLERS}.with_context", min_instances=1)
    app.queue("Work")
    app.queue("Line", fifo=True)
    app.topic("News")
    app.bucket("Files")
    app.table("Items", fields={"id": "string"}, primary_index="id", global_indexes={"byOwner": "id"})
    app.workflow("Child", CHILD)
    app.workflow("Quick", CHILD, express=True)
    workflow = app.workflow("Main", definition, bind=bind)
    target = Target("aws", "dev", account="123456789012", region=region)
    provider: Any = _Named()
    plan = Plan(app=app, target=target, provider=provider, identities={})
    return document(workflow, Addresses(Arns(plan), lambda function: bool(function.min_instances)))


class _Named:
    """The provider, with names that a test can know."""

    def __getattr__(self, name: str) -> Any:
        return getattr(find("aws"), name)

    def physical_name(self, app: App, target: Target, _kind: str, name: str) -> str:
        """Return a name without its hash."""
        return f"{app.name}-{target.stage}-{name}"


def state(fields: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    """Return the state that a definition of one Task comes to; `others` are fields of the definition."""
    made = emitted(machine(fields, **others))
    assert made.faults == []
    found: dict[str, Any] = made.content["States"]["Do"]
    return found


def machine(fields: Mapping[str, Any], **others: Any) -> dict[str, Any]:
    """Return a definition of one Task, "Do"."""
    return {"StartAt": "Do", **others, "States": {"Do": {"Type": "Task", "End": True, **fields}}}


def fault(fields: Mapping[str, Any], **others: Any) -> str:
    """Return why a Task has no form on Step Functions."""
    (found,) = emitted(machine(fields, **others)).faults
    assert found.pointer == "/States/Do"
    return found.what


def arn(service: str, rest: str) -> str:
    """Return an ARN of the tests' account."""
    return f"arn:aws:{service}:eu-central-1:123456789012:{rest}"
