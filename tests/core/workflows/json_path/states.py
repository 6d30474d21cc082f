"""States and scopes of the tests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from isthmus.workflows.dataflow import Flowed, Scope
from isthmus.workflows.definition import State
from isthmus.workflows.json_path.dataflow import JSON_PATH
from isthmus.workflows.states_error import StatesError


def state(kind: str = "Pass", **fields: Any) -> State:
    """Return a state of JSONPath."""
    return State("A", "/States/A", {"Type": kind, **fields}, "JSONPath")


def scope(input: Any = None, variables: Mapping[str, Any] | None = None, **context: Any) -> Scope:
    """Return what the fields of a state can see."""
    return Scope({} if input is None else input, context, variables or {})


def passed(state: State, scope: Scope) -> Flowed:
    """Return what leaves a Pass, Wait or Succeed."""
    return JSON_PATH.output(state, scope, JSON_PATH.arguments(state, scope))


def computed(text: str, scope: Scope) -> Any:
    """Return what a path or an intrinsic function is worth."""
    return passed(state(Parameters={"value.$": text}), scope).output["value"]


def failed(text: str, scope: Scope) -> StatesError:
    """Return the error of a path or an intrinsic function."""
    with pytest.raises(StatesError) as failure:
        computed(text, scope)
    return failure.value
