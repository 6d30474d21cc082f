"""The two shapes of JSON that hold others, told apart in a way that type checkers follow."""

from __future__ import annotations

from typing import Any, TypeGuard


def is_array(value: object) -> TypeGuard[list[Any]]:
    """Tell whether `value` is a list."""
    return isinstance(value, list)


def is_object(value: object) -> TypeGuard[dict[Any, Any]]:
    """Tell whether `value` is a dictionary."""
    return isinstance(value, dict)
