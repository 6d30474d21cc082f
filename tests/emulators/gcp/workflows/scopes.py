"""Variables while a workflow runs, and the memory that they take.

- An assignment changes the variable of that name that can be seen, or makes one in the current scope. What was made
  in a loop, in `except` or in a branch is gone after it; here each iteration begins with nothing of its own, as it is
  not documented that one sees what the one before it has left.
  https://cloud.google.com/workflows/docs/reference/syntax/variables#variable-scope
- All variables of an execution take at most 512 KB, a string 256 KB; beyond that a `ResourceLimitError` is raised.
  https://cloud.google.com/workflows/quotas#resource_limits
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.emulators.gcp.workflows.failures import failure
from tests.emulators.gcp.workflows.operators import key_of, place
from tests.emulators.gcp.workflows.values import is_list, is_map, kind, size

LIMIT = 512 * 1024
LONGEST = 256 * 1024


class Memory:
    """What all variables of an execution take."""

    def __init__(self) -> None:
        self.used = 0
        self.most = 0

    def change(self, more: int) -> None:
        """Take more, or less."""
        if more > 0 and self.used + more > LIMIT:
            raise failure("ResourceLimitError", f"memory usage limit exceeded: {self.used + more} of {LIMIT} bytes")
        self.used += more
        self.most = max(self.most, self.used)


class Scope:
    """Variables that can be seen together with those of the scopes around it."""

    def __init__(self, memory: Memory, around: Scope | None = None) -> None:
        self._memory = memory
        self._around = around
        self._values: dict[str, Any] = {}
        self._sizes: dict[str, int] = {}

    def inner(self, values: Mapping[str, Any] | None = None) -> Scope:
        """Return a scope in this one, with variables of its own."""
        scope = Scope(self._memory, self)
        for name, value in (values or {}).items():
            scope.own(name, value)
        return scope

    def get(self, name: str) -> Any:
        """Return a variable; one that has not been assigned yet is a `KeyError` (the tag is not documented)."""
        scope = self._of(name)
        if scope is None:
            raise failure("KeyError", f"variable '{name}' is not defined")
        return scope._values[name]

    def set(self, name: str, value: Any, path: Sequence[Any] = ()) -> None:
        """Assign a variable, or what is at a path in it."""
        scope = self._of(name)
        if path:
            value = _changed(self.get(name), path, value)
        (scope or self).own(name, value)

    def own(self, name: str, value: Any) -> None:
        """Assign a variable of this very scope."""
        takes = size(value)
        if isinstance(value, str) and takes > LONGEST + 8:
            raise failure("ResourceLimitError", f"a string of {takes - 8} bytes is too long: at most {LONGEST}")
        self._memory.change(takes - self._sizes.get(name, 0))
        self._values[name], self._sizes[name] = value, takes

    def close(self) -> None:
        """Give back what its own variables take."""
        self._memory.change(-sum(self._sizes.values()))
        self._values.clear()
        self._sizes.clear()

    def _of(self, name: str) -> Scope | None:
        scope: Scope | None = self
        while scope is not None and name not in scope._values:
            scope = scope._around
        return scope


def _changed(of: Any, path: Sequence[Any], value: Any) -> Any:
    """Return a copy of a list or map that has another value at a path.

    A key that a map has not yet is made; what is on the way has to be there, but that a missing map on the way is
    made as well is not documented, so that it is a `KeyError`.
    """
    key, rest = path[0], path[1:]
    if is_list(of):
        index = place(of, key)
        return [*of[:index], _changed(of[index], rest, value) if rest else value, *of[index + 1 :]]
    if not is_map(of):
        raise failure("TypeError", f"cannot assign to a member of a value of type {kind(of)}")
    name = key_of(key)
    if rest and name not in of:
        raise failure("KeyError", f"key not found: {name}")
    return {**of, name: _changed(of[name], rest, value) if rest else value}
