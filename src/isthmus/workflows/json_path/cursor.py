"""A cursor: a text that is read from left to right, as paths and intrinsic functions are."""

from __future__ import annotations

import json
import math
from typing import Any, NoReturn

from isthmus.errors import InvalidValueError
from isthmus.shapes import shown

BLANKS = " \t\r\n"

_ESCAPES = {"r": "\r", "n": "\n", "t": "\t", "f": "\f", "b": "\b"}


class ExpressionError(InvalidValueError):
    """A text that is no path, reference path or intrinsic function: why, and at which character."""


class Cursor:
    """A position in `text`, which is meant to be a `kind` ("path")."""

    __slots__ = ("kind", "position", "text")

    def __init__(self, text: str, kind: str) -> None:
        self.text = text
        self.kind = kind
        self.position = 0

    @property
    def next(self) -> str:
        """Return the character that is read next; "" at the end."""
        return self.text[self.position : self.position + 1]

    @property
    def done(self) -> bool:
        """Whether all has been read."""
        return self.position >= len(self.text)

    def take(self) -> str:
        """Read one character."""
        found = self.next
        self.position += 1
        return found

    def accept(self, expected: str) -> bool:
        """Read `expected` if it comes next."""
        found = self.text.startswith(expected, self.position)
        if found:
            self.position += len(expected)
        return found

    def expect(self, expected: str) -> None:
        """Read `expected`, which has to come next."""
        self.skip_blanks()
        if not self.accept(expected):
            self.fail(f"{expected!r} is missing")

    def skip_blanks(self) -> None:
        """Read white space."""
        while self.next and self.next in BLANKS:
            self.position += 1

    def take_while(self, allowed: str) -> str:
        """Read as many of these characters as come next."""
        start = self.position
        while self.next and self.next in allowed:
            self.position += 1
        return self.text[start : self.position]

    def take_until(self, stops: str) -> str:
        """Read up to one of these characters, or to the end."""
        text, end = self.text, self.position
        while end < len(text) and text[end] not in stops:
            end += 1
        found, self.position = text[self.position : end], end
        return found

    def word(self) -> str:
        """Read as many letters, digits and underscores as come next."""
        start = self.position
        while self.next.isalnum() or self.next == "_":
            self.position += 1
        return self.text[start : self.position]

    def quoted(self) -> str:
        """Read a text in the quotes that come next, single or double, in which a backslash escapes."""
        quote = self.take()
        found: list[str] = []
        while not self.done:
            character = self.take()
            if character == quote:
                return "".join(found)
            found.append(self._escaped() if character == "\\" else character)
        return self.fail(f"the closing {quote} is missing")

    def literal(self, expected: str) -> Any:
        """Read a number, true, false or null; `expected` says what might have come next."""
        number = self.take_while("+-.0123456789eE")
        try:
            value: Any = json.loads(number.removeprefix("+") or self.word(), parse_constant=self._no_constant)
        except ValueError:
            self.fail(f"{expected} is expected")
        if isinstance(value, float) and not math.isfinite(value):
            self.fail("a smaller number is expected")
        return value

    def _no_constant(self, name: str) -> NoReturn:
        raise ValueError(name)

    def _escaped(self) -> str:
        character = self.take()
        if character != "u":
            return _ESCAPES.get(character, character)
        digits = self.text[self.position : self.position + 4]
        self.position += 4
        try:
            return chr(int(digits, 16))
        except ValueError:
            self.fail(f"'\\u{digits}' is no character")

    def fail(self, why: str) -> NoReturn:
        """Refuse the text."""
        raise ExpressionError(f"{shown(self.text)} is no {self.kind}: {why}, at character {self.position + 1}")
