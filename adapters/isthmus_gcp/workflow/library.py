"""The helper subworkflows: what the expressions of Workflows cannot say, emitted where it is used.

They are YAML beside this module, in `library/`, and call nothing but what Workflows documents (see `documented`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from isthmus.shapes import is_list, is_mapping

PREFIX = "states_"
"""How the names of helpers begin; no other subworkflow's does."""


@cache
def helpers() -> Mapping[str, Any]:
    """Return all helpers by name."""
    folder = files("isthmus_gcp.workflow").joinpath("library")
    found: dict[str, Any] = {}
    for file in sorted(folder.iterdir(), key=lambda file: file.name):
        if file.name.endswith(".yaml"):
            found.update(yaml.safe_load(file.read_text("utf-8")))
    return found


def used_by(subworkflows: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the helpers that subworkflows call, directly or through others, in the order of their names."""
    found: dict[str, Any] = {}
    waiting = set(_helpers_in(subworkflows.values()))
    while waiting:
        name = waiting.pop()
        found[name] = helpers()[name]
        waiting |= set(_helpers_in([found[name]])) - set(found)
    return dict(sorted(found.items()))


def calls_of(subworkflow: Any) -> set[str]:
    """Return the names of what a subworkflow calls by steps."""
    return set(_calls([subworkflow]))


def _helpers_in(values: Iterable[Any]) -> Iterator[str]:
    return (name for name in _calls(values) if name.startswith(PREFIX))


def _calls(values: Iterable[Any]) -> Iterator[str]:
    """Yield what steps call; without recursion, since states are nested as deep as anybody likes."""
    waiting = list(values)
    while waiting:
        value = waiting.pop()
        if is_mapping(value):
            called = value.get("call")
            if isinstance(called, str) and set(value) <= {"call", "args", "result", "next"}:
                yield called
            waiting.extend(value.values())
        elif is_list(value):
            waiting.extend(value)
