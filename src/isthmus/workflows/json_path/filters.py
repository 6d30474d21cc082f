"""Reads the condition of a filter: `@.price < 10 && !(@.category == 'fiction')`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from isthmus.workflows.json_path.cursor import BLANKS, Cursor
from isthmus.workflows.json_path.patterns import FLAGS, check
from isthmus.workflows.json_path.segments import (
    Comparison,
    Condition,
    Constant,
    Exists,
    Joined,
    Negated,
    Operand,
    Path,
    Pattern,
)

OPERATORS = (
    *("==", "!=", "===", "!==", "<", "<=", ">", ">=", "=~"),
    *("in", "nin", "contains", "all", "size", "empty", "subsetof", "anyof", "noneof"),
)
"""The operators between two operands; those that are words may be written in capitals."""

_SYMBOLS = "<>=~!"
_ENDS = f"),]&|{_SYMBOLS}{BLANKS}"
"""Where a path within a filter ends."""


class Reader:
    """Reads conditions and operands at a cursor; `read_path(cursor, base, ends)` reads the paths in them."""

    def __init__(self, cursor: Cursor, read_path: Callable[[Cursor, str, str], Path]) -> None:
        self._cursor = cursor
        self._read_path = read_path

    def condition(self) -> Condition:
        """Read a condition."""
        return self._joined("||", lambda: self._joined("&&", self._term))

    def operand(self) -> Operand:
        """Read a path, a literal or a regular expression."""
        cursor = self._cursor
        cursor.skip_blanks()
        if cursor.next and cursor.next in "$@":
            return self._read_path(cursor, cursor.take(), _ENDS)
        return self._pattern() if cursor.accept("/") else Constant(self._literal())

    def _joined(self, operator: Literal["&&", "||"], read: Callable[[], Condition]) -> Condition:
        conditions = [read()]
        self._cursor.skip_blanks()
        while self._cursor.accept(operator):
            conditions.append(read())
            self._cursor.skip_blanks()
        return conditions[0] if len(conditions) == 1 else Joined(operator, tuple(conditions))

    def _term(self) -> Condition:
        cursor = self._cursor
        cursor.skip_blanks()
        if cursor.accept("!"):
            return self._negated()
        if cursor.accept("("):
            inner = self.condition()
            cursor.expect(")")
            return inner
        return self._comparison()

    def _negated(self) -> Condition:
        self._cursor.skip_blanks()
        inner = self._term()
        return Exists(inner.path, not inner.present) if isinstance(inner, Exists) else Negated(inner)

    def _comparison(self) -> Condition:
        left = self.operand()
        operator = self._operator()
        if operator:
            return Comparison(left, operator, self.operand())
        if isinstance(left, Path):
            return Exists(left, present=True)
        return self._cursor.fail("an operator is missing")

    def _operator(self) -> str:
        cursor = self._cursor
        cursor.skip_blanks()
        if not cursor.next or cursor.next in "&|),":
            return ""
        operator = (cursor.take_while(_SYMBOLS) or cursor.word()).lower()
        if operator not in OPERATORS:
            cursor.fail(f"there is no operator {operator or cursor.next!r}; there are {', '.join(OPERATORS)}")
        return operator

    def _pattern(self) -> Pattern:
        cursor = self._cursor
        found: list[str] = []
        while not cursor.done:
            character = cursor.take()
            if character == "/":
                return self._checked(Pattern("".join(found), cursor.take_while(FLAGS)))
            # An escaped slash is a slash; any other escape belongs to the expression.
            escaped = cursor.take() if character == "\\" else ""
            found.append("/" if escaped == "/" else character + escaped)
        return cursor.fail("the closing / is missing")

    def _checked(self, pattern: Pattern) -> Pattern:
        try:
            check(pattern)
        except ValueError as error:
            self._cursor.fail(str(error))
        return pattern

    def _literal(self) -> Any:
        cursor = self._cursor
        cursor.skip_blanks()
        if cursor.next and cursor.next in "'\"":
            return cursor.quoted()
        if cursor.accept("["):
            return self._list()
        if cursor.accept("{"):
            return self._object()
        return cursor.literal("a path, a text in quotes, a number, true, false, null or a list")

    def _list(self) -> list[Any]:
        found: list[Any] = []
        while not self._closes("]", first=not found):
            found.append(self._literal())
        return found

    def _object(self) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while not self._closes("}", first=not found):
            name = self._literal()
            self._cursor.expect(":")
            found[str(name)] = self._literal()
        return found

    def _closes(self, end: str, *, first: bool) -> bool:
        self._cursor.skip_blanks()
        if self._cursor.accept(end):
            return True
        if not first:
            self._cursor.expect(",")
        return False
