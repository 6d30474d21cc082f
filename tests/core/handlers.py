"""Gives a lambda the type of a handler, for the checkers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def plain(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return `function` as it is."""
    return function
