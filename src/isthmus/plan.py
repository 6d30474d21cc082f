"""What an app comes to on a target: every problem at once, and who each function is."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from isthmus.checks import (
    capabilities,
    environment,
    handlers,
    links,
    names,
    options,
    routes,
    schedules,
    settings,
    subscriptions,
    tables,
    timeouts,
    workflows,
)
from isthmus.checks.draft import Draft
from isthmus.declarations.app import App
from isthmus.declarations.function import Function
from isthmus.declarations.problem import Problem
from isthmus.declarations.resource import Resource
from isthmus.declarations.target import Target
from isthmus.errors import IsthmusError
from isthmus.identities import identify
from isthmus.links import VARIABLE, Identity, encode
from isthmus.manifest import manifest
from isthmus.ports import Provider
from isthmus.providers import find
from isthmus.transforms import transformed
from isthmus.wiring import functions, used_resources

Check: TypeAlias = Callable[[Draft], Iterator[Problem]]
"""Looks at the whole app for one subject and yields what it finds; it may trust the type of a `sound` value alone."""

CHECKS: tuple[Check, ...] = (
    options.check,
    names.check,
    links.check,
    routes.check,
    handlers.check,
    timeouts.check,
    subscriptions.check,
    schedules.check,
    tables.check,
    workflows.check,
    settings.check,
    environment.check,
    capabilities.check,
)
"""What must not be: an app with any of these problems does not run."""

NOTES: tuple[Check, ...] = (timeouts.notes, subscriptions.notes, tables.notes, capabilities.notes)
"""What is worth knowing."""


class PlanError(IsthmusError, ValueError):
    """The app cannot run as it is declared: `problems` holds everything there is to mend."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        count = "1 problem" if len(problems) == 1 else f"{len(problems)} problems"
        super().__init__("\n".join([f"{count} in the declaration:", *(f"  {problem}" for problem in problems)]))
        self.problems = tuple(problems)


class Plan:
    """An app on a target: `problems` to mend, `notes` worth knowing, and the `identities` of its functions by name.

    A function whose declaration makes no sense has no identity; there is a problem, then, that says why.
    """

    def __init__(
        self,
        *,
        app: App,
        target: Target,
        provider: Provider,
        problems: Sequence[Problem] = (),
        notes: Sequence[Problem] = (),
        identities: Mapping[str, Identity],
    ) -> None:
        self.app = app
        self.target = target
        self.provider = provider
        self.problems = tuple(problems)
        self.notes = tuple(notes)
        self.identities = identities

    @property
    def resources(self) -> list[Resource]:
        """What is to be made, in the order of the declaration: without dead-letter queues that nothing can fill."""
        return used_resources(self.app)

    @property
    def functions(self) -> list[Function]:
        """The functions, in the order of the declaration."""
        return functions(self.app)

    def environment(self, function: str | Function) -> dict[str, str]:
        """Return the environment variables of a function: its identity, and those it declares."""
        name = function if isinstance(function, str) else function.name
        declared = next(candidate for candidate in self.functions if candidate.name == name)
        return {VARIABLE: encode(self.identities[name]), **declared.environment}

    def arguments(self, resource: Resource, arguments: Mapping[str, Any], known: Iterable[str]) -> dict[str, Any]:
        """Return a component's arguments after the app's transform of that kind, and then the resource's own.

        `known` are all that the component takes; `TransformError` for any other.
        """
        what, known = f"{resource.kind} {resource.name!r}", tuple(known)
        changed = transformed(what, arguments, self.app.transform.get(resource.kind), known)
        return transformed(what, changed, resource.transform, known)

    def check(self) -> None:
        """Raise `PlanError` with every problem, where there is any."""
        if self.problems:
            raise PlanError(self.problems)

    def manifest(self) -> dict[str, Any]:
        """Return the plan as JSON can hold it: what `isthmus plan --json` prints."""
        return {
            **manifest(self.app, self.target, self.resources, self.identities),
            "problems": [{"where": problem.where, "what": problem.what} for problem in self.problems],
            "notes": [{"where": note.where, "what": note.what} for note in self.notes],
        }


def plan(app: App, target: Target, provider: Provider | None = None) -> Plan:
    """Check everything of `app` on `target` that can be known beforehand, and return the plan with all problems in it.

    Pure but for importing the handlers' modules. `UnknownProviderError` where the target's provider is not installed.
    """
    provider = provider or find(target.provider)
    draft = Draft(app, target, provider)
    identities: dict[str, Identity] = {}
    made = _guarded(_identities(draft, identities), "identities")
    problems = [*app.problems, *_found((*CHECKS, *provider.checks), draft), *made]
    return Plan(
        app=app,
        target=target,
        provider=provider,
        problems=in_order(problems),
        notes=in_order(_found((*NOTES, *provider.notes), draft)),
        identities=identities,
    )


def in_order(problems: Sequence[Problem]) -> list[Problem]:
    """Return the problems by file and line, each once."""
    return sorted(set(problems), key=lambda problem: (*_place(problem.where), problem.what))


def _place(where: str) -> tuple[str, int]:
    path, _, line = where.rpartition(":")
    return (path, int(line)) if line.isdecimal() else (where, 0)


def _found(checks: Sequence[Check], draft: Draft) -> list[Problem]:
    return [problem for check in checks for problem in _guarded(check(draft), check.__module__)]


def _guarded(found: Iterator[Problem], subject: str) -> Iterator[Problem]:
    """Yield what a check finds; should the check itself break on a value that nobody foresaw, that is a problem too."""
    try:
        yield from found
    except Exception as error:
        yield Problem("", f"{subject.rpartition('.')[2]} cannot be checked: {type(error).__name__}: {error}")


def _identities(draft: Draft, identities: dict[str, Identity]) -> Iterator[Problem]:
    """Fill `identities`, made of sound values, and yield a problem for each that is too large."""
    for function in draft.functions:
        identity = identify(draft, function)
        identities[identity.function] = identity
        yield from environment.check_size(draft, draft.sound(function), identity)
