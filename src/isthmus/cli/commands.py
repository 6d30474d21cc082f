"""The commands, each in a module of its own that is imported only when it runs."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from importlib.metadata import version
from typing import NamedTuple

import click

from isthmus.errors import IsthmusError


class Entry(NamedTuple):
    """Where a command is ("module:name"), and what it is for, in one line."""

    path: str
    help: str


COMMANDS: Mapping[str, Entry] = {
    "dev": Entry("isthmus.cli.dev:dev", "Run the whole app on this machine, reloading on changes."),
    "plan": Entry("isthmus.cli.plan:plan", "Check the declaration, and tell every problem at once."),
    "bundle": Entry("isthmus.cli.bundle:bundle", "Build and prove each function's bundle, and show what is in it."),
    "providers": Entry("isthmus.cli.providers:providers", "Show what each provider does with every kind and option."),
    "workflow": Entry("isthmus.cli.workflow:workflow", "Check, draw and run workflows."),
    "types": Entry("isthmus.cli.types:types", "Write the module that tells type checkers about each link."),
    "secret": Entry("isthmus.cli.secret:secret", "Set, list and remove the values of secrets."),
    "invoke": Entry("isthmus.cli.running:invoke", "Call a function of the running app."),
    "send": Entry("isthmus.cli.running:send", "Send a message to a queue of the running app."),
    "publish": Entry("isthmus.cli.running:publish", "Publish a message on a topic of the running app."),
    "tick": Entry("isthmus.cli.running:tick", "Let a schedule of the running app fire now."),
    "replay": Entry("isthmus.cli.running:replay", "Deliver a stream's kept records to a function again."),
    "dead-letters": Entry("isthmus.cli.running:dead_letters", "Show what could not be handled."),
}


class LazyGroup(click.Group):
    """A group that imports a command only when it runs, so that `isthmus --help` is quick."""

    entries: Mapping[str, Entry] = COMMANDS

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands, in the order in which one needs them."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command of that name; None where there is none."""
        entry = self.entries.get(cmd_name)
        if entry is None:
            return None
        module, _, name = entry.path.partition(":")
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is meant; a mistyped one is told with the nearest."""
        if args[0] not in self.entries and not args[0].startswith("-"):
            from isthmus.declarations.options import did_you_mean

            ctx.fail(f"there is no command {args[0]!r}: {did_you_mean(args[0], self.entries)}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.help) for name, entry in self.entries.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; an error of Isthmus's own is one line that says what to do, not a traceback."""
        try:
            return super().invoke(ctx)
        except IsthmusError as error:
            raise click.ClickException(str(error)) from error


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(version("isthmus"), prog_name="isthmus")
def cli() -> None:
    """Write a serverless app once; run it on a laptop and in the clouds.

    \b
    Examples:
      isthmus dev                                   run the app of infra/app.py here
      isthmus plan --target local-dev               what it comes to, and what is wrong with it
      isthmus types                                 write functions/resources.py
      echo -n "$KEY" | isthmus secret set WebhookKey
    """
