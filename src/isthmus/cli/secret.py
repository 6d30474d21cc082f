"""`isthmus secret`."""

from __future__ import annotations

import sys

import click

from isthmus.cli.project import Project, check_declared, with_project
from isthmus.declarations.app import App
from isthmus.declarations.settings import Secret
from isthmus.tool_ports import KeepsSecrets, SecretStore


@click.group()
def secret() -> None:
    """Set, list and remove the values of secrets. A value is never shown, and never an argument.

    \b
    Examples:
      isthmus secret set WebhookKey              asks for the value
      isthmus secret set WebhookKey < key.txt    takes the file's text, as it is
      isthmus secret list
    """


@secret.command("set")
@click.argument("name")
@with_project
def set_(project: Project, name: str) -> None:
    """Set the value of the secret NAME: asked for, or read from standard input as it is."""
    app = project.app()
    check_declared(app, Secret, name)
    store = _store(project, app)
    value = _value()
    if not value:
        raise click.ClickException(f"the value of {name} is empty, so nothing was set")
    version = store.set(name, value)
    click.echo(f"{name} is set in stage {project.target.stage} (version {version}).")


@secret.command("list")
@with_project
def list_(project: Project) -> None:
    """List the secrets: which have a value, and which still need one."""
    app = project.app()
    present = {info.name: info.version for info in _store(project, app).list()}
    declared = _names(app)
    provider, stage = project.target.provider, project.target.stage
    where = "" if (provider, stage) == ("local", "dev") else f" --target {provider}-{stage}"
    for name in sorted({*present, *declared}):
        state = f"set (version {present[name]})" if name in present else f"not set: isthmus secret set {name}{where}"
        click.echo(f"{name}: {state}{'' if name in declared else ', no longer declared'}")


@secret.command("remove")
@click.argument("name")
@with_project
def remove(project: Project, name: str) -> None:
    """Forget the value of the secret NAME."""
    if not _store(project, project.app()).remove(name):
        raise click.ClickException(f"{name} has no value in stage {project.target.stage}")
    click.echo(f"{name} is removed from stage {project.target.stage}.")


def _names(app: App) -> list[str]:
    return [resource.name for resource in app.resources if isinstance(resource, Secret)]


def _store(project: Project, app: App) -> SecretStore:
    provider = project.provider
    if not isinstance(provider, KeepsSecrets):
        raise click.ClickException(f"the secrets of provider {provider.name!r} cannot be managed from here")
    return provider.secrets(app.name, project.target)


def _value() -> str:
    """Return the value, which is never an argument: arguments are for every process of the machine to see."""
    if sys.stdin.isatty():
        return str(click.prompt("value", hide_input=True, confirmation_prompt=True))
    try:
        return sys.stdin.buffer.read().decode()
    except UnicodeDecodeError as error:
        raise click.ClickException("the value on standard input is not UTF-8") from error
