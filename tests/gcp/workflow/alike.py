"""Runs one machine twice, by the local interpreter and compiled on the test double; its tasks come to the same."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from isthmus.workflows.definition import parse
from isthmus.workflows.frames import Call
from isthmus.workflows.interpreter.runner import run as interpret
from isthmus.workflows.states_error import StatesError
from tests.gcp.workflow.played import Failed, Played, run
from tests.workflows.faults import without_words


def both(
    states: Mapping[str, Any], given: Any = None, answers: Mapping[str, Sequence[Any]] | None = None, **fields: Any
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Return what each came to: status, output, error, and how often each task was called."""
    input: Any = {} if given is None else given
    return _interpreted(states, input, answers or {}, fields), _compiled(states, input, answers or {}, fields)


def _compiled(
    states: Mapping[str, Any], given: Any, answers: Mapping[str, Sequence[Any]], fields: Mapping[str, Any]
) -> tuple[Any, ...]:
    played = Played(answers)
    ended = run(states, given, played, **fields)
    counts = Counter(name for name, _ in played.requests)
    if ended.state == "SUCCEEDED":
        return ended.state, without_words(ended.value), "", counts
    return ended.raised.get("Status", ended.state), None, ended.raised["Error"], counts


def _interpreted(
    states: Mapping[str, Any], given: Any, answers: Mapping[str, Sequence[Any]], fields: Mapping[str, Any]
) -> tuple[Any, ...]:
    counts: Counter[str] = Counter()

    def work(call: Call) -> Any:
        counts[call.state] += 1
        known = answers.get(call.state, ())
        answer = known[min(counts[call.state], len(known)) - 1] if known else None
        if isinstance(answer, Failed) and not answer.error:
            raise StatesError("ServiceError", f"HTTP server responded with error code {answer.status}")
        if isinstance(answer, Failed):
            cause = {"errorMessage": answer.message, "errorType": answer.error}
            raise StatesError(answer.error, json.dumps(cause, separators=(",", ":")))
        return answer

    document = {"StartAt": next(iter(states)), "States": states, **fields}
    ended = interpret(parse(document), given, work)
    return ended.status, without_words(ended.output), ended.error, counts
