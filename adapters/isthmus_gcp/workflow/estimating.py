"""What a source uses of Google's limits, as far as it can be told before it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from isthmus.shapes import is_list, is_mapping
from isthmus_gcp.workflow import library
from isthmus_gcp.workflow.source import Estimates

RECURSIONS = 3
"""So many calls of itself a helper is expected to make where the data decide it."""


def estimated(subworkflows: Mapping[str, Any], text: str) -> Estimates:
    """Return what a source uses."""
    return Estimates(
        bytes=len(text.encode()),
        steps=_steps("main", subworkflows, {}),
        call_depth=_depth("main", {name: library.calls_of(body) for name, body in subworkflows.items()}, {}),
        parallel_depth=_parallel("main", subworkflows),
    )


def _steps(name: str, subworkflows: Mapping[str, Any], known: dict[str, int]) -> int:
    """Return the steps of a subworkflow that goes through each once, with those of what it calls."""
    if name not in known:
        known[name] = 0  # what calls itself counts once
        known[name] = sum(_in(step, subworkflows, known) for step in _walk(subworkflows[name]["steps"]))
    return known[name]


def _in(step: Mapping[str, Any], subworkflows: Mapping[str, Any], known: dict[str, int]) -> int:
    called = step.get("call")
    return 1 + (_steps(called, subworkflows, known) if isinstance(called, str) and called in subworkflows else 0)


def _walk(steps: Any) -> list[Mapping[str, Any]]:
    """Return all steps of a list, and those nested within them."""
    found: list[Mapping[str, Any]] = []
    waiting = [steps]
    while waiting:
        value = waiting.pop()
        if is_list(value):
            waiting.extend(value)
        elif is_mapping(value):
            found.extend(step for step in value.values() if is_mapping(step) and _KINDS & set(step))
            waiting.extend(value.values())
    return found


_KINDS = frozenset({"assign", "call", "switch", "try", "parallel", "for", "raise", "return", "next"})


def _depth(name: str, calls: Mapping[str, set[str]], known: dict[str, int]) -> int:
    """Return how deep a subworkflow calls others, itself included."""
    if name not in known:
        known[name] = RECURSIONS
        known[name] = 1 + max((_depth(inner, calls, known) for inner in calls[name] if inner in calls), default=0)
    return known[name]


def _parallel(name: str, subworkflows: Mapping[str, Any]) -> int:
    """Return how deep parallel steps are nested, through the subworkflows that they call."""
    return max((_below(step, subworkflows) for step in subworkflows[name]["steps"]), default=0)


def _below(value: Any, subworkflows: Mapping[str, Any]) -> int:
    if is_list(value):
        return max((_below(inner, subworkflows) for inner in value), default=0)
    if not is_mapping(value):
        return 0
    called = str(value.get("call"))
    is_own = called in subworkflows and not called.startswith(library.PREFIX)
    through = _parallel(called, subworkflows) if is_own else 0
    deepest = max((_below(inner, subworkflows) for inner in value.values()), default=0)
    return max(deepest, through) + ("parallel" in value)
