"""Workflows: what Step Functions does not take, besides what the language itself does not.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html
"""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.problem import Problem
from isthmus.declarations.workflow import Workflow
from isthmus.plan import Plan
from isthmus.shapes import is_mapping, is_number, is_text, shown
from isthmus.wiring import workflow_targets
from isthmus.workflows.definition import Definition
from isthmus.workflows.names import Target
from isthmus_aws.infra.arns import Arns
from isthmus_aws.workflow.addresses import Addresses
from isthmus_aws.workflow.distributed import execution_type, is_distributed
from isthmus_aws.workflow.document import document
from isthmus_aws.workflow.languages import LANGUAGES

MOST_BYTES = 1024 * 1024
"""What a definition may have."""

EXPRESS_SECONDS = 300
"""How long an express workflow may run."""

_WAITS = {"sync": "wait for the end of what it starts (.sync)", "callback": "wait for a token (.waitForTaskToken)"}


def check(draft: Draft) -> Iterator[Problem]:
    """Yield what Step Functions would refuse of each definition that could be read."""
    plan = Plan(app=draft.app, target=draft.target, provider=draft.provider, identities={})
    addresses = Addresses(Arns(plan), lambda function: bool(function.min_instances))
    for workflow in draft.of(Workflow):
        if workflow.parsed is not None:
            for fault in _faults(workflow, workflow.parsed, addresses):
                yield Problem(workflow.where, f"{label(workflow)}: {fault}")


def _faults(workflow: Workflow, definition: Definition, addresses: Addresses) -> Iterator[str]:
    made = document(workflow, addresses)
    yield from (f"{fault.pointer}: {fault.what}" for fault in made.faults)
    size = len(made.text.encode("utf-8", "replace"))
    if size > MOST_BYTES:
        yield f"its definition has {size:,} bytes, and Step Functions takes {MOST_BYTES:,}: start others from it"
    for target in workflow_targets(workflow):
        yield from (f"{target.state.pointer}: {fault}" for fault in _of_task(target))
    if workflow.express:
        yield from _of_length(definition)
    for place, instead in _express(workflow, definition):
        yield from _of_express(workflow, definition, place, instead)


def _of_task(target: Target) -> Iterator[str]:
    """https://docs.aws.amazon.com/step-functions/latest/dg/call-https-apis.html"""
    if target.task is None or target.task.kind != "http":
        return
    arguments = target.state.fields.get(LANGUAGES[target.state.language].arguments)
    endpoint = arguments.get("ApiEndpoint") if is_mapping(arguments) else None
    if is_text(endpoint) and not endpoint.startswith(("https://", "{%")):
        yield f"ApiEndpoint is {shown(endpoint)}, and Step Functions calls https:// alone"


def _of_length(definition: Definition) -> Iterator[str]:
    limit = definition.document.get("TimeoutSeconds")
    if is_number(limit) and limit > EXPRESS_SECONDS:
        yield f"/TimeoutSeconds: an express workflow runs for {EXPRESS_SECONDS} s at most, not {shown(limit)}"


def _express(workflow: Workflow, definition: Definition) -> Iterator[tuple[str, str]]:
    """Yield how the pointers of all states begin that run in express executions, and how they would not."""
    if workflow.express:
        yield "/", "leave out express"
        return
    for state in definition.states:
        if is_distributed(state) and execution_type(state) == "EXPRESS":
            yield f"{state.pointer}/", f"make {state.pointer} of ExecutionType STANDARD"


def _of_express(workflow: Workflow, definition: Definition, place: str, instead: str) -> Iterator[str]:
    """https://docs.aws.amazon.com/step-functions/latest/dg/choosing-workflow-type.html#choosing-workflow-type-comparison"""
    for target in workflow_targets(workflow):
        if not target.state.pointer.startswith(place):
            continue
        pattern, kind = (target.task.pattern, target.task.kind) if target.task else ("", "")
        if pattern in _WAITS:
            yield f"{target.state.pointer}: an express workflow cannot {_WAITS[pattern]}: {instead}"
        if kind == "activity":
            yield f"{target.state.pointer}: an express workflow has no activities: {instead}"
    for state in definition.states:
        if is_distributed(state) and state.pointer.startswith(place):
            yield f"{state.pointer}: an express workflow cannot distribute a Map: {instead}, or its ProcessorConfig"
