"""What steps do.

https://cloud.google.com/workflows/docs/reference/syntax
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tests.emulators.gcp.workflows import evaluation
from tests.emulators.gcp.workflows.execution import Execution
from tests.emulators.gcp.workflows.failures import Raised, failure, undocumented
from tests.emulators.gcp.workflows.library.function import numeric
from tests.emulators.gcp.workflows.library.table import FUNCTIONS
from tests.emulators.gcp.workflows.loop import at_once, turn
from tests.emulators.gcp.workflows.operators import truth
from tests.emulators.gcp.workflows.retries import ALWAYS, RETRIED, matches
from tests.emulators.gcp.workflows.scopes import Scope
from tests.emulators.gcp.workflows.signals import Give, Go, Signal
from tests.emulators.gcp.workflows.steps import (
    Assign,
    Block,
    Call,
    Except,
    For,
    Jump,
    Parallel,
    Raise,
    Retry,
    Return,
    Step,
    Steps,
    Switch,
    Try,
)
from tests.emulators.gcp.workflows.templates import Template
from tests.emulators.gcp.workflows.values import encoded, is_list, kind

CALLS = 20
"""How deep calls may be: https://cloud.google.com/workflows/quotas#resource_limits."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Where steps run: a routine, the variables that can be seen, and how deep in calls and in parallel steps."""

    execution: Execution
    routine: str
    scope: Scope
    calls: int = 1
    parallel: int = 0

    def variable(self, name: str) -> Any:
        """Return a variable."""
        return self.scope.get(name)

    def function(self, name: str, arguments: Sequence[Any]) -> Any:
        """Call a function, or a subworkflow that blocks nowhere, in an expression."""
        known = FUNCTIONS.get(name)
        if known is None:
            params = self.execution.routines[name].params
            return at_once(called(self, name, dict(zip(params, arguments, strict=False))))
        if known.apply is None:
            raise undocumented(f"{name} in an expression")
        return known.apply(self.execution, **known.complete(known.named(arguments)))

    def value(self, of: Template) -> Any:
        """Return a value of the source with its expressions evaluated."""
        return evaluation.value(of, self)


async def called(frame: Frame, name: str, arguments: Mapping[str, Any]) -> Any:
    """Call the main workflow or a subworkflow, and return what it returns."""
    routine = frame.execution.routines[name]
    if frame.calls > CALLS:
        raise failure("RecursionError", f"maximum call stack depth exceeded: {CALLS}")
    scope = Scope(frame.execution.memory)
    try:
        for param in routine.params:
            scope.own(param, arguments[param] if param in arguments else routine.defaults[param])
        signal = await run(routine.body, replace(frame, routine=name, scope=scope))
    finally:
        scope.close()
    return signal.value if isinstance(signal, Give) else None


async def run(steps: Steps, frame: Frame) -> Signal | None:
    """Run a list of steps; a jump to none of them is left to the list around it."""
    places = {step.name: place for place, step in enumerate(steps)}
    place = 0
    while place < len(steps):
        step = steps[place]
        signal = await _step(step, frame)
        if signal is None and step.next:
            signal = Go(step.next)
        if isinstance(signal, Go) and signal.target in places:
            place = places[signal.target]
        elif signal is not None:
            return signal
        else:
            place += 1
    return None


async def _step(step: Step, frame: Frame) -> Signal | None:
    execution = frame.execution
    if not execution.loop.alone:
        await turn()
    try:
        if not step.inline:
            execution.step(step.name)
        return await _ACTIONS[type(step.action)](step.action, frame)
    except Raised as error:
        error.passed(step.name, frame.routine, step.line)
        raise


async def _assign(action: Assign, frame: Frame) -> None:
    for node, template in action.targets:
        name, path = evaluation.target(node, frame)
        frame.scope.set(name, frame.value(template), path)


async def _call(action: Call, frame: Frame) -> None:
    arguments = {name: frame.value(template) for name, template in action.arguments.items()}
    known = FUNCTIONS.get(action.function)
    if known is None:
        result = await called(replace(frame, calls=frame.calls + 1), action.function, arguments)
    elif known.apply is None:
        result = await frame.execution.blocking(action.function, known.complete(arguments))
    else:
        result = known.apply(frame.execution, **known.complete(arguments))
    if action.result:
        frame.scope.set(action.result, result)


async def _switch(action: Switch, frame: Frame) -> Signal | None:
    for case in action.cases:
        if truth(frame.value(case.condition), "condition"):
            signal = await run(case.body, frame)
            return Go(case.next) if signal is None and case.next else signal
    return None


async def _for(action: For, frame: Frame) -> Signal | None:
    for values in iterations(action, frame):
        scope = frame.scope.inner(values)
        try:
            signal = await run(action.body, replace(frame, scope=scope))
        finally:
            scope.close()
        if signal == Go("break"):
            return None
        if signal is not None and signal != Go("continue"):
            return signal
    return None


def iterations(action: For, frame: Frame) -> Iterator[dict[str, Any]]:
    """Yield the variables of each iteration of a loop.

    https://cloud.google.com/workflows/docs/reference/syntax/iteration
    """
    if action.range is not None:
        return ({action.value: one} for one in _range(frame.value(action.range)))
    assert action.over is not None
    items = frame.value(action.over)
    if not is_list(items):
        raise failure("TypeError", f"'in' takes a list; got: {kind(items)}")
    index = [action.index] if action.index else []
    return ({action.value: item, **dict.fromkeys(index, place)} for place, item in enumerate(items))


def _range(bounds: Any) -> Iterator[Any]:
    """Yield the numbers of a range, both ends among them; none where the end is before the beginning."""
    if not is_list(bounds) or len(bounds) != 2:
        raise failure("TypeError", "'range' takes a list of two numbers")
    first, last = (numeric("range", bound) for bound in bounds)
    while first <= last:
        yield first
        first += 1


async def _try(action: Try, frame: Frame) -> Signal | None:
    try:
        return await _retried(action, frame)
    except Raised as error:
        if action.handler is None:
            raise
        return await _handled(action.handler, error, frame)


async def _retried(action: Try, frame: Frame) -> Signal | None:
    if action.retry is None:
        return await run(action.body, frame)
    policy = Policy(action.retry, frame)
    while True:
        try:
            return await run(action.body, frame)
        except Raised as error:
            if not await policy.again(error.value):
                raise
        await frame.execution.sleep(policy.delay())


class Policy:
    """A retry policy while its try runs."""

    def __init__(self, retry: Retry, frame: Frame) -> None:
        self._frame = frame
        self._predicate = retry.predicate
        self._left = numeric("max_retries", frame.value(retry.max_retries))
        self._delay = numeric("initial_delay", frame.value(retry.initial_delay))
        self._most = numeric("max_delay", frame.value(retry.max_delay))
        self._multiplier = numeric("multiplier", frame.value(retry.multiplier))

    async def again(self, error: Any) -> bool:
        """Whether an error is retried once more."""
        if self._left < 1 or not await self._matches(error):
            return False
        self._left -= 1
        return True

    def delay(self) -> float:
        """Return the wait before the next attempt."""
        delay = min(self._delay, self._most)
        self._delay = delay * self._multiplier
        return delay

    async def _matches(self, error: Any) -> bool:
        if self._predicate in RETRIED or self._predicate == ALWAYS:
            return matches(self._predicate, error)
        frame = replace(self._frame, calls=self._frame.calls + 1)
        param = frame.execution.routines[self._predicate].params[0]
        return truth(await called(frame, self._predicate, {param: error}), "predicate")


async def _handled(handler: Except, error: Raised, frame: Frame) -> Signal | None:
    scope = frame.scope.inner({handler.name: error.value})
    try:
        return await run(handler.body, replace(frame, scope=scope))
    finally:
        scope.close()


async def _raise(action: Raise, frame: Frame) -> None:
    value = frame.value(action.value)
    if not isinstance(value, str | dict):
        raise failure("TypeError", f"'raise' takes a string or a map; got: {kind(value)}")
    raise Raised(value, headline=f"RuntimeError: {encoded(value)}")


async def _return(action: Return, frame: Frame) -> Signal:
    return Give(frame.value(action.value))


async def _block(action: Block, frame: Frame) -> Signal | None:
    return await run(action.body, frame)


async def _jump(_action: Jump, _frame: Frame) -> None:
    """Do nothing: `next` of the step counts."""


async def _parallel(action: Parallel, frame: Frame) -> None:
    from tests.emulators.gcp.workflows.parallel import parallel

    await parallel(action, frame)


_ACTIONS: Mapping[type[Any], Callable[[Any, Frame], Awaitable[Signal | None]]] = {
    Assign: _assign,
    Call: _call,
    Switch: _switch,
    For: _for,
    Parallel: _parallel,
    Try: _try,
    Raise: _raise,
    Return: _return,
    Block: _block,
    Jump: _jump,
}
