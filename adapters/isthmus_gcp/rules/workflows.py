"""Workflows: what Google Workflows has no counterpart for, or would refuse, is told before anything is deployed."""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft
from isthmus.declarations.problem import Problem
from isthmus.declarations.workflow import Workflow
from isthmus_gcp.infra.workflow_calls import WorkflowCalls
from isthmus_gcp.workflow.compiler import compile_workflow
from isthmus_gcp.workflow.refusal import RefusedError

_AT_RUN_TIME = (
    "loops and maps make as many steps as their data ask for: an execution ends after 100,000",
    "copies of the data count: all variables of an execution have 512 KB together",
    "the fields of an object have no order: what lists them (`.*`, States.JsonToString) may do so in any",
)
"""What cannot be known of a workflow before it runs: https://cloud.google.com/workflows/quotas."""


def check(draft: Draft) -> Iterator[Problem]:
    """Yield why a definition cannot be compiled, each reason with the state's pointer."""
    for workflow in draft.of(Workflow):
        if workflow.parsed is None:
            continue
        try:
            compile_workflow(workflow.parsed, WorkflowCalls(workflow, draft.app, draft.target))
        except RefusedError as error:
            for fault in error.faults:
                yield Problem(workflow.where, f"workflow {workflow.name!r}: {fault}")


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield what whoever is linked to a workflow may do besides, and what a workflow may come up against."""
    workflows = list(draft.of(Workflow))
    if workflows:
        names = f"workflows {', '.join(workflow.name for workflow in workflows)}"
        what = f"{names}: Google grants to start, read and complete executions for a whole project alone"
        yield Problem(workflows[0].where, f"{what}, so a link to one lets a function reach all by IAM")
        for said in _AT_RUN_TIME:
            yield Problem(workflows[0].where, f"{names}: {said}")
