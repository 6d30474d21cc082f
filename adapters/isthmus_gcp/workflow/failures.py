"""Retry and Catch: a state's work is tried, its error named, and what is to be done is decided after it.

No jump leads out of `try`, so it only remembers the error.
https://cloud.google.com/workflows/docs/reference/syntax/catching-errors
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from isthmus.shapes import is_list, is_mapping, is_number, is_text
from isthmus.workflows.definition import State
from isthmus.workflows.resource_uris import SERVICE_ERRORS
from isthmus.workflows.states_error import ALL, BRANCH_FAILED
from isthmus_gcp.workflow import flow, limits
from isthmus_gcp.workflow.refusal import UnportableError
from isthmus_gcp.workflow.steps import Steps

PLATFORM = "ServiceError"
"""The neutral name of what is the platform's fault."""

LONGEST = float(limits.EXECUTION_SECONDS)
"""The most seconds between two attempts."""


def guarded(
    steps: Steps, state: State, work: Callable[[], None], *, left: Mapping[str, Any], to: Mapping[str, str]
) -> None:
    """Write a state's work with its Retry and Catch.

    `left` is what a step has that leaves the state (`next` or `return`), `to` are the first steps of the states.
    """
    retriers, catchers = _entries(state, "Retry"), _entries(state, "Catch")
    if not retriers and not catchers:
        work()
        steps.add(dict(left), "leave")
        return
    again = steps.new_label("try")
    if retriers:
        _begin(steps, state, retriers)
    steps.label(again)
    steps.assign("error", None)
    with steps.nested() as inside:
        work()
    _try(steps, inside)
    steps.add({"switch": [{"condition": "${error == null}", **left}]}, "done")
    if retriers:
        _retry(steps, again)
    if catchers:
        _catch(steps, state, catchers, to)
    else:
        steps.add({"raise": "${error}"}, "fail")


def attempt(state: State) -> str:
    """Return the code of which attempt of a state's work it is, from 1."""
    return "retries + 1" if _entries(state, "Retry") else "1"


def retries(state: State) -> Any:
    """Return how often a state was retried, as a value of YAML."""
    return "${retries}" if _entries(state, "Retry") else 0


def names(entry: Mapping[str, Any], kind: str = "Task") -> Sequence[str]:
    """Return what `ErrorEquals` lists, with the other names that each has."""
    listed = entry.get("ErrorEquals")
    if not is_list(listed) or not all(is_text(name) for name in listed):
        raise UnportableError("it has no list of names as ErrorEquals", "/ErrorEquals")
    return list(dict.fromkeys(_also(listed, kind)))


def _also(listed: Iterable[str], kind: str) -> Iterable[str]:
    for name in listed:
        yield name
        if name == PLATFORM:
            yield from SERVICE_ERRORS
        elif name in SERVICE_ERRORS:
            yield PLATFORM
        elif name == BRANCH_FAILED and kind in ("Parallel", "Map"):
            yield ALL


def _entries(state: State, field: str) -> Sequence[Mapping[str, Any]]:
    entries = state.fields.get(field)
    return [entry for entry in entries if is_mapping(entry)] if is_list(entries) else []


def _begin(steps: Steps, state: State, retriers: Sequence[Mapping[str, Any]]) -> None:
    steps.assign("retriers", [_retrier(steps, state, entry, number) for number, entry in enumerate(retriers)])
    steps.assign("delays", [max(0.0, float(_number(entry, "IntervalSeconds", 1))) for entry in retriers])
    steps.assign("tried", [0] * len(retriers))
    steps.assign("retries", 0)


def _retrier(steps: Steps, state: State, entry: Mapping[str, Any], number: int) -> Mapping[str, Any]:
    with flow.within(f"Retry/{number}"):
        return {
            "errors": steps.literal(names(entry, state.type)),
            "attempts": int(_number(entry, "MaxAttempts", 3)),
            "rate": max(0.0, float(_number(entry, "BackoffRate", 2))),
            "longest": float(_number(entry, "MaxDelaySeconds", LONGEST)),
            "jitter": entry.get("JitterStrategy") == "FULL",
        }


def _number(entry: Mapping[str, Any], field: str, default: float) -> float:
    value = entry.get(field, default)
    return value if is_number(value) else default


def _try(steps: Steps, inside: list[dict[str, Any]]) -> None:
    with steps.nested() as named:
        steps.name_error("error")
    steps.add({"try": {"steps": inside}, "except": {"as": "e", "steps": named}}, "try")


def _retry(steps: Steps, again: str) -> None:
    catch = steps.new_label("catch")
    arguments = {"error": "${error}", "retriers": "${retriers}", "tried": "${tried}"}
    steps.call("states_retrier", arguments, "retrier", "rule")
    steps.branch("rule < 0", catch, "may_retry")
    delay = {"delay": "${delays[rule]}", "longest": "${retriers[rule].longest}", "jitter": "${retriers[rule].jitter}"}
    steps.call("states_delay", delay, "delay", "pause")
    steps.assign("tried[rule]", "${tried[rule] + 1}")
    steps.assign("delays[rule]", f"${{math.min(delays[rule] * retriers[rule].rate, {LONGEST})}}")
    steps.assign("retries", "${retries + 1}")
    steps.sleep("${pause}")
    steps.jump(again)
    steps.label(catch)


def _catch(steps: Steps, state: State, catchers: Sequence[Mapping[str, Any]], to: Mapping[str, str]) -> None:
    if len(catchers) > limits.CONDITIONS:
        raise UnportableError(f"more than {limits.CONDITIONS} catchers", "/Catch")
    rules = [_names(state, entry, number) for number, entry in enumerate(catchers)]
    steps.call("states_which", {"error": "${error}", "rules": steps.literal(rules)}, "catcher", "rule")
    labels = [steps.new_label("caught") for _ in catchers]
    ways = [{"condition": f"${{rule == {number}}}", "next": label} for number, label in enumerate(labels)]
    steps.add({"switch": ways}, "catch")
    steps.add({"raise": "${error}"}, "fail")
    for number, (entry, label) in enumerate(zip(catchers, labels, strict=True)):
        steps.label(label)
        with flow.within(f"Catch/{number}"):
            _caught(steps, entry)
            steps.jump(_following(entry, to))


def _caught(steps: Steps, entry: Mapping[str, Any]) -> None:
    """Write what leaves by a catcher; where that fails, the error that was caught stays uncaught."""
    with steps.nested() as inside:
        flow.caught(steps, entry, "error")
    if not inside:
        return
    with steps.nested() as uncaught:
        steps.add({"raise": "${error}"}, "uncaught")
    steps.add({"try": {"steps": inside}, "except": {"as": "e", "steps": uncaught}}, "caught")


def _names(state: State, entry: Mapping[str, Any], number: int) -> Sequence[str]:
    with flow.within(f"Catch/{number}"):
        return names(entry, state.type)


def _following(entry: Mapping[str, Any], to: Mapping[str, str]) -> str:
    following = entry.get("Next")
    if not is_text(following) or following not in to:
        raise UnportableError("it leads to no state", "/Next")
    return to[following]
