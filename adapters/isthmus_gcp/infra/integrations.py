"""The function that does for a workflow what no connector of Google's can do as the document means it.

A table's documents have ids of our own, a FIFO queue's messages are sent once, a delayed message goes through Cloud
Tasks: what knows all that are our clients, so a private function of the workflow's own runs them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from isthmus.declarations.function import Function
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.workflow import Workflow
from isthmus.identities import link_properties
from isthmus.links import Identity, Link
from isthmus.plan import Plan
from isthmus.wiring import workflow_targets
from isthmus.workflows.names import Target
from isthmus_gcp.names import physical_name

HANDLER = "isthmus_gcp.workflow_tasks.handle"
"""What such a function runs."""

TIMEOUT = 60
"""In how many seconds an integration is done."""

_VERBS: Mapping[str, tuple[str, ...]] = {
    "getItem": ("read",),
    "query": ("read",),
    "putItem": ("read", "write"),
    "updateItem": ("read", "write"),
    "deleteItem": ("read", "write"),
    "getObject": ("read",),
    "putObject": ("write",),
    "sendMessage": ("send",),
    "send": ("send",),
    "publish": ("publish",),
    "putEvents": ("publish",),
}
"""What a link must grant for an integration's action; what a change returns of the item before is read."""

_DIRECT = ("function", "workflow", "http", "activity")


def integrates(target: Target) -> bool:
    """Return whether a task is done by the function, and not by the workflow itself."""
    task, resource = target.task, target.resource
    if task is None or resource is None or task.kind in _DIRECT:
        return False
    return task.integrated or (isinstance(resource, Queue) and resource.delay > 0)


def function_name(workflow: Workflow) -> str:
    """Return the name of a workflow's function: no declared one can have it."""
    return f"{workflow.name}-tasks"


def integrating(plan: Plan) -> Iterator[tuple[Function, Identity]]:
    """Yield the function of each workflow that needs one, and who it is."""
    for workflow in plan.resources:
        if isinstance(workflow, Workflow):
            found = [target for target in workflow_targets(workflow) if integrates(target)]
            if found:
                function = _function(workflow)
                yield function, _identity(function, found, plan)


def _function(workflow: Workflow) -> Function:
    return Function(
        app=workflow.app, name=function_name(workflow), handler=HANDLER, timeout=TIMEOUT, where=workflow.where
    )


def _identity(function: Function, found: list[Target], plan: Plan) -> Identity:
    target = plan.target
    return Identity(
        app=plan.app.name,
        stage=target.stage,
        provider=target.provider,
        function=function.name,
        handler=function.handler,
        timeout=function.timeout,
        triggers=("task",),
        links={link.name: link for link in _links(found, plan)},
        account=target.account,
        region=target.region,
    )


def _links(found: list[Target], plan: Plan) -> Iterator[Link]:
    verbs: dict[str, set[str]] = {}
    for target in found:
        if target.task is not None:
            verbs.setdefault(target.resource.name, set()).update(_VERBS.get(target.task.action, ()))
    resources: dict[str, Resource] = {target.resource.name: target.resource for target in found}
    for resource in resources.values():
        asked = tuple(verb for verb in type(resource).verbs if verb in verbs[resource.name])
        physical = physical_name(plan.app, plan.target, resource.kind, resource.name)
        yield Link(resource.kind, resource.name, physical, asked, link_properties(resource))
