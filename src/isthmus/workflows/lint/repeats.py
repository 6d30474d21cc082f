"""Names that a JSON text gives twice in one object: a parser keeps the last, and says nothing of the others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import Any

from isthmus.shapes import is_list, is_mapping, shown
from isthmus.workflows.lint.problems import looking
from isthmus.workflows.lint.spot import Fault, Spot


class _Object(dict[str, Any]):
    """An object of a JSON text, with the names that it has more than once."""

    __slots__ = ("repeated",)
    repeated: Sequence[str]


def read(data: str | bytes) -> tuple[Any, list[Fault]]:
    """Return the value of a JSON text, and a fault for each name that stands twice in an object of it.

    `ValueError` for what is no JSON, `RecursionError` for what is nested too deeply to be read.
    """
    value = json.loads(data, object_pairs_hook=_object)
    return value, looking(_repeats, value)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = _Object(pairs)
    made.repeated = [name for name, times in Counter(name for name, _ in pairs).items() if times > 1]
    return made


def _repeats(spot: Spot, value: Any) -> None:
    for name in value.repeated if isinstance(value, _Object) else ():
        spot.at(name).wrong(f"the name {shown(name)} stands more than once in this object: only the last one counts")
    inner = value.items() if is_mapping(value) else enumerate(value) if is_list(value) else ()
    for token, element in inner:
        if isinstance(element, dict | list):
            spot.at(token).later(_repeats, element)
