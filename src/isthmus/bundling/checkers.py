"""What a module has for type checkers alone."""

from __future__ import annotations

import ast


def is_for_checkers(test: ast.expr) -> bool:
    """Tell whether a condition is that of `if TYPE_CHECKING`."""
    return getattr(test, "id", "") == "TYPE_CHECKING" or getattr(test, "attr", "") == "TYPE_CHECKING"
