"""What names stand for: see `checks`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from tests.emulators.gcp.workflows.library.table import FUNCTIONS
from tests.emulators.gcp.workflows.retries import ALWAYS, RETRIED
from tests.emulators.gcp.workflows.steps import (
    Assign,
    Block,
    Call,
    Except,
    For,
    Parallel,
    Raise,
    Retry,
    Return,
    Routine,
    Step,
    Steps,
    Switch,
    Try,
)
from tests.emulators.gcp.workflows.syntax import Function, Member, Node, Variable
from tests.emulators.gcp.workflows.templates import Template, nodes, within

Found = Iterator[str]


@dataclass(frozen=True, slots=True)
class _Seen:
    """The variables that can be read, those that can be assigned, and those of the loops around."""

    read: frozenset[str]
    write: frozenset[str]
    loops: frozenset[str] = frozenset()

    def inner(self, own: frozenset[str], loops: frozenset[str] = frozenset()) -> _Seen:
        """Return what can be seen in a scope in this one."""
        return _Seen(self.read | own, self.write | own, self.loops | loops)


class Symbols:
    """Looks at the names of all workflows of a source."""

    def __init__(self, routines: Mapping[str, Routine]) -> None:
        self._routines = routines
        self._blocking = _blocking(routines)

    def problems(self, routine: Routine) -> Found:
        """Yield what is wrong with the names of one workflow."""
        names = frozenset({*routine.params, *_declared(routine.body)})
        yield from self._steps(routine.body, _Seen(names, names))

    def _steps(self, steps: Steps, seen: _Seen) -> Found:
        for step in steps:
            for problem in self._step(step, seen):
                yield problem if problem.startswith("error in step") else f"error in step {step.name}: {problem}"

    def _step(self, step: Step, seen: _Seen) -> Found:
        action = step.action
        if isinstance(action, Assign):
            yield from self._assign(action, seen)
        elif isinstance(action, Call):
            yield from self._call(action, seen)
        elif isinstance(action, Return | Raise):
            yield from self._template(action.value, seen)
        elif isinstance(action, Block):
            yield from self._steps(action.body, seen)
        else:
            yield from self._compound(step, seen)

    def _compound(self, step: Step, seen: _Seen) -> Found:
        action = step.action
        if isinstance(action, Switch):
            for case in action.cases:
                yield from self._template(case.condition, seen)
                yield from self._steps(case.body, seen)
        elif isinstance(action, For):
            yield from self._for(action, seen)
        elif isinstance(action, Parallel):
            yield from self._parallel(action, seen)
        elif isinstance(action, Try):
            yield from self._try(action, seen)

    def _assign(self, action: Assign, seen: _Seen) -> Found:
        for node, template in action.targets:
            yield from self._template(template, seen)
            root = _root(node)
            yield from _written(root, seen)
            for inner in within(node) if isinstance(node, Member) else ():
                yield from self._node(inner, seen)

    def _call(self, action: Call, seen: _Seen) -> Found:
        for template in action.arguments.values():
            yield from self._template(template, seen)
        if action.result:
            yield from _written(action.result, seen)
        yield from self._signature(action.function, set(action.arguments))

    def _signature(self, name: str, given: set[str]) -> Found:
        known = FUNCTIONS.get(name)
        routine = self._routines.get(name)
        if known:
            required, all_of = set(known.required), set(known.parameters)
        elif routine and name != "main":
            required, all_of = set(routine.params) - set(routine.defaults), set(routine.params)
        else:
            yield f"unknown function or sub-workflow '{name}'"
            return
        yield from (f"unknown argument '{one}' of '{name}'" for one in sorted(given - all_of))
        yield from (f"missing argument '{one}' of '{name}'" for one in sorted(required - given))

    def _template(self, template: Template, seen: _Seen) -> Found:
        for node in nodes(template):
            for inner in within(node):
                yield from self._node(inner, seen)

    def _node(self, node: Node, seen: _Seen) -> Found:
        if isinstance(node, Variable) and node.name not in seen.read:
            yield f"symbol '{node.name}' is neither a variable nor a sub-workflow name"
        if isinstance(node, Function):
            yield from self._function(node)

    def _function(self, node: Function) -> Found:
        """Look at a call in an expression, whose arguments are given in their order."""
        known, routine = FUNCTIONS.get(node.name), self._routines.get(node.name)
        params = known.parameters if known else routine.params if routine else ()
        if node.name in self._blocking:
            yield f"'{node.name}' blocks, and cannot be called in an expression"
        if len(node.arguments) > len(params) and (known or routine):
            yield f"too many arguments of '{node.name}'"
        yield from self._signature(node.name, set(params[: len(node.arguments)]))

    def _for(self, action: For, seen: _Seen, write: frozenset[str] | None = None) -> Found:
        for template in (action.over, action.range):
            if template is not None:
                yield from self._template(template, seen)
        own = frozenset(name for name in (action.value, action.index) if name)
        for name in sorted(own & seen.read):
            nested = name in seen.loops
            yield f"loop variable '{name}' is used {'in a nested loop' if nested else 'outside of the loop'}"
        inside = seen if write is None else _Seen(seen.read, write, seen.loops)
        local = frozenset(_declared(action.body)) - seen.read
        yield from self._steps(action.body, inside.inner(own | local, own))

    def _parallel(self, action: Parallel, seen: _Seen) -> Found:
        if action.limit:
            yield from self._template(action.limit, seen)
        shared = frozenset(action.shared)
        for name in sorted(shared - seen.write):
            yield f"shared variable '{name}' is not a writable variable of the parent scope"
        write = shared & seen.write
        if isinstance(action.work, For):
            yield from self._for(action.work, seen, write)
            return
        for branch in action.work:
            local = frozenset(_declared(branch.body)) - seen.read
            yield from self._steps(branch.body, _Seen(seen.read, write, seen.loops).inner(local))

    def _try(self, action: Try, seen: _Seen) -> Found:
        yield from self._steps(action.body, seen)
        if action.retry:
            yield from self._retry(action.retry, seen)
        if action.handler:
            yield from self._handler(action.handler, seen)

    def _handler(self, handler: Except, seen: _Seen) -> Found:
        local = frozenset(_declared(handler.body)) - seen.read
        yield from self._steps(handler.body, seen.inner(local | {handler.name}))

    def _retry(self, retry: Retry, seen: _Seen) -> Found:
        for template in (retry.max_retries, retry.initial_delay, retry.max_delay, retry.multiplier):
            yield from self._template(template, seen)
        if retry.predicate in RETRIED or retry.predicate == ALWAYS:
            return
        routine = self._routines.get(retry.predicate)
        if routine is None or len(routine.params) != 1:
            yield f"predicate '{retry.predicate}' is no sub-workflow of one parameter"


def _root(node: Node) -> str:
    while isinstance(node, Member):
        node = node.of
    assert isinstance(node, Variable)
    return node.name


def _written(name: str, seen: _Seen) -> Found:
    if name not in seen.write:
        yield f"variable '{name}' of the parent scope cannot be assigned here: it is not marked \"shared\""


def _declared(steps: Steps) -> Iterator[str]:
    """Yield the variables that steps assign in their own scope."""
    for step in steps:
        action = step.action
        if isinstance(action, Assign):
            yield from (node.name for node, _ in action.targets if isinstance(node, Variable))
        elif isinstance(action, Call) and action.result:
            yield action.result
        elif isinstance(action, Switch):
            for case in action.cases:
                yield from _declared(case.body)
        elif isinstance(action, Block | Try):
            yield from _declared(action.body)


def _blocking(routines: Mapping[str, Routine]) -> frozenset[str]:
    """Return the functions that block, and the workflows that call one or wait in another way."""
    found = {name for name, function in FUNCTIONS.items() if function.apply is None}
    while True:
        more = {name for name, routine in routines.items() if _waits(routine.body, found)} - found
        if not more:
            return frozenset(found)
        found |= more


def _waits(steps: Steps, blocking: set[str]) -> bool:
    from tests.emulators.gcp.workflows.steps import nested

    for step in steps:
        action = step.action
        if isinstance(action, Parallel) or (isinstance(action, Try) and action.retry):
            return True
        if isinstance(action, Call) and action.function in blocking:
            return True
        if any(_waits(inner, blocking) for inner in nested(step)):
            return True
    return False
