"""Options of a declaration are checked as they are given: a typo becomes a problem of the plan, with a suggestion."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypedDict, TypeVar, cast

from isthmus.declarations.problem import Problem, caller
from isthmus.declarations.resource import Grant, Resource, Transform

P = ParamSpec("P")
S = TypeVar("S")
R = TypeVar("R")


class StepOptions(TypedDict, total=False):
    """How each function runs that is made for a workflow: see `Function` for each meaning."""

    link: Sequence[Resource | Grant]
    memory: int
    timeout: float
    concurrency: int | None
    min_instances: int
    serial: bool
    environment: Mapping[str, str]


class RunOptions(StepOptions, total=False):
    """How a function runs, and what is set on it: see `Function` for each meaning."""

    tags: Mapping[str, str]
    transform: Transform | None


class FunctionOptions(RunOptions, total=False):
    """What may be said of a function wherever a handler path is given: how it runs, and a name of its own."""

    name: str


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return what to tell somebody who wrote `word`: the nearest of `known`, or all of them."""
    names = sorted(known)
    close = get_close_matches(word, names, n=1)
    return f"did you mean {close[0]!r}?" if close else f"known: {', '.join(names) or 'none'}"


def _fitting(
    method: Callable[..., Any], args: tuple[Any, ...], options: Mapping[str, Any]
) -> tuple[tuple[Any, ...], list[str]]:
    """Return those of `args` that `method` takes by position, and the names of the arguments that are missing."""
    parameters = list(inspect.signature(method).parameters.values())[1:]
    positional = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    taken = args[: len(positional)]
    given = {*positional[: len(taken)], *options}
    needed = [p.name for p in parameters if p.default is p.empty and p.kind is not p.VAR_KEYWORD]
    return taken, [name for name in needed if name not in given]


def checked(method: Callable[Concatenate[S, P], R]) -> Callable[Concatenate[S, P], R]:
    """Let `method` drop an option that it does not have, and record a problem that suggests the right one."""
    parameters = inspect.signature(method).parameters.values()
    named = {p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY}
    positional = {p.name for p in parameters if p.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD}
    if any(p.kind is inspect.Parameter.VAR_KEYWORD for p in parameters):
        named |= FunctionOptions.__annotations__.keys() - positional

    @wraps(method)
    def call(self: S, *args: P.args, **kwargs: P.kwargs) -> R:
        registry: Any = self.app if isinstance(self, Resource) else self
        options: dict[str, Any] = dict(kwargs)
        what = f"{method.__name__} of {getattr(self, 'name', 'app')!r}"
        for option in options.keys() - named - positional:
            unknown = f"{what} has no option {option!r}: {did_you_mean(option, named)}"
            registry.problems.append(Problem(caller(), unknown))
            del options[option]
        taken, missing = _fitting(method, args, options)
        if len(taken) < len(args):
            by_name = f"{what} takes its options by name: {', '.join(sorted(named)) or 'it has none'}"
            registry.problems.append(Problem(caller(), by_name))
        options |= dict.fromkeys(missing)  # the plan tells what is missing
        return method(self, *taken, **options)

    return cast("Callable[Concatenate[S, P], R]", call)
