"""The commands that act on an app that runs: `isthmus invoke`, `send`, `publish`, `tick`, `replay`, `dead-letters`."""

from __future__ import annotations

import json
import re
import sys
import time
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import click

from isthmus.cli.project import Project, check_declared, with_project
from isthmus.dead_letters import ATTEMPTS, ID, REASON, SOURCE
from isthmus.declarations.function import Function
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.schedule import Schedule
from isthmus.declarations.stream import Stream
from isthmus.declarations.topic import Topic
from isthmus.message import Message
from isthmus.tool_ports import ReachesApps, RunningApp

F = TypeVar("F", bound=Callable[..., Any])

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
_DURATION = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)([smhd])")


class Moment(click.ParamType[float]):
    """A time on the command line, as epoch seconds: `2h` ago, or `2026-01-31T12:00`, in this machine's zone."""

    name = "moment"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the epoch second that `value` names."""
        if isinstance(value, float):
            return value
        duration = _DURATION.fullmatch(str(value))
        if duration:
            return time.time() - float(duration[1]) * _SECONDS[duration[2]]
        try:
            return datetime.fromisoformat(str(value)).timestamp()
        except (ValueError, OverflowError, OSError):
            self.fail(f"{value!r} reads like 90s, 30m, 2h, 7d, or 2026-01-31T12:00:00Z", param, ctx)


def _attributes(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for name, equals, _ in pairs:
        if not name or not equals:
            raise click.BadParameter(f"{name!r} reads like NAME=VALUE, such as type=order.placed")
    return {name: value for name, _, value in pairs}


def _with_attributes(command: F) -> F:
    return click.option(
        "--attribute",
        "attributes",
        multiple=True,
        metavar="NAME=VALUE",
        callback=_attributes,
        help="An attribute of the message; may be given several times.",
    )(command)


@click.command()
@click.argument("function")
@click.option("--json", "payload", default="null", metavar="PAYLOAD", help="The payload; - reads standard input.")
@with_project
def invoke(project: Project, function: str, payload: str) -> None:
    """Call FUNCTION of the running app, and print its result as JSON.

    \b
    Examples:
      isthmus invoke Resize --json '{"key": "cat.png"}'
      isthmus invoke Resize --json - < payload.json
    """
    value = read_json(payload, "--json", "payload")
    result = running_app(project, Function, function).invoke(function, value)
    click.echo(json.dumps(result, indent=2, ensure_ascii=False))


@click.command()
@click.argument("queue")
@click.argument("body")
@_with_attributes
@click.option("--group", metavar="GROUP", help="What stays in order, for a FIFO queue.")
@with_project
def send(project: Project, queue: str, body: str, attributes: dict[str, str], group: str | None) -> None:
    """Send BODY to QUEUE of the running app: as JSON where it is JSON, as text otherwise; - reads standard input.

    \b
    Examples:
      isthmus send Work '{"order": "2026-1"}' --attribute urgent=yes
    """
    running = running_app(project, Queue, queue)
    click.echo(running.send(queue, _content(body), attributes=attributes, group=group))


@click.command()
@click.argument("topic")
@click.argument("body")
@_with_attributes
@with_project
def publish(project: Project, topic: str, body: str, attributes: dict[str, str]) -> None:
    """Publish BODY on TOPIC of the running app: as JSON where it is JSON, as text otherwise; - reads standard input.

    An attribute that is a number is one to the filters.

    \b
    Examples:
      isthmus publish Events '{"id": "2026-1"}' --attribute type=order.placed
    """
    typed = {name: _number(value) for name, value in attributes.items()}
    click.echo(running_app(project, Topic, topic).publish(topic, _content(body), attributes=typed))


@click.command()
@click.argument("schedule")
@with_project
def tick(project: Project, schedule: str) -> None:
    """Let SCHEDULE of the running app fire now.

    \b
    Examples:
      isthmus tick Nightly
    """
    running_app(project, Schedule, schedule).tick(schedule)
    click.echo(f"{schedule} has fired.")


@click.command()
@click.argument("stream")
@click.argument("function")
@click.option("--since", type=Moment(), required=True, metavar="TIME|DURATION", help="From when on, or how long ago.")
@with_project
def replay(project: Project, stream: str, function: str, since: float) -> None:
    """Deliver the kept records of STREAM to FUNCTION again. A time without a zone is this machine's.

    \b
    Examples:
      isthmus replay Analytics AnalyticsCollect --since 2h
      isthmus replay Analytics AnalyticsCollect --since 2026-01-31T12:00:00Z
    """
    running_app(project, Stream, stream).replay(stream, function, since=since)
    click.echo(f"{stream} is delivered to {function} again, from {shown_time(since)} on.")


@click.command("dead-letters")
@click.argument("source")
@click.option("--json", "as_json", is_flag=True, help="Print all of each as JSON.")
@with_project
def dead_letters(project: Project, source: str, *, as_json: bool) -> None:
    """Show what could not be handled of SOURCE: a queue, topic, table, stream, bucket, schedule or function.

    \b
    Examples:
      isthmus dead-letters Work
      isthmus dead-letters Work --json
    """
    letters = running_app(project, Resource, source).dead_letters(source)
    if as_json:
        click.echo(json.dumps([_whole(letter) for letter in letters], indent=2, ensure_ascii=False))
        return
    for letter in letters:
        click.echo(_line(letter))
    click.echo(f"{len(letters)} dead letters of {source}." if len(letters) != 1 else f"1 dead letter of {source}.")


def running_app(project: Project, kind: type[Resource], name: str) -> RunningApp:
    """Return the running app, once it is known that it declares `name`."""
    app = project.app()
    check_declared(app, kind, name)
    provider = project.provider
    if not isinstance(provider, ReachesApps):
        raise click.ClickException(f"an app that runs on provider {provider.name!r} cannot be reached from here")
    return provider.running(app, project.target)


def read_text(text: str) -> str:
    """Return `text`, or what standard input holds where that is `-`."""
    if text != "-":
        return text
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise click.ClickException("standard input is not UTF-8") from error


def read_json(given: str, option: str, what: str) -> Any:
    """Return the JSON that an option gives, or standard input where it is `-`; `what` is what it should be."""
    text = read_text(given)
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"the {what} is not JSON: {error}", param_hint=option) from error


def _content(body: str) -> Any:
    text = read_text(body)
    try:
        return json.loads(text)
    except ValueError:
        return text


def _number(text: str) -> str | int | float:
    return (
        int(text) if re.fullmatch(r"-?\d{1,15}", text) else float(text) if re.fullmatch(r"-?\d+\.\d+", text) else text
    )


def _line(letter: Message) -> str:
    attempts, reason = letter.attributes.get(ATTEMPTS, "?"), letter.attributes.get(REASON, "")
    body = letter.body[:200].decode(errors="replace")
    return f"{shown_time(letter.sent_at)}  tried {attempts} times  {reason}\n  {body}"


def _whole(letter: Message) -> dict[str, Any]:
    try:
        body: Any = {"body": letter.body.decode()}
    except UnicodeDecodeError:
        body = {"bodyBase64": b64encode(letter.body).decode()}
    told = {name: letter.attributes.get(name, "") for name in (SOURCE, ID, ATTEMPTS, REASON)}
    return {
        "id": told[ID] or letter.id,
        "source": told[SOURCE] or letter.source,
        "attempts": int(told[ATTEMPTS] or 0),
        "reason": told[REASON],
        "at": letter.sent_at,
        "group": letter.group,
        "attributes": {name: value for name, value in letter.attributes.items() if name not in told},
        **body,
    }


def shown_time(seconds: float) -> str:
    """Return a time in this machine's zone."""
    return datetime.fromtimestamp(seconds).astimezone().isoformat(sep=" ", timespec="seconds")
