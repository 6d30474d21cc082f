"""Runs a machine here and on ministack, with tasks that come to the same: what each came to, and what it called."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from isthmus.workflows.definition import parse
from isthmus.workflows.frames import Call
from isthmus.workflows.interpreter.runner import run as interpret
from isthmus.workflows.states_error import StatesError
from tests.corpus.asl import difference
from tests.emulators.aws.step_functions import run as run_on_ministack
from tests.workflows.faults import without_words

Answers: TypeAlias = "Mapping[str, Sequence[Mapping[str, Any]]]"
"""What tasks come to by their states' names, one call after the other, the last answer again and again."""


@dataclass(frozen=True, slots=True)
class Came:
    """What an execution came to; `calls` are the arguments of each call, in an order that no concurrency changes."""

    status: str
    output: Any
    error: str
    calls: Mapping[str, list[Any]]


def interpreted(definition: Mapping[str, Any], given: Any, answers: Answers, **options: Any) -> Came:
    """Run a machine on the local interpreter; `options` are those of its runner."""
    calls: dict[str, list[Any]] = {}

    def work(call: Call) -> Any:
        made = calls.setdefault(call.state, [])
        made.append(call.arguments)
        known = answers.get(call.state, ())
        answer = known[min(len(made), len(known)) - 1] if known else {"result": call.arguments}
        if "error" in answer:
            raise StatesError(answer["error"], answer.get("cause", ""))
        return answer.get("result")

    ended = interpret(parse(definition), given, work, **options)
    return Came(ended.status, ended.output, ended.error, _sorted(calls))


def on_ministack(definition: Mapping[str, Any], given: Any, answers: Answers) -> Came:
    """Run it on ministack's Step Functions."""
    ended = run_on_ministack(definition, given, answers)
    return Came(ended.status, ended.output, ended.error, _sorted(ended.calls))


def apart(one: Came, other: Came, masked: frozenset[str] = frozenset()) -> str:
    """Return how two differ; "" where they agree. The words of a fault of the definition's are each one's own."""
    if (one.status, one.error) != (other.status, other.error):
        return f"{one.status} {one.error!r}, not {other.status} {other.error!r}"
    return difference(without_words(other.output), without_words(one.output), "$.output", masked) or difference(
        without_words(other.calls), without_words(one.calls), "$.calls", frozenset()
    )


def _sorted(calls: Mapping[str, Sequence[Any]]) -> dict[str, list[Any]]:
    return {state: sorted(made, key=lambda each: json.dumps(each, sort_keys=True)) for state, made in calls.items()}
