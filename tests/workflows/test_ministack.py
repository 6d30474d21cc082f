"""The local interpreter beside ministack's Step Functions: they agree wherever ministack does as AWS does.

Where it does not, the reason stands here, and AWS's documentation or a recording of AWS decides. That they differ is
tested too, so that a reason goes when ministack is right one day.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.corpus.asl import difference
from tests.emulators.aws.ministack import ENVIRONMENT
from tests.tools import need
from tests.workflows.beside import Answers, Came, apart, interpreted, on_ministack
from tests.workflows.machines import SUITE
from tests.workflows.machines.machine import Machine

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
AT_ONCE = 4

T = TypeVar("T")
U = TypeVar("U")

HEARTBEAT = "States.Timeout takes a missed heartbeat too: https://states-language.net/spec.html#appendix-a"
GOES_ON = "no iteration begins after one has failed: https://states-language.net/spec.html#map-state"
NULL = "a path that finds nothing fails the state, and is null there"
WRONG: Mapping[str, str] = {
    "States.Timeout tries States.HeartbeatTimeout again": HEARTBEAT,
    "States.Timeout catches States.HeartbeatTimeout": HEARTBEAT,
    "an iteration that fails fails the Map": GOES_ON,
    "the failure of an iteration is caught": GOES_ON,
    "a whole Map is tried again": GOES_ON,
    "an item that is no list": "a Map over what is no list fails; there it is over nothing",
    "no items at all": NULL,
    "Pass with {'InputPath': '$.no'}": NULL,
    "Pass with {'Parameters': {'x.$': '$.no'}}": NULL,
    **{
        f"{{'Variable': '$.x', 'IsNumeric': {wanted}}} of {value}": "a boolean is no number, as recorded"
        for wanted in (True, False)
        for value in (True, False)
    },
    **{
        f"{{'Variable': '$.x', 'IsPresent': {wanted}}} of None": "null is present, as recorded"
        for wanted in (True, False)
    },
    **{
        f"{{'Variable': '$.x', 'BooleanEquals': True}} of {value}": "a number is no boolean, as recorded"
        for value in (1, 1.0)
    },
}
"""Where ministack comes to something else than AWS, by the machine's name, and why."""


@pytest.fixture(scope="module", autouse=True)
def bed() -> None:
    """Skip where ministack is not installed: here, and not in a thread."""
    need("python", folder=ENVIRONMENT / "bin", named="ministack")


def _each(check: Callable[[T], U], of: Sequence[T]) -> Iterator[tuple[T, U]]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from zip(of, pool.map(check, of), strict=True)


def _difference(machine: Machine) -> str:
    asked = (machine.definition, machine.given, machine.answers)
    return apart(on_ministack(*asked), interpreted(*asked))


@pytest.mark.parametrize("machines", SUITE.values(), ids=SUITE)
def test_machines_come_to_the_same_here_and_on_ministack(machines: Sequence[Machine]) -> None:
    found = {machine.name: fault for machine, fault in _each(_difference, machines)}

    assert len(found) == len(machines)
    assert {name: fault for name, fault in found.items() if fault and name not in WRONG} == {}
    assert [name for name, fault in found.items() if name in WRONG and not fault] == []


def test_each_reason_is_of_a_machine() -> None:
    assert WRONG.keys() <= {machine.name for machines in SUITE.values() for machine in machines}


@pytest.mark.skipif(not CORPUS.is_dir(), reason="outside data: ../shared/corpus is not there")
def test_where_ministack_comes_to_something_else_aws_was_recorded_to_come_to_ours() -> None:
    rows = [row for row in _rows() if _answers(row) is not None]

    found = list(_each(_beside, rows))

    differ = [(row, other) for row, (fault, other) in found if fault]
    assert [row["id"] for row, other in differ if not _apart_from_aws(row, other)] == []
    assert len(rows) > 500
    assert len(differ) < len(rows) / 10


def _rows() -> Iterator[dict[str, Any]]:
    """Yield the recordings of AWS that always come to the same, whatever they cover."""
    for line in (CORPUS / "asl_cases.jsonl").read_text("utf-8").splitlines():
        row: dict[str, Any] = json.loads(line)
        if row["exact_output"] and row["mockable"] and not row["nondeterministic"]:
            yield row


def _answers(row: Mapping[str, Any]) -> Answers | None:
    """Return what the tasks of a recording came to; None where that cannot be played by the states' names."""
    told: Sequence[Mapping[str, Any]] = row["task_results"]
    late = any(answer.get("state") is None or str(answer["event"]).endswith("TimedOut") for answer in told)
    if late or ("Task" in row["features"] and not told):
        return None
    found: dict[str, list[Mapping[str, Any]]] = {}
    for answer in told:
        found.setdefault(answer["state"], []).append(_answer(answer))
    return found


def _answer(told: Mapping[str, Any]) -> Mapping[str, Any]:
    if "error" not in told:
        return {"result": told.get("result")}
    cause = told.get("cause")
    return {"error": told["error"] or "", "cause": cause if isinstance(cause, str) else json.dumps(cause or "")}


def _masked(row: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(path).removesuffix("~key") for path in row["expected_placeholders"])


def _beside(row: Mapping[str, Any]) -> tuple[str, Came]:
    definition = json.loads((CORPUS / row["definition_path"]).read_text("utf-8"))
    asked = (definition, row["input"], _answers(row) or {})
    theirs = on_ministack(*asked)
    return apart(theirs, interpreted(*asked), _masked(row)), theirs


def _apart_from_aws(row: Mapping[str, Any], theirs: Came) -> bool:
    """Return whether what ministack came to is not what AWS was recorded to come to."""
    if theirs.status != row["expected_status"]:
        return True
    if theirs.status == "FAILED":
        return theirs.error != (row.get("expected_error") or "")
    return bool(difference(row["expected_output"], theirs.output, "$.output", _masked(row)))
