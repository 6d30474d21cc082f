"""Executions recorded from real AWS, whose definitions are compiled to Google Workflows and run on the test double.

Status, output and error's name must agree; so much of the text of a cause as the recording masks, and what only AWS
writes there, is not compared. What is JSONata is no part of this, since the portable profile refuses it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from isthmus.ports import Provider
from isthmus.shapes import is_mapping
from isthmus.workflows.definition import Definition, State, load
from isthmus.workflows.resource_uris import resolve
from isthmus.workflows.tasks import Task
from isthmus_gcp.workflow.compiler import compile_workflow
from isthmus_gcp.workflow.targets import Call, FunctionCall, IntegrationCall
from tests.corpus.asl import CASES, difference
from tests.corpus.index import inside, objects
from tests.corpus.report import CollectionError, Outcome
from tests.emulators.gcp.workflows.http_calls import HttpRequest, HttpResponse, json_response
from tests.emulators.gcp.workflows.workflow import deploy

HOST = "https://tasks.test"


@dataclass(frozen=True, slots=True)
class Case:
    """A row: what it is called, which features it has, and what came of it."""

    name: str
    features: tuple[str, ...]
    outcome: Outcome


def run(directory: Path, _providers: Mapping[str, Provider]) -> Iterator[Outcome]:
    """Yield what came of each row of the index in `directory`."""
    return (case.outcome for case in cases(directory))


def cases(directory: Path) -> Iterator[Case]:
    """Yield each row of the index in `directory`."""
    for row in objects(directory, CASES):
        if isinstance(row, Outcome):
            yield Case(row.case, (), row)
            continue
        where, fields = row
        name = str(fields.get("id", where))
        yield Case(name, tuple(map(str, fields.get("features", ()))), _outcome(directory, name, fields))


def per_feature(found: list[Case]) -> Mapping[str, tuple[int, int]]:
    """Return how many rows of each feature agree, of how many."""
    counts: dict[str, tuple[int, int]] = {}
    for case in found:
        if case.outcome.verdict != "not applicable":
            for feature in case.features:
                agree, all_of_it = counts.get(feature, (0, 0))
                counts[feature] = (agree + (case.outcome.verdict == "agree"), all_of_it + 1)
    return dict(sorted(counts.items()))


def _outcome(directory: Path, name: str, row: Mapping[str, Any]) -> Outcome:
    file = inside(directory, str(row["definition_path"]))
    if isinstance(file, str):
        return Outcome(name, "differ", file)
    definition = load(file)
    if any(state.language == "JSONata" for state in definition.states):
        return Outcome(name, "not applicable", "its query language is JSONata")
    try:
        fault = _fault(definition, row)
    except CollectionError as reason:
        return Outcome(name, "not applicable", str(reason))
    except Exception as error:  # whatever it raises is our disagreement with the case
        return Outcome(name, "differ", f"{type(error).__name__}: {error}")
    return Outcome(name, "differ" if fault else "agree", fault)


def _fault(definition: Definition, row: Mapping[str, Any]) -> str:
    targets = Recorded(row)
    ended = deploy(compile_workflow(definition, targets).text).run(row["input"], http=targets.answer)
    raised: Mapping[str, Any] = ended.raised if is_mapping(ended.raised) else {"Error": ended.raised}
    if ended.state != row["expected_status"]:
        return f"{ended.state} {raised}, not {row['expected_status']}"
    if ended.state == "FAILED":
        expected = row.get("expected_error") or ""
        return "" if raised.get("Error") == expected else f"{raised}, not {expected!r}"
    masked = {str(path).removesuffix("~key") for path in row.get("expected_placeholders", ())}
    masked |= set(_causes(row["expected_output"], "$.output"))
    return difference(row["expected_output"], ended.value, "$.output", frozenset(masked))


def _causes(value: Any, path: str) -> Iterator[str]:
    """Yield where causes stand that AWS wrote in its own words."""
    if is_mapping(value):
        for name, inner in value.items():
            if name == "Cause" and inner:
                yield f"{path}.{name}"
            yield from _causes(inner, f"{path}.{name}")


class Recorded:
    """Targets whose tasks come to what was recorded, state by state in the order of the recording."""

    def __init__(self, row: Mapping[str, Any]) -> None:
        self._left: list[dict[str, Any]] = list(row.get("task_results", ()))
        self._played = {str(file).rpartition("/")[2] for file in row.get("lambda_handlers", {}).values()}
        self._recorded = bool(self._left)

    def task(self, state: State) -> Task:
        """Return what a state's `Resource` asks for."""
        return resolve(str(state.fields.get("Resource")))

    def call(self, state: State, task: Task) -> Call:
        """Return how it is called here."""
        url = f"{HOST}/{state.name.encode().hex()}"
        return IntegrationCall(url, task.kind) if task.integrated else FunctionCall(url)

    def answer(self, request: HttpRequest) -> HttpResponse:
        """Answer a call as it was recorded."""
        name = bytes.fromhex(request.url.rpartition("/")[2]).decode()
        body = request.json()
        if not self._recorded:
            return self._play(body)
        asked = body["arguments"] if is_mapping(body) and set(body) == ASKED else body
        answer = self._find(name, asked)
        if "error" not in answer:
            return json_response(answer.get("result"))
        if str(answer.get("event", "")).endswith("TimedOut"):
            return json_response(None, seconds=10_000)
        return _error(str(answer["error"]), answer.get("cause"))

    def _play(self, body: Any) -> HttpResponse:
        if self._played == {"raise_exception.py"}:
            return _error("Exception", {"errorMessage": "Some exception was raised."})
        if self._played == {"id_function.py"} and not (is_mapping(body) and set(body) == ASKED):
            return json_response(body)
        raise CollectionError("it calls functions whose answers the row does not hold")

    def _find(self, name: str, asked: Any) -> dict[str, Any]:
        named = [answer for answer in self._left if answer.get("state") in (name, None)]
        exact = [answer for answer in named if not difference(answer.get("task_input"), asked, "$", None)]
        for answer in exact or named:
            self._left.remove(answer)
            return answer
        return {"error": "NotRecorded", "cause": f"the recording has no answer for {name}"}


ASKED = {"resource", "action", "arguments"}
"""What the app's function for integrations is asked with."""


def _error(name: str, cause: Any) -> HttpResponse:
    message = cause.get("errorMessage", "") if is_mapping(cause) else str(cause or "")
    body = {"error": {"type": name, "message": message}}
    return HttpResponse(500, json.dumps(body).encode(), {"content-type": "application/json"})
