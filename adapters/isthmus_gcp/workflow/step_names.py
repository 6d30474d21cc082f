"""Names of steps and subworkflows: those of the states, as far as Workflows takes them, and each only once.

A name has letters, digits, underscores and hyphens: https://cloud.google.com/workflows/docs/reference/syntax/steps
"""

from __future__ import annotations

import re

LONGEST = 60
"""Longer names are cut: they are there to be read."""

_OTHER = re.compile(r"[^A-Za-z0-9_-]+")
_JUMPS = frozenset({"end", "break", "continue"})
"""Where a `next` of these leads is not to a step."""


class Names:
    """Gives names of one namespace, each once; `taken` are given from the start."""

    def __init__(self, taken: frozenset[str] = frozenset()) -> None:
        self._taken = set(taken)

    def give(self, wanted: str) -> str:
        """Return a name that is, or begins like, what is wanted."""
        name = base = readable(wanted)
        number = 1
        while name in self._taken:
            number += 1
            name = f"{base}_{number}"
        self._taken.add(name)
        return name


def readable(text: str) -> str:
    """Return text as a name of Workflows."""
    name = _OTHER.sub("_", text)[:LONGEST].strip("_-") or "state"
    if not name[0].isalpha():
        name = f"S_{name}"
    return f"{name}_state" if name.lower() in _JUMPS else name
