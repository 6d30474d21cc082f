"""What a document's names stand for: handlers' paths, and what the app declares."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Protocol, TypeVar

from isthmus.workflows.definition import Definition, State
from isthmus.workflows.resource_uris import CALLBACK, SYNC, SYNC_JSON, known_as, last_part, named, resolve, task_of
from isthmus.workflows.tasks import Pattern, Task

NAMELESS = ("http", "activity")
"""The kinds of task that call nothing declared."""


class Declared(Protocol):
    """What a name may stand for: a declared resource."""

    kind: ClassVar[str]

    @property
    def name(self) -> str:
        """Return its declared name."""
        ...


R = TypeVar("R", bound=Declared)


@dataclass(frozen=True, slots=True)
class Target:
    """What one Task state calls: `said` is what the document calls it; `fault` says why it stands for nothing."""

    state: State
    task: Task | None
    said: str = ""
    resource: Any = None
    fault: str = ""


class Names:
    """What names stand for in one workflow: `bind` as it was declared, and the app's `resources`."""

    def __init__(self, bind: Mapping[str, Any], resources: Iterable[R]) -> None:
        self._bind = bind
        self._resources: dict[str, Declared] = {}
        self._handlers: dict[str, Declared] = {}
        for resource in resources:
            self._resources[resource.name] = resource
            if resource.kind == "function":
                self._handlers.setdefault(getattr(resource, "handler", ""), resource)

    def find(self, said: str) -> Any:
        """Return the declared resource that a name stands for; None where it stands for nothing."""
        for name in dict.fromkeys((said, last_part(said))):
            bound = self._bind.get(name)
            if bound is not None:
                return self._handlers.get(bound) or self._resources.get(bound) if isinstance(bound, str) else bound
        for name in dict.fromkeys((said, last_part(said))):
            found = self._handlers.get(name) if "." in name else self._resources.get(name)
            if found is not None:
                return found
        return None

    def task(self, uri: str) -> Task:
        """Return what a `Resource` asks for; `UnmappedResourceError` says why nothing can stand for it.

        A whole resource may be bound, a service's that no app has: then what it is bound to is called instead.
        """
        return _bound(uri, self._bind) or resolve(uri)

    def task_of(self, state: State) -> Task:
        """Return what a Task state asks for."""
        uri = state.fields.get("Resource")
        return self.task(uri) if isinstance(uri, str) else task_of(state)

    @property
    def known(self) -> list[str]:
        """Return the names that would stand for something."""
        return sorted({*self._bind, *self._resources})


def handler_of(state: State, bind: Mapping[str, Any]) -> str:
    """Return the handler's path that a Task state calls, by itself or by what is bound; "" where it calls none."""
    try:
        task = Names(bind, ()).task_of(state) if state.type == "Task" else None
    except ValueError:
        return ""
    said = _said(state, task) if task else None
    if not said:
        return ""
    for name in (said, last_part(said)):
        bound = bind.get(name)
        if bound is not None:
            return bound if isinstance(bound, str) and _is_path(bound) else ""
    return said if task and task.kind == "function" and not task.integrated and _is_path(said) else ""


def targets(definition: Definition, names: Names) -> Iterator[Target]:
    """Yield what each Task of a definition calls."""
    for state in definition.states:
        if state.type == "Task":
            yield _target(state, names)


def _target(state: State, names: Names) -> Target:
    try:
        task = names.task_of(state)
    except ValueError as error:
        return Target(state, None, fault=str(error))
    if task.kind in NAMELESS:
        return Target(state, task)
    said = _said(state, task)
    if said is None:
        what = f"the name of its {task.kind} is computed: write it as it is, so that the right to use it can be given"
        return Target(state, task, fault=what)
    return _found(Target(state, task, said), task, names)


def _found(target: Target, task: Task, names: Names) -> Target:
    resource = names.find(target.said)
    if resource is None:
        what = task.kind or "function, queue, topic or workflow"
        return replace(target, fault=f"there is no {what} {target.said!r}{_hint(target.said, names)}")
    if task.kind and resource.kind != task.kind:
        return replace(target, fault=f"{target.said!r} is a {resource.kind}, where a {task.kind} is called")
    try:
        return replace(target, task=known_as(task, resource.kind), resource=resource)
    except ValueError as error:
        return replace(target, fault=str(error))


def _bound(uri: str, bind: Mapping[str, Any]) -> Task | None:
    """Return the task of a resource that is bound as a whole, with its suffix or without.

    What a service's own `.sync` waits for is what is called instead: it has ended when it answers.
    """
    if not uri.startswith("arn:"):  # a neutral name: `resolve` knows its suffixes
        return None
    pattern: Pattern = "callback" if uri.endswith(CALLBACK) else ""
    bare = uri.removesuffix(CALLBACK).removesuffix(SYNC_JSON).removesuffix(SYNC)
    name = next((name for name in (uri, bare) if name in bind), None)
    return None if name is None else Task(kind="", action="", name=name, pattern=pattern)


def _said(state: State, task: Task) -> str | None:
    arguments = state.fields.get("Arguments" if state.language == "JSONata" else "Parameters")
    return named(task, arguments)


def _hint(said: str, names: Names) -> str:
    from difflib import get_close_matches

    close = get_close_matches(last_part(said), names.known, n=1)
    if close:
        return f": did you mean {close[0]!r}?"
    return f"; declare it, or say what it stands for: app.workflow(…, bind={{{said!r}: …}})"


def _is_path(text: str) -> bool:
    return "." in text and all(part.isidentifier() for part in text.split("."))
