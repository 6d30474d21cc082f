"""Recorded executions and recorded tries of one state: what real AWS came to, and what our interpreter comes to.

Status, output and error's name must agree; so must the name of the state that follows, where one state was tried. What
the recording masks (`expected_placeholders`) is not compared. Tasks come to what was recorded for them, and a task that
was recorded as timed out never comes to anything: that its time is over is for the interpreter to find.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias, TypeGuard

from isthmus.ports import Provider
from isthmus.workflows.definition import load
from isthmus.workflows.frames import Call
from isthmus.workflows.interpreter.runner import Late, run
from isthmus.workflows.interpreter.single import Mock, try_state
from isthmus.workflows.states_error import StatesError
from tests.corpus.index import inside, objects
from tests.corpus.report import CollectionError, Outcome

CASES = "asl_cases.jsonl"
TRIES = "asl_test_state.jsonl"

UNMOCKABLE = "it calls functions whose answers the row does not hold"
UNKNOWN = "the row holds a mock of the recording's own program, where AWS was given a name"
_MASK = re.compile(r".*<[\w.-]+:\d+>.*|(start-)?date|x-amzn-RequestId|X-Amzn-Trace-Id|RequestId", re.DOTALL)
"""How the tries of one state mask what differs from run to run; their rows have no list of it."""

_MOCK = "<<MOCK"

Masked: TypeAlias = "frozenset[str] | None"
"""The paths that are not compared; None where masks are known by their form."""


def executions(directory: Path, providers: Mapping[str, Provider] | None = None) -> Iterator[Outcome]:
    """Yield what came of each execution of the collection."""
    return _each(directory, CASES, _execution)


def tries(directory: Path, providers: Mapping[str, Provider] | None = None) -> Iterator[Outcome]:
    """Yield what came of each try of one state of the collection."""
    return _each(directory, TRIES, _try)


def run_all(directory: Path, providers: Mapping[str, Provider]) -> Iterator[Outcome]:
    """Yield what came of each row of both kinds; one kind may be missing, if the other is there."""
    if not (directory / TRIES).is_file() or (directory / CASES).is_file():
        yield from executions(directory, providers)
    if (directory / TRIES).is_file():
        yield from tries(directory, providers)


def _each(directory: Path, name: str, judge: Any) -> Iterator[Outcome]:
    for row in objects(directory, name):
        if isinstance(row, Outcome):
            yield row
            continue
        where, fields = row
        case = str(fields.get("id", where))
        try:
            fault = judge(directory, fields)
        except CollectionError as reason:
            yield Outcome(case, "not applicable", str(reason))
        except Exception as error:  # whatever it raises is our disagreement with the case
            yield Outcome(case, "differ", f"{type(error).__name__}: {error}")
        else:
            yield Outcome(case, "differ" if fault else "agree", fault)


def _execution(directory: Path, row: Mapping[str, Any]) -> str:
    file = inside(directory, str(row["definition_path"]))
    if isinstance(file, str):
        return file
    outcome = run(load(file), row["input"], Recorded(row))
    if outcome.status != row["expected_status"]:
        return f"{outcome.status} {outcome.error}: {outcome.cause[:200]}, not {row['expected_status']}"
    masked = frozenset(str(path).removesuffix("~key") for path in row.get("expected_placeholders", ()))
    if outcome.status == "SUCCEEDED":
        return difference(row["expected_output"], outcome.output, "$.output", masked)
    return _error(row.get("expected_error"), outcome.error)


class Recorded:
    """What the tasks of a recorded execution came to, state by state in the order of the recording.

    Where a recording holds no answers at all, the functions are played that are known by their files.
    """

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._left: list[dict[str, Any]] = list(row.get("task_results", ()))
        self._played = {str(file).rpartition("/")[2] for file in row.get("lambda_handlers", {}).values()}
        self._recorded = bool(self._left)

    def __call__(self, call: Call) -> Any:
        if not self._recorded:
            return self._play(call)
        answer = self._answer(call)
        if "error" not in answer:
            return answer.get("result")
        if str(answer.get("event", "")).endswith("TimedOut"):
            return Late(None)
        cause = answer.get("cause")
        raise StatesError(
            answer["error"] or "", cause if isinstance(cause, str) else json.dumps(cause) if cause else ""
        )

    def _play(self, call: Call) -> Any:
        if self._played == {"raise_exception.py"}:
            message = {"errorMessage": "Some exception was raised.", "errorType": "Exception"}
            raise StatesError("Exception", json.dumps(message))
        if self._played == {"id_function.py"} and ":function:" in call.resource:
            return call.arguments
        raise CollectionError(UNMOCKABLE)

    def _answer(self, call: Call) -> dict[str, Any]:
        named = [answer for answer in self._left if answer.get("state") in (call.state, None)]
        exact = [answer for answer in named if not difference(answer.get("task_input"), call.arguments, "$", None)]
        for answer in exact or named:
            self._left.remove(answer)
            return answer
        raise StatesError("NotRecorded", f"the recording has no answer for {call.state}")


def _try(directory: Path, row: Mapping[str, Any]) -> str:
    expected: dict[str, Any] = row["expected"]
    arguments: dict[str, Any] = row.get("args", {})
    definition = row["definition"]
    if _MOCK in arguments.get("mock", {}).get("result", ""):
        raise CollectionError(UNKNOWN)
    if "mock" not in arguments and definition.get("Type") == "Task":
        known = expected.get("inspectionData", {})
        if "result" not in known:
            raise CollectionError(UNMOCKABLE)
        arguments = {**arguments, "mock": {"result": json.dumps(known["result"])}}
    tried = try_state(
        definition,
        row["input"],
        state=arguments.get("stateName", ""),
        context=_parsed(arguments.get("context")),
        variables=_parsed(arguments.get("variables")),
        mock=_mock(arguments),
    )
    if tried.status != expected["status"]:
        return f"{tried.status} {tried.error}: {tried.cause[:200]}, not {expected['status']}"
    details = expected.get("inspectionData", {}).get("errorDetails", {})
    return (
        _error(expected.get("error"), tried.error)
        or _error(expected.get("nextState"), tried.next)
        or (difference(expected["output"], tried.output, "$.output", None) if "output" in expected else "")
        or (difference(details, dict(tried.details), "$.details", None) if tried.status != "FAILED" else "")
    )


def _mock(arguments: Mapping[str, Any]) -> Mock:
    mock: dict[str, Any] = arguments.get("mock", {})
    configuration: dict[str, Any] = arguments.get("stateConfiguration", {})
    failed = mock.get("errorOutput")
    return Mock(
        result=_parsed(mock.get("result")),
        error=failed["error"] if failed else None,
        cause=failed.get("cause", "") if failed else "",
        retries=configuration.get("retrierRetryCount", 0),
        failures=configuration.get("mapIterationFailureCount"),
        items=_parsed(configuration.get("mapItemReaderData")),
    )


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)


def _error(expected: str | None, actual: str) -> str:
    return "" if (expected or "") == actual else f"{actual!r}, not {expected!r}"


def _is_object(value: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def difference(expected: Any, actual: Any, path: str, masked: Masked) -> str:
    """Return where two values differ, and how; "" where they do not but for what is masked."""
    if _is_masked(path, expected, actual, masked):
        return ""
    if _is_object(expected) and _is_object(actual):
        return _of_objects(expected, actual, path, masked)
    if _is_list(expected) and _is_list(actual):
        return _of_lists(expected, actual, path, masked)
    return "" if _same(expected, actual) else f"{path} is {json.dumps(actual)[:200]}, not {json.dumps(expected)[:200]}"


def _is_masked(path: str, expected: Any, actual: Any, masked: Masked) -> bool:
    if masked is not None:
        return path in masked
    return isinstance(expected, str) and isinstance(actual, str) and _MASK.fullmatch(expected) is not None


def _of_objects(expected: dict[str, Any], actual: dict[str, Any], path: str, masked: Masked) -> str:
    names = {name for name in expected.keys() ^ actual.keys() if f"{path}.{name}" not in (masked or ())}
    if names:
        return f"{path} has {sorted(actual)} where it should have {sorted(expected)}"
    pairs = ((f"{path}.{name}", expected[name], actual[name]) for name in expected.keys() & actual.keys())
    return next((fault for at, one, other in pairs if (fault := difference(one, other, at, masked))), "")


def _of_lists(expected: list[Any], actual: list[Any], path: str, masked: Masked) -> str:
    if len(expected) != len(actual):
        return f"{path} has {len(actual)} elements, not {len(expected)}"
    pairs = ((f"{path}[{index}]", *pair) for index, pair in enumerate(zip(expected, actual, strict=True)))
    return next((fault for at, one, other in pairs if (fault := difference(one, other, at, masked))), "")


def _same(expected: Any, actual: Any) -> bool:
    """Tell whether two values are one: a number is the same however it is written, but no bool is one."""
    if isinstance(expected, bool) or isinstance(actual, bool):
        return expected is actual
    if isinstance(expected, float) and isinstance(actual, float):
        return math.isclose(expected, actual, rel_tol=1e-12)
    return bool(expected == actual)
