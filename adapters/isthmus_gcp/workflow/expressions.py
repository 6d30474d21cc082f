"""Expressions of Workflows as text: `code` is what stands between `${` and `}`.

https://cloud.google.com/workflows/docs/reference/syntax/expressions
"""

from __future__ import annotations

import math
import re
from typing import Any

from isthmus_gcp.workflow import limits
from isthmus_gcp.workflow.refusal import UnportableError

SHORT = 120
"""More characters of code than this are put into a variable before they are part of other code."""

_PLAIN = re.compile(r"[^\"\\\x00-\x1f\x7f${}]*")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_RESERVED = frozenset({"and", "or", "not", "in", "true", "false", "null", "if", "default", "keys", "len"})
"""Words that mean something else after a dot, or might."""


def expression(code: str) -> str:
    """Return the value of YAML that stands for code."""
    found = "${" + code + "}"
    if len(found) > limits.EXPRESSION:
        raise UnportableError(f"an expression of {len(found)} characters; Workflows takes {limits.EXPRESSION}")
    return found


def is_plain(text: str) -> bool:
    """Return whether text can stand in code as a literal, with nothing to escape, and is short."""
    return len(text) <= SHORT and _PLAIN.fullmatch(text) is not None


def literal(text: str) -> str:
    """Return plain text as code."""
    return f'"{text}"'


def field(code: str, key: str | int) -> str:
    """Return the code of an element of what `code` stands for; a key of text is plain."""
    if isinstance(key, int):
        return f"{code}[{key}]"
    if _NAME.fullmatch(key) and key.lower() not in _RESERVED:
        return f"{code}.{key}"
    return f"{code}[{literal(key)}]"


def checked_number(value: Any) -> Any:
    """Return a number of the document; `UnportableError` where Workflows has none such."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and not -limits.INTEGER <= value < limits.INTEGER:
        raise UnportableError(f"the integer {str(value)[:40]} has more than 64 bits")
    if isinstance(value, float) and not math.isfinite(value):
        raise UnportableError("a number that is infinite, or none at all")
    return value
