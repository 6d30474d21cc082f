"""A machine of the suite, and what its states are made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

END: dict[str, Any] = {"Type": "Pass", "End": True}


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine with its input, and what its tasks come to."""

    name: str
    states: Mapping[str, Any]
    given: Any = field(default_factory=lambda: {"id": 7, "a": {"b": 1}})
    answers: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=lambda: {})

    @property
    def definition(self) -> dict[str, Any]:
        """Return the document, which starts at the first state."""
        return {"StartAt": next(iter(self.states)), "States": dict(self.states)}


def task(**fields: Any) -> dict[str, Any]:
    """Return a Task that ends its machine, unless it has a Next."""
    return {"Type": "Task", "Resource": "shop.work", **fields, **({} if "Next" in fields else {"End": True})}


def retry(*errors: str, **fields: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors), "IntervalSeconds": 1, **fields}


def catch(*errors: str, to: str = "Caught", **fields: Any) -> dict[str, Any]:
    return {"ErrorEquals": list(errors), "Next": to, **fields}


def machine(**states: Any) -> dict[str, Any]:
    """Return a machine of these states, for a branch or an iteration."""
    return {"StartAt": next(iter(states)), "States": states}


def fails(*errors: str, then: Any = "done") -> list[dict[str, Any]]:
    """Return the answers of a task that fails by each of these names in turn, and then succeeds."""
    return [*({"error": error, "cause": "because"} for error in errors), {"result": then}]
