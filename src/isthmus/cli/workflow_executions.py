"""The commands of `isthmus workflow` that act on the executions of an app that runs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import click

from isthmus.cli.printable import printable
from isthmus.cli.project import Project, with_project
from isthmus.cli.running import read_json, running_app, shown_time
from isthmus.declarations.workflow import Workflow
from isthmus.tool_ports import Executions
from isthmus.workflow_execution import FINAL, WorkflowExecution

STATUSES = ("RUNNING", *FINAL)

_SHOWN = 160
"""How many characters of an event's details are shown."""


def _executions(project: Project, workflow: str) -> Executions:
    return running_app(project, Workflow, workflow).workflow(workflow)


@click.command()
@click.argument("workflow")
@click.option("--json", "given", default="{}", metavar="INPUT", help="The input; - reads standard input.")
@click.option("--name", metavar="NAME", help="The execution's name: a second start by it is the first one.")
@with_project
def start(project: Project, workflow: str, given: str, name: str | None) -> None:
    """Start an execution of WORKFLOW of the running app, and print its id.

    \b
    Examples:
      isthmus workflow start ProcessOrder --json '{"orderId": "2026-1"}' --name order-2026-1
    """
    click.echo(_executions(project, workflow).start(read_json(given, "--json", "input"), name=name))


@click.command()
@click.argument("workflow")
@click.argument("execution")
@with_project
def describe(project: Project, workflow: str, execution: str) -> None:
    """Show as JSON what has become of an EXECUTION of WORKFLOW."""
    seen = _executions(project, workflow).describe(execution)
    fields = ("id", "name", "status", "started", "stopped", "input", "output", "error", "cause")
    told = {field: getattr(seen, field) for field in fields}
    click.echo(printable(json.dumps(told, indent=2, ensure_ascii=False)))


@click.command("list")
@click.argument("workflow")
@click.option("--status", type=click.Choice(STATUSES, case_sensitive=False), help="Only those of this status.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="How many at most.")
@with_project
def list_executions(project: Project, workflow: str, status: str | None, limit: int) -> None:
    """List the executions of WORKFLOW, the newest first."""
    for seen in _executions(project, workflow).list(status=status.upper() if status else None, limit=limit):
        click.echo(_line(seen))


@click.command()
@click.argument("workflow")
@click.argument("execution")
@click.option("--json", "as_json", is_flag=True, help="Print each event whole, as a line of JSON.")
@with_project
def history(project: Project, workflow: str, execution: str, *, as_json: bool) -> None:
    """Show everything that has happened to an EXECUTION of WORKFLOW, in order."""
    for event in _executions(project, workflow).history(execution):
        click.echo(printable(json.dumps(event, ensure_ascii=False) if as_json else _event(event)))


@click.command()
@click.argument("workflow")
@click.argument("execution")
@click.option("--error", default="", help="The error that it ends with.")
@click.option("--cause", default="", help="The cause that it ends with.")
@with_project
def stop(project: Project, workflow: str, execution: str, error: str, cause: str) -> None:
    """End an EXECUTION of WORKFLOW; one that has ended stays as it is."""
    _executions(project, workflow).stop(execution, error=error, cause=cause)


@click.command()
@click.argument("workflow")
@click.argument("execution")
@with_project
def redrive(project: Project, workflow: str, execution: str) -> None:
    """Let an EXECUTION of WORKFLOW that has failed, or was stopped, go on from where it failed."""
    _executions(project, workflow).redrive(execution)


@click.command()
@click.argument("workflow")
@click.argument("token")
@click.option("--json", "output", default="{}", metavar="OUTPUT", help="What it comes to; - reads standard input.")
@with_project
def succeed(project: Project, workflow: str, token: str, output: str) -> None:
    """Complete the task of WORKFLOW that waits for a TOKEN.

    \b
    Examples:
      isthmus workflow succeed Approval TOKEN --json '{"approved": true}'
    """
    _executions(project, workflow).succeed(token, read_json(output, "--json", "output"))


@click.command()
@click.argument("workflow")
@click.argument("token")
@click.option("--error", required=True, help="The error's name, which Retry and Catch go by.")
@click.option("--cause", default="", help="Why.")
@with_project
def fail(project: Project, workflow: str, token: str, error: str, cause: str) -> None:
    """Let the task of WORKFLOW that waits for a TOKEN fail."""
    _executions(project, workflow).fail(token, error, cause)


def _line(seen: WorkflowExecution) -> str:
    ended = f"{seen.stopped - seen.started:9.3f} s" if seen.stopped is not None else " " * 11
    return f"{shown_time(seen.started)}  {seen.status:<9}  {ended}  {seen.id}"


def _event(event: Mapping[str, Any]) -> str:
    details = json.dumps(event["details"], ensure_ascii=False) if event["details"] else ""
    shown = details if len(details) <= _SHOWN else f"{details[:_SHOWN]}…"
    return f"{event['id']:>5}  {shown_time(event['time'])}  {event['type']:<22}  {event['state']}  {shown}"
