"""`isthmus workflow run`: an execution in this process, in virtual time, with its history as it goes."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from isthmus.cli.definitions import Definitions, with_definitions
from isthmus.cli.printable import printable
from isthmus.declarations.app import App
from isthmus.declarations.function import Function
from isthmus.errors import InvalidValueError, InvocationFailedError
from isthmus.ports import Testbed
from isthmus.providers import find
from isthmus.shapes import shown
from isthmus.wiring import workflow_targets, workflows
from isthmus.workflows.frames import Call, HistoryEvent
from isthmus.workflows.interpreter.mocks import Mocks
from isthmus.workflows.interpreter.runner import Outcome, Work
from isthmus.workflows.interpreter.runner import run as execute
from isthmus.workflows.states_error import StatesError

_WIDTH = 120


@click.command()
@click.argument("name", metavar="FILE|NAME")
@click.option("--input", "given", default="{}", show_default=True, help="The input, as JSON; - reads standard input.")
@click.option("--mock", type=click.Path(dir_okay=False, path_type=Path), help="A file of what tasks come to.")
@with_definitions
def run(definitions: Definitions, *, name: str, given: str, mock: Path | None) -> None:
    """Run a definition in this process, and print its history: a file of JSON, or a workflow that the app declares.

    Waits cost no time. A task comes to what --mock says for its state: {"State": {"result": …}}, with "seconds" for how
    long it takes; {"error": …, "cause": …}; or a list of these, one for each attempt. A declared workflow's functions
    are called where there is no mock of them. Exits with 1 where the execution does not succeed.

    \b
    Examples:
      isthmus workflow run ProcessOrder --input '{"id": "2026-1"}'
      isthmus workflow run process_order.asl.json --input - --mock answers.json < order.json
    """
    definition = definitions.definition(name)
    mocks = Mocks({} if mock is None else _json(_content(definitions.start / mock, mock), "--mock"))
    input = _json(sys.stdin.read() if given == "-" else given, "--input")
    app = definitions.app if definitions.is_declared(name) else None
    with _work(app, name, mocks) as work:
        outcome = execute(definition, input, work, workflow=Path(name).name, watch=_Printer())
    _tell(outcome)


class _Printer:
    """Prints each event, with the seconds since the first one."""

    def __init__(self) -> None:
        self._started: float | None = None

    def __call__(self, event: HistoryEvent) -> None:
        if self._started is None:
            self._started = event.time
        details = json.dumps(dict(event.details), ensure_ascii=False, default=str)
        line = f"{event.time - self._started:9.3f}s  {event.type:<24} {event.state}  {details}"
        click.echo(printable(line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…"))


@contextmanager
def _work(app: App | None, name: str, mocks: Mocks) -> Generator[Work]:
    """Give what does the work of tasks: the mocks, and the functions of a declared workflow, where it has any."""
    functions = {} if app is None else _functions(app, name, mocks)
    if app is None or not functions:
        yield mocks
        return
    declared = app
    testbed: Testbed = find("local").testbed(lambda target: declared)
    try:
        yield _Functions(testbed, functions, mocks)
    finally:
        testbed.close()


def _functions(app: App, name: str, mocks: Mocks) -> dict[str, Function]:
    """Return the functions that tasks of a workflow call plainly, by the pointers of their states."""
    workflow = next(one for one in workflows(app) if one.name == name)
    return {
        target.state.pointer: target.resource
        for target in workflow_targets(workflow)
        if isinstance(target.resource, Function)
        and target.task is not None
        and not (target.task.integrated or target.task.pattern or target.state.name in mocks)
    }


class _Functions:
    """Calls the functions of an app that runs in this process; what has a mock, or is no function, is the mocks'."""

    def __init__(self, testbed: Testbed, functions: Mapping[str, Function], mocks: Mocks) -> None:
        self._testbed = testbed
        self._functions = functions
        self._mocks = mocks

    def __call__(self, call: Call) -> Any:
        function = self._functions.get(call.pointer)
        if function is None:
            return self._mocks(call)
        try:
            return self._testbed.resource(function.name).invoke(call.arguments)
        except InvocationFailedError as error:
            cause = {"errorMessage": error.message, "errorType": error.type}
            raise StatesError(error.type, json.dumps(cause, ensure_ascii=False)) from error


def _tell(outcome: Outcome) -> None:
    click.echo(f"{outcome.status} after {outcome.seconds:g} s")
    if outcome.status == "SUCCEEDED":
        click.echo(json.dumps(outcome.output, indent=2))
        return
    if outcome.status == "RUNNING":
        raise click.ClickException("a task never comes to anything, and nothing limits its time")
    reason = ": ".join(part for part in (outcome.error, outcome.cause) if part)
    raise click.ClickException(printable(reason or "it says no error"))


def _json(text: str, option: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"{shown(text)} is no JSON: {error}", param_hint=option) from error


def _content(file: Path, name: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InvalidValueError(f"{str(name)!r} cannot be read: {error}") from error
