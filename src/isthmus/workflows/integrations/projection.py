"""A projection expression: which parts of an item come back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isthmus.shapes import is_list, is_mapping
from isthmus.workflows.integrations.tokens import Tokens

MISSING = object()


def parse(tokens: Tokens) -> Sequence[Sequence[str | int]]:
    """Return the paths of an expression."""
    paths = [tokens.path()]
    while tokens.skip(","):
        paths.append(tokens.path())
    tokens.end()
    return paths


def project(item: Mapping[str, Any], paths: Sequence[Sequence[str | int]]) -> dict[str, Any]:
    """Return the parts of an item that the paths name; those of lists move together."""
    chosen = _chosen(item, paths)
    return {} if chosen is MISSING else chosen


def _chosen(value: Any, paths: Sequence[Sequence[str | int]]) -> Any:
    if any(not path for path in paths):
        return value
    found: dict[Any, Any] = {}
    for step in dict.fromkeys(path[0] for path in paths):
        inner = _chosen(_member(value, step), [path[1:] for path in paths if path[0] == step])
        if inner is not MISSING:
            found[step] = inner
    if not found:
        return MISSING
    return [found[index] for index in sorted(found)] if is_list(value) else found


def _member(value: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return value[step] if is_list(value) and step < len(value) else MISSING
    return value.get(step, MISSING) if is_mapping(value) else MISSING
