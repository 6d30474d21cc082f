"""Deliberate breakages of helpers and compiler: each has to be noticed by a machine that agrees without it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml

from isthmus_gcp.workflow import conditions, failures, flow, library, machine, spreads
from isthmus_gcp.workflow.steps import Steps
from tests.gcp.workflow.alike import both
from tests.gcp.workflow.played import Failed

HELPERS = Path(library.__file__).parent / "library"
PASS: dict[str, Any] = {"Type": "Pass", "End": True}
AFTER: dict[str, Any] = {"F": PASS, "G": {"Type": "Pass", "Result": "g", "End": True}}


def choice(given: Any, **rule: Any) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    rules = [{"Variable": "$", **rule, "Next": "F"}]
    return {"C": {"Type": "Choice", "Choices": rules, "Default": "G"}, **AFTER}, given, {}


def made(template: Any, given: Any) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    return {"A": {"Type": "Pass", "Parameters": {"a.$": template}, "End": True}}, given, {}


def task(answers: list[Any], given: Any = None, **fields: Any) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    return {"T": {"Type": "Task", "Resource": "shop.work", "End": True, **fields}, **AFTER}, given, {"T": answers}


def mapped(answers: list[Any], given: Any, **fields: Any) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    inner = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "shop.work", "End": True}}}
    processor = {**inner, "ProcessorConfig": {"Mode": "DISTRIBUTED"}}
    fields = {"MaxConcurrency": 1, "ItemProcessor": processor, **fields}
    return {"M": {"Type": "Map", "End": True, **fields}}, given, {"T": answers}


RETRIERS = [{"ErrorEquals": ["A"], "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}]
CATCH = [{"ErrorEquals": ["A"], "Next": "F", "ResultPath": "$.e"}, {"ErrorEquals": ["States.ALL"], "Next": "G"}]
RUNTIME = {"Parameters": {"a.$": "$.missing"}, "Catch": [{"ErrorEquals": ["States.ALL"], "Next": "G"}]}


HELPER_BREAKAGES: list[tuple[str, str, tuple[Any, Any, Any]]] = [
    ("${left < right}", "${left <= right}", choice(1, NumericLessThan=1)),
    ("${left <= right}", "${left < right}", choice(1, NumericLessThanEquals=1)),
    (
        '${left == right}\n          - condition: ${relation == "LessThan"}',
        '${left != right}\n          - condition: ${relation == "LessThan"}',
        choice("a", StringEquals="a"),
    ),
    (
        "condition: ${found != type}\n            return: false\n    - look_right",
        "condition: ${false}\n            return: false\n    - look_right",
        choice("1", NumericEquals=1),
    ),
    (
        "${one.nanoseconds - other.nanoseconds}",
        "${0}",
        choice("2020-01-01T00:00:00.1Z", TimestampGreaterThan="2020-01-01T00:00:00Z"),
    ),
    ("${text.match_regex(value, pattern)}", "${true}", choice("b", StringMatches="a*")),
    ("condition: ${name in names}", "condition: ${false}", task([Failed("A")], {}, Catch=CATCH)),
    (
        'condition: ${name == "States.Runtime"}\n                    next: continue',
        "condition: ${false}\n                    next: continue",
        task([1], {}, **RUNTIME),
    ),
    ('${"States.ALL" in names}', "${false}", task([Failed("B")], {}, Catch=CATCH)),
    (
        "${tried[rule] >= retriers[rule].attempts}",
        "${tried[rule] > retriers[rule].attempts}",
        task([Failed("A")], {}, Retry=RETRIERS),
    ),
    ("${tried[rule] >= retriers[rule].attempts}", "${true}", task([Failed("A"), 1], {}, Retry=RETRIERS)),
    ("return: ${position}", "return: 0", task([Failed("B")], {}, Catch=CATCH)),
    (
        'return: {Error: "${told.type}", Cause',
        "return: {Error: States.TaskFailed, Cause",
        task([Failed("A")], {}, Catch=CATCH),
    ),
    ("${code == 429 or code >= 500}", "${false}", task([Failed(status=503)], {})),
    (
        "here[key]: ${placed}",
        "here[key]: ${null}",
        ({"A": {**PASS, "Result": 1, "ResultPath": "$.a.b"}}, {"a": {"c": 2}}, {}),
    ),
    (
        "condition: ${key >= 0 and key < len(value)}",
        "condition: ${true}",
        ({"A": {**PASS, "Result": 1, "ResultPath": "$.a[1]"}}, {"a": [2]}, {}),
    ),
    ("+ 0.5)", ")", made("States.MathAdd($.n, 1)", {"n": 1.6})),
    ('condition: ${part != ""}', "condition: ${true}", made("States.StringSplit($.s, ',')", {"s": "a,,b"})),
    ("${not (one in unique)}", "${true}", made("States.ArrayUnique($.l)", {"l": [1, 1]})),
    ("${len(part) > 0}", "${false}", made("States.ArrayPartition($.l, 2)", {"l": [1, 2, 3]})),
    ("${math.min(stop, len(node))}", "${math.min(stop + 1, len(node))}", made("$.l[0:1]", {"l": [1, 2, 3]})),
    ("${index + len(node)}", "${index}", made("$.l[-1]", {"l": [1, 2, 3]})),
    (
        'condition: ${holds != (condition.test == "and")}',
        "condition: ${true}",
        made("$.l[?(@.a && @.b)]", {"l": [{"a": 1}]}),
    ),
    ("${second % 16}", "${first % 16}", made("States.Hash($.s, 'MD5')", {"s": "abc"})),
]
"""A part of the helpers' text, what stands there instead, and the machine that notices."""


@pytest.mark.parametrize(("broken", "instead", "noticed"), HELPER_BREAKAGES)
def test_a_broken_helper_is_noticed(
    broken: str, instead: str, noticed: tuple[Any, Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = [file.read_text("utf-8") for file in sorted(HELPERS.glob("*.yaml"))]
    assert any(broken in source for source in sources)
    mutated: dict[str, Any] = {}
    for source in sources:
        mutated.update(yaml.safe_load(source.replace(broken, instead)))
    assert_noticed(noticed, monkeypatch, library, "helpers", lambda: mutated)


def assert_noticed(
    noticed: tuple[Any, Any, Any], monkeypatch: pytest.MonkeyPatch, owner: Any, name: str, instead: Any
) -> None:
    states, given, answers = noticed
    interpreted, compiled = both(states, given, answers)
    assert compiled == interpreted
    monkeypatch.setattr(owner, name, instead)

    interpreted, compiled = both(states, given, answers)
    assert compiled != interpreted


def _ignored(steps: Steps, assigned: str) -> None:
    """Assign nothing."""


def always(value: Any) -> Callable[..., Any]:
    """Return a function that returns the same of anything."""

    def instead(*_arguments: Any, **_fields: Any) -> Any:
        return value

    return instead


def _result(_steps: Steps, _text: Any, result: str) -> str:
    return result


def _released(steps: Steps, _fields: Any, output: str) -> None:
    steps.assign("data", f"${{{output}}}")


def _listed(entry: Any, _kind: str = "Task") -> list[str]:
    return list(entry["ErrorEquals"])


def _pattern(pattern: str) -> str:
    return pattern


ASSIGNED = {"A": {"Type": "Pass", "Assign": {"x": 1}, "Next": "B"}, "B": {**PASS, "Parameters": {"x.$": "$x"}}}


BREAKAGES: list[tuple[ModuleType, str, Callable[..., Any], tuple[Any, Any, Any]]] = [
    (flow, "keep", _ignored, (ASSIGNED, {}, {})),
    (flow, "_placed", _result, task([Failed("A")], {"i": 1}, Catch=CATCH)),
    (
        flow,
        "release",
        _released,
        ({"A": {**PASS, "OutputPath": "$.a"}}, {"a": 1}, {}),
    ),
    (flow, "effective", always("data"), ({"A": {**PASS, "InputPath": "$.a"}}, {"a": 1}, {})),
    (
        failures,
        "names",
        _listed,
        task([Failed(status=503), 1], {}, Retry=[{"ErrorEquals": ["Lambda.ServiceException"]}]),
    ),
    (failures, "_retry", always(None), task([Failed("A"), 1], {}, Retry=RETRIERS)),
    (
        machine,
        "retries",
        always(0),
        (
            {
                "T": {
                    **task([1])[0]["T"],
                    "Catch": CATCH,
                    "Retry": RETRIERS,
                    "ResultSelector": {"n.$": "$$.State.RetryCount"},
                },
                **AFTER,
            },
            {},
            {"T": [Failed("A"), 1]},
        ),
    ),
    (
        spreads,
        "_chosen",
        always("${item}"),
        (
            {
                "M": {
                    "Type": "Map",
                    "ItemSelector": {"i.$": "$$.Map.Item.Index"},
                    "ItemProcessor": {"StartAt": "X", "States": {"X": PASS}},
                    "End": True,
                }
            },
            [5],
            {},
        ),
    ),
    (spreads, "_raise_failed", always(None), mapped([Failed("A")], [1])),
    (
        spreads,
        "_tolerance",
        always(""),
        mapped([1, Failed("A"), 3], [1, 2, 3], ToleratedFailureCount=1),
    ),
    (spreads, "is_distributed", always(False), mapped([Failed("A")], [1])),
    (conditions, "regular", _pattern, choice("xa", StringMatches="a*")),
]
"""The module, the name of a function in it, what it does instead, and the machine that notices."""


@pytest.mark.parametrize(("owner", "name", "instead", "noticed"), BREAKAGES)
def test_a_broken_compiler_is_noticed(
    owner: Any, name: str, instead: Any, noticed: tuple[Any, Any, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_noticed(noticed, monkeypatch, owner, name, instead)
