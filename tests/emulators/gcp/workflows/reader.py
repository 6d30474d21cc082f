"""The form of steps.

A step has one action, what belongs to it, and perhaps `next`; anything else is `unexpected entry`.
https://cloud.google.com/workflows/docs/reference/syntax/steps
https://cloud.google.com/workflows/docs/reference/syntax/syntax-search
https://github.com/GoogleCloudPlatform/workflows-samples/blob/main/jsonschema/workflows.json
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.emulators.gcp.workflows.grammar import parsed
from tests.emulators.gcp.workflows.lexer import WORDS, ExpressionError
from tests.emulators.gcp.workflows.retries import retry
from tests.emulators.gcp.workflows.steps import (
    Action,
    Assign,
    Block,
    Branch,
    Call,
    Case,
    Except,
    For,
    Jump,
    Parallel,
    Raise,
    Return,
    Step,
    Steps,
    Switch,
    Try,
)
from tests.emulators.gcp.workflows.syntax import Member, Node, Variable
from tests.emulators.gcp.workflows.templates import Template, template
from tests.emulators.gcp.workflows.values import is_list, is_map

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""A variable's name: https://cloud.google.com/workflows/docs/reference/syntax/variables#variable_names."""

MOST = 50
"""Assignments of a step, and conditions of a switch: https://cloud.google.com/workflows/quotas#resource_limits."""

BRANCHES = 10
RESERVED = frozenset({"end", "break", "continue"})
Given = Mapping[str, Any]


class RefusedStepError(ValueError):
    """What is wrong with the form of a step."""


class Reader:
    """Reads the steps of one workflow, and notes what is wrong with them."""

    def __init__(self, routine: str, problems: list[str]) -> None:
        self._routine = routine
        self._problems = problems

    def steps(self, given: Any) -> Steps:
        """Read a list of steps."""
        if not is_list(given) or not given:
            self._problem("", "steps are a list of at least one step")
            return ()
        return tuple(step for one in given if (step := self._step(one)))

    def _problem(self, step: str, what: str) -> None:
        place = f", step '{step}'" if step else ""
        self._problems.append(f"parse error: in workflow '{self._routine}'{place}: {what}")

    def _step(self, given: Any) -> Step | None:
        if not is_map(given) or len(given) != 1:
            self._problem("", f"a step is a map of its name, not {str(given)[:60]!r}")
            return None
        name, body = next(iter(given.items()))
        if not name or name in RESERVED:
            self._problem(name, "step name should not be empty" if not name else "the name is reserved")
        line = getattr(given, "line", 0)
        try:
            return self._read(name, _map(body, "a step"), line)
        except (RefusedStepError, ExpressionError) as error:
            self._problem(name, str(error))
            return None

    def _read(self, name: str, body: Given, line: int) -> Step:
        last = "return" in body or "raise" in body
        action = self._action(name, body, () if last else ("next",))
        return Step(name, action, _next(body), line)

    def _action(self, name: str, body: Given, more: tuple[str, ...]) -> Action:
        actions = [key for key in body if key in _ACTIONS]
        if len(actions) > 1:
            raise RefusedStepError(f"more than one action: {', '.join(actions)}")
        if not actions and "next" not in body:
            raise RefusedStepError(f"no action known in {list(body)}")
        if not actions:
            _only(body, more)
            return Jump()
        extras, read = _ACTIONS[actions[0]]
        _only(body, (*actions, *extras, *more))
        return read(self, name, body)

    def assign(self, _name: str, body: Given) -> Action:
        """Read the targets of an assignment and their values."""
        given = body["assign"]
        if not is_list(given) or not 1 <= len(given) <= MOST:
            raise RefusedStepError(f"'assign' is a list of 1 to {MOST} assignments")
        targets: list[tuple[Node, Template]] = []
        for one in given:
            if not is_map(one) or len(one) != 1:
                raise RefusedStepError("an assignment is a map of one variable and its value")
            key, value = next(iter(one.items()))
            targets.append((_target(key), template(value)))
        return Assign(tuple(targets))

    def call(self, _name: str, body: Given) -> Action:
        """Read a call; its arguments are a map."""
        function, result = body["call"], body.get("result")
        if not isinstance(function, str):
            raise RefusedStepError("'call' is the name of a function")
        if result is not None:
            _variable(result)
        arguments = _map(body.get("args", {}), "'args'")
        return Call(function, {key: template(value) for key, value in arguments.items()}, result)

    def switch(self, name: str, body: Given) -> Action:
        """Read the conditions of a switch."""
        given = body["switch"]
        if not is_list(given) or not 1 <= len(given) <= MOST:
            raise RefusedStepError(f"'switch' is a list of 1 to {MOST} conditions")
        return Switch(tuple(self._case(name, _map(one, "a condition")) for one in given))

    def _case(self, name: str, body: Given) -> Case:
        if "condition" not in body:
            raise RefusedStepError("'condition' is required")
        rest = {key: value for key, value in body.items() if key != "condition"}
        if not rest:
            raise RefusedStepError("nothing is done where the condition holds")
        if set(rest) & {"for", "parallel", "try", "switch"}:
            raise RefusedStepError("a condition takes steps, assign, call, return, raise or next")
        steps = self._inline(name, rest, getattr(body, "line", 0), ("next",))
        return Case(template(body["condition"]), steps, _next(rest))

    def _inline(self, name: str, body: Given, line: int, more: tuple[str, ...] = ()) -> Steps:
        """Read an action that stands in another step: either `steps`, or a step without a name of its own."""
        if "steps" in body:
            _only(body, ("steps", *more))
            return self.steps(body["steps"])
        action = self._action(name, body, more)
        return () if isinstance(action, Jump) else (Step(name, action, None, line, inline=True),)

    def loop(self, name: str, body: Given) -> Action:
        """Read a loop: over a list (`in`) or from one number to another (`range`)."""
        given = _map(body["for"], "'for'")
        _only(given, ("value", "index", "in", "range", "steps"))
        if "value" not in given or ("in" in given) == ("range" in given):
            raise RefusedStepError("'for' takes 'value' and one of 'in' and 'range'")
        if "index" in given and "range" in given:
            raise RefusedStepError("'index' goes with 'in', not with 'range'")
        over = template(given["in"]) if "in" in given else None
        index = _variable(given["index"]) if "index" in given else None
        steps = self.steps(given.get("steps"))
        return For(_variable(given["value"]), index, over, _range(given), steps)

    def parallel(self, name: str, body: Given) -> Action:
        """Read a parallel step: its branches, or its loop."""
        given = _map(body["parallel"], "'parallel'")
        _only(given, ("shared", "exception_policy", "concurrency_limit", "branches", "for"))
        if ("branches" in given) == ("for" in given):
            raise RefusedStepError("'parallel' takes one of 'branches' and 'for'")
        if given.get("exception_policy", "continueAll") != "continueAll":
            raise RefusedStepError("the one 'exception_policy' is continueAll")
        shared = given.get("shared", [])
        if not is_list(shared) or len(set(map(str, shared))) != len(shared):
            raise RefusedStepError("'shared' is a list of variables, each named once")
        limit = template(given["concurrency_limit"]) if "concurrency_limit" in given else None
        work = self._branches(given["branches"]) if "branches" in given else self.loop(name, given)
        return Parallel(tuple(map(_variable, shared)), limit, work)  # type: ignore[arg-type]

    def _branches(self, given: Any) -> tuple[Branch, ...]:
        """Read two to ten branches: https://cloud.google.com/workflows/quotas#resource_limits."""
        if not is_list(given) or not 2 <= len(given) <= BRANCHES:
            raise RefusedStepError(f"'branches' are 2 to {BRANCHES}")
        return tuple(self._branch(one) for one in given)

    def _branch(self, given: Any) -> Branch:
        if not is_map(given) or len(given) != 1:
            raise RefusedStepError("a branch is a map of its name")
        name, body = next(iter(given.items()))
        _only(_map(body, f"branch {name!r}"), ("steps",))
        return Branch(name, self.steps(body.get("steps")))

    def attempt(self, name: str, body: Given) -> Action:
        """Read a try with what follows it.

        In place of `steps` a single step may stand, but no loop, and none has `next`.
        https://cloud.google.com/workflows/docs/known-issues
        """
        given = _map(body["try"], "'try'")
        if "for" in given:
            raise RefusedStepError("loop step name should not be empty")
        if "retry" not in body and "except" not in body:
            raise RefusedStepError("'try' takes 'retry' or 'except'")
        steps = self._inline(name, given, getattr(given, "line", 0))
        handler = self._handler(_map(body["except"], "'except'")) if "except" in body else None
        return Try(steps, retry(body["retry"]) if "retry" in body else None, handler)

    def _handler(self, given: Given) -> Except:
        _only(given, ("as", "steps"))
        return Except(_variable(given.get("as")), self.steps(given.get("steps")))

    def block(self, _name: str, body: Given) -> Action:
        """Read nested steps."""
        return Block(self.steps(body["steps"]))

    def error(self, _name: str, body: Given) -> Action:
        """Read what is raised: a string or a map."""
        given = body["raise"]
        if not isinstance(given, str | dict):
            raise RefusedStepError("'raise' takes a string or a map")
        return Raise(template(given))

    def result(self, _name: str, body: Given) -> Action:
        """Read what is returned."""
        return Return(template(body["return"]))


Read = Callable[[Reader, str, Given], Action]

_ACTIONS: Mapping[str, tuple[tuple[str, ...], Read]] = {
    "assign": ((), Reader.assign),
    "call": (("args", "result"), Reader.call),
    "switch": ((), Reader.switch),
    "for": ((), Reader.loop),
    "parallel": ((), Reader.parallel),
    "try": (("retry", "except"), Reader.attempt),
    "raise": ((), Reader.error),
    "return": ((), Reader.result),
    "steps": ((), Reader.block),
}
"""Each action: the entries that belong to it, and what reads it."""


def _only(given: Given, allowed: tuple[str, ...]) -> None:
    for key in given:
        if key not in allowed:
            raise RefusedStepError(f"unexpected entry '{key}'")


def _map(given: Any, what: str) -> Given:
    if not is_map(given):
        raise RefusedStepError(f"{what} is a map")
    found: Given = given
    return found


def _next(body: Given) -> str | None:
    target = body.get("next")
    if "next" in body and not isinstance(target, str):
        raise RefusedStepError("'next' is the name of a step")
    return target


def _variable(given: Any) -> str:
    if not isinstance(given, str) or not NAME.fullmatch(given) or given in WORDS:
        raise RefusedStepError(f"invalid variable name {given!r}")
    return given


def _target(key: str) -> Node:
    node = root = parsed(key)
    while isinstance(root, Member):
        root = root.of
    if not isinstance(root, Variable):
        raise RefusedStepError(f"cannot assign to {key!r}")
    return node


def _range(given: Given) -> Template | None:
    """Read a range: two numbers, or one expression that gives them.

    https://cloud.google.com/workflows/docs/reference/syntax/iteration#range-based
    """
    if "range" not in given:
        return None
    values = given["range"]
    if is_list(values) and (len(values) != 2 or any(isinstance(one, str) for one in values)):
        raise RefusedStepError("'range' is two numbers, or one expression of a list of two: ${[a, b]}")
    return template(values)
