"""What two that run the same definition need not agree on: the words in which each says what is wrong with it."""

from __future__ import annotations

from typing import Any

from isthmus.shapes import is_list, is_mapping


def without_words(value: Any) -> Any:
    """Return a value without the cause of each state that is at fault itself; its error stays."""
    if is_list(value):
        return [without_words(inner) for inner in value]
    if not is_mapping(value):
        return value
    is_fault = str(value.get("Error")).startswith("States.") and "Cause" in value
    return {name: "" if is_fault and name == "Cause" else without_words(inner) for name, inner in value.items()}
