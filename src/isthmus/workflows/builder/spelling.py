"""How options are spelled: `result_path` in Python is `ResultPath` in the language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def fields(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as the fields of the language."""
    return {"".join(word.capitalize() for word in name.split("_")): value for name, value in options.items()}
