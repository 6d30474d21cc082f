"""The transitions of a machine, each with the words that stand beside its arrow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from isthmus.shapes import is_list, is_mapping
from isthmus.workflows.definition import Machine, State

EdgeKind = Literal["next", "choice", "default", "catch"]
"""What makes a state go a way."""

LONGEST_LABEL = 48
"""The most characters beside an arrow."""

_SIGNS: Mapping[str, str] = {
    "LessThanEquals": "≤",
    "GreaterThanEquals": "≥",
    "LessThan": "<",
    "GreaterThan": ">",
    "Equals": "=",
    "Matches": "matches",
}

_DEEPEST = 3
"""So many conditions within one another are written out."""


@dataclass(frozen=True, slots=True)
class Edge:
    """An arrow from one state of a machine to another."""

    source: str
    target: str
    kind: EdgeKind
    label: str = ""


def edges(machine: Machine) -> list[Edge]:
    """Return the transitions of a machine; those of one kind between the same two states are one arrow."""
    labels: dict[tuple[str, str, EdgeKind], dict[str, None]] = {}
    for state in machine.states.values():
        for edge in _edges(state):
            if edge.target in machine.states:
                labels.setdefault((edge.source, edge.target, edge.kind), {})[edge.label] = None
    return [Edge(*between, shortened(" / ".join(filter(None, said)))) for between, said in labels.items()]


def is_ending(state: State) -> bool:
    """Return whether a machine ends with a state."""
    return state.type in ("Succeed", "Fail") or state.fields.get("End") is True


def shortened(text: str, length: int = LONGEST_LABEL) -> str:
    """Return a text on one line, cut to a length."""
    line = " ".join(text[: 4 * length].split())
    return line if len(line) <= length else f"{line[: length - 1]}…"


def _edges(state: State) -> Iterator[Edge]:
    fields = state.fields
    if state.type == "Choice":
        for rule in _mappings(fields.get("Choices")):
            yield from _edge(state, rule.get("Next"), "choice", condition(rule))
        yield from _edge(state, fields.get("Default"), "default", "otherwise")
    else:
        yield from _edge(state, fields.get("Next"), "next", "")
    for catcher in _mappings(fields.get("Catch")):
        names = catcher.get("ErrorEquals")
        said = ", ".join(map(str, names[:LONGEST_LABEL])) if is_list(names) else ""
        yield from _edge(state, catcher.get("Next"), "catch", said.replace("States.ALL", "any error"))


def _edge(state: State, target: object, kind: EdgeKind, label: str) -> Iterator[Edge]:
    if isinstance(target, str):
        yield Edge(state.name, target, kind, shortened(label))


def _mappings(value: object) -> Iterator[Mapping[Any, Any]]:
    return (element for element in (value if is_list(value) else ()) if is_mapping(element))


def condition(rule: Mapping[Any, Any], depth: int = 0) -> str:
    """Return the condition of a rule in few words."""
    if "Condition" in rule:
        said = str(rule["Condition"])[: 4 * LONGEST_LABEL]
        return said.removeprefix("{%").removesuffix("%}").strip()
    for word in ("And", "Or"):
        if is_list(rule.get(word)):
            parts = list(_mappings(rule[word][:LONGEST_LABEL]))
            return f" {word.lower()} ".join(_inner(part, depth) for part in parts)
    if is_mapping(rule.get("Not")):
        return f"not {_inner(rule['Not'], depth)}"
    return next(_tests(rule), "")


def _inner(rule: Mapping[Any, Any], depth: int) -> str:
    if depth >= _DEEPEST:
        return "…"
    said = condition(rule, depth + 1)
    return f"({said})" if "And" in rule or "Or" in rule else said


def _tests(rule: Mapping[Any, Any]) -> Iterator[str]:
    variable = shortened(str(rule.get("Variable", "")))
    for name, value in rule.items():
        if name in ("Variable", "Next", "Comment", "Assign") or not isinstance(name, str):
            continue
        if name.startswith("Is"):
            yield f"{variable} is {'' if value is True else 'not '}{name[2:].lower()}"
        else:
            yield f"{variable} {_sign(name)} {_value(value)}"


def _sign(operator: str) -> str:
    plain = operator.removesuffix("Path")
    return next((sign for ending, sign in _SIGNS.items() if plain.endswith(ending)), operator)


def _value(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else shortened(str(value))
