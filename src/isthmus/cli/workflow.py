"""`isthmus workflow`: the group of the commands, each in a module that is imported only when it runs."""

from __future__ import annotations

from collections.abc import Mapping

import click

from isthmus.cli.commands import Entry, LazyGroup

WORKFLOW_COMMANDS: Mapping[str, Entry] = {
    "lint": Entry("isthmus.cli.workflow_definition:lint", "Tell everything that is wrong with definitions."),
    "graph": Entry("isthmus.cli.workflow_definition:graph", "Draw a definition, as SVG or as Mermaid."),
    "run": Entry("isthmus.cli.workflow_run:run", "Run a definition in this process, and print its history."),
    "start": Entry("isthmus.cli.workflow_executions:start", "Start an execution of a running app."),
    "describe": Entry("isthmus.cli.workflow_executions:describe", "Show what has become of an execution."),
    "list": Entry("isthmus.cli.workflow_executions:list_executions", "List the executions of a workflow."),
    "history": Entry("isthmus.cli.workflow_executions:history", "Show everything that has happened to an execution."),
    "stop": Entry("isthmus.cli.workflow_executions:stop", "End an execution."),
    "redrive": Entry("isthmus.cli.workflow_executions:redrive", "Let a failed execution go on from where it failed."),
    "succeed": Entry("isthmus.cli.workflow_executions:succeed", "Complete the task that waits for a token."),
    "fail": Entry("isthmus.cli.workflow_executions:fail", "Let the task that waits for a token fail."),
}


class WorkflowGroup(LazyGroup):
    """The commands of `isthmus workflow`."""

    entries = WORKFLOW_COMMANDS


@click.group(cls=WorkflowGroup)
def workflow() -> None:
    """Check, draw and run workflows: definitions in the States Language.

    \b
    Examples:
      isthmus workflow lint functions/workflows/*.asl.json
      isthmus workflow lint ProcessOrder            as the app declares it
      isthmus workflow graph ProcessOrder -o process_order.svg
      isthmus workflow run ProcessOrder --input '{"id": "2026-1"}'
    """
