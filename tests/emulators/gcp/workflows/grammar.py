"""From the text of an expression to its nodes.

The order of operations is documented: parentheses, `.`, `[]`, `not`, unary minus, `* / // %`, `+ -`, then all of
`<= >= < > == != in` on one level, then `and`, then `or`. So `not a == b` is `(not a) == b`.
https://cloud.google.com/workflows/docs/reference/syntax/datatypes#order-of-operations

Maps have no form in expressions (only in steps); lists have, since `range` and `map.get` are documented with one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

from tests.emulators.gcp.workflows.lexer import ExpressionError, Token, tokens
from tests.emulators.gcp.workflows.syntax import Binary, Function, Items, Literal, Member, Node, Unary, Variable

_LEVELS: tuple[tuple[str, ...], ...] = (
    ("or",),
    ("and",),
    ("<=", ">=", "<", ">", "==", "!=", "in"),
    ("+", "-"),
    ("*", "/", "//", "%"),
)
DEEPEST = 100
"""How deep an expression of 400 characters may be nested here, so that no text ends the stack of this program."""


@lru_cache(maxsize=4096)
def parsed(text: str) -> Node:
    """Return the nodes of an expression; `ExpressionError` where it is none."""
    reading = _Reading(list(tokens(text)))
    node = reading.level(0)
    reading.take("end", "")
    return node


class _Reading:
    def __init__(self, found: Sequence[Token]) -> None:
        self._tokens = found
        self._place = 0
        self._depth = 0

    def level(self, number: int) -> Node:
        """Read operators of a level and of all that bind more."""
        if number == len(_LEVELS):
            return self._unary()
        node = self.level(number + 1)
        while self._next.kind == "operator" and self._next.value in _LEVELS[number]:
            operator = self._advance().value
            node = Binary(operator, node, self.level(number + 1))
        return node

    def take(self, kind: str, value: str) -> None:
        """Read a token that has to be there."""
        if self._next != Token(kind, value):
            raise ExpressionError(f"extraneous input {str(self._next.value)!r}, expecting {value or 'the end'!r}")
        self._advance()

    @property
    def _next(self) -> Token:
        return self._tokens[self._place]

    def _advance(self) -> Token:
        token = self._tokens[self._place]
        self._place = min(self._place + 1, len(self._tokens) - 1)
        return token

    def _is(self, operator: str) -> bool:
        return self._next == Token("operator", operator)

    def _unary(self) -> Node:
        if self._is("-"):
            self._advance()
            return self._deeper(lambda: Unary("-", self._unary()))
        return self._negated()

    def _negated(self) -> Node:
        """`not` binds more than unary minus, so that only another `not` or an operand may follow it."""
        if self._is("not"):
            self._advance()
            return self._deeper(lambda: Unary("not", self._negated()))
        return self._postfix(self._primary())

    def _deeper(self, read: Callable[[], Node]) -> Node:
        self._depth += 1
        if self._depth > DEEPEST:
            raise ExpressionError("the expression is nested too deep")
        node = read()
        self._depth -= 1
        return node

    def _primary(self) -> Node:
        token = self._advance()
        if token.kind == "value":
            return Literal(token.value)
        if token.kind == "name":
            return self._named(token.value)
        if token == Token("operator", "("):
            return self._deeper(self._parenthesised)
        if token == Token("operator", "["):
            return self._deeper(lambda: Items(self._until("]")))
        raise ExpressionError(f"unexpected {str(token.value) or 'end'!r}")

    def _parenthesised(self) -> Node:
        node = self.level(0)
        self.take("operator", ")")
        return node

    def _named(self, name: str) -> Node:
        """Read a variable, or a function with its module: `text.split(…)`; `http.default_retry` is a name as well."""
        start, parts = self._place, [name]
        while self._is(".") and self._tokens[self._place + 1].kind == "name":
            self._advance()
            parts.append(self._advance().value)
        if self._is("("):
            self._advance()
            return self._deeper(lambda: Function(".".join(parts), self._until(")")))
        self._place = start
        return Variable(name)

    def _until(self, closing: str) -> tuple[Node, ...]:
        found: list[Node] = []
        while not self._is(closing):
            if found:
                self.take("operator", ",")
            found.append(self.level(0))
        self._advance()
        return tuple(found)

    def _postfix(self, node: Node) -> Node:
        while self._is(".") or self._is("["):
            node = Member(node, self._key() if self._advance().value == "." else self._index())
        return node

    def _key(self) -> Node:
        token = self._advance()
        if token.kind != "name":
            raise ExpressionError(f"expecting a key after '.', not {str(token.value)!r}")
        return Literal(token.value)

    def _index(self) -> Node:
        node = self._deeper(lambda: self.level(0))
        self.take("operator", "]")
        return node
