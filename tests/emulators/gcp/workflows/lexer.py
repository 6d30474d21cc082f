"""The tokens of an expression.

Numbers, strings in double quotes, names, operators; logical operators and booleans in lower or in upper case.
https://cloud.google.com/workflows/docs/reference/syntax/expressions
https://cloud.google.com/workflows/docs/reference/syntax/datatypes#logical-operators
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from tests.emulators.gcp.workflows.values import MOST

_TOKEN = re.compile(
    r"""[ \t\r\n]*(?:
    (?P<double>\d+\.\d+(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+)
    |(?P<integer>\d+)
    |(?P<string>"(?:[^"\\\n]|\\.)*")
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<operator>//|==|!=|<=|>=|[-+*/%<>()\[\],.])
    |(?P<end>\Z)
    )""",
    re.VERBOSE,
)
_ESCAPES = {'"': '"', "\\": "\\", "n": "\n", "r": "\r", "t": "\t"}
"""What may follow a backslash; the documentation shows the quote and `n`, the others are a guess."""

WORDS: dict[str, tuple[str, Any]] = {
    **{word: ("operator", word.lower()) for word in ("and", "or", "not", "AND", "OR", "NOT", "in")},
    **{word: ("value", word.lower() == "true") for word in ("true", "false", "True", "False", "TRUE", "FALSE")},
    "null": ("value", None),
}
"""Names that are none: what each of them is."""


class ExpressionError(ValueError):
    """A text that is no expression."""


class Token(NamedTuple):
    """A token: its kind is `value`, `name`, `operator` or `end`."""

    kind: str
    value: Any


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of an expression, the last of them of the kind `end`."""
    place = 0
    while True:
        match = _TOKEN.match(text, place)
        if match is None:
            raise ExpressionError(f"token recognition error at: {text[place:].lstrip()[:20]!r}")
        place = match.end()
        token = _token(match.lastgroup or "", match[match.lastgroup or ""])
        yield token
        if token.kind == "end":
            return


def _token(kind: str, text: str) -> Token:
    if kind == "name":
        return Token(*WORDS.get(text, ("name", text)))
    if kind == "integer":
        return Token("value", _whole(text))
    if kind == "double":
        return Token("value", float(text))
    if kind == "string":
        return Token("value", re.sub(r"\\(.)", _escaped, text[1:-1], flags=re.DOTALL))
    return Token(kind, text)


def _whole(text: str) -> int:
    if len(text) > 25 or int(text) > MOST:
        raise ExpressionError(f"{text[:30]} does not fit in 64 bits")
    return int(text)


def _escaped(match: re.Match[str]) -> str:
    found = _ESCAPES.get(match[1])
    if found is None:
        raise ExpressionError(f"the escape {match[0]} is not documented")
    return found
