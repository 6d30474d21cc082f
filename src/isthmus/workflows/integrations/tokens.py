"""The words of the expressions that table integrations take, read one after the other."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from isthmus.shapes import shown
from isthmus.workflows.integrations.refusals import RefusedError
from isthmus.workflows.integrations.typed_values import decode

LONGEST = 4096
"""The most characters of an expression: that is the service's own limit."""

_TOKEN = re.compile(r"\s*(<>|<=|>=|[=<>(),.+\-\[\]]|[#:]?[A-Za-z0-9_]+|\S)")


class Tokens:
    """The tokens of an expression, and what its placeholders stand for.

    `values` is None where only the form of the expression is looked at.
    """

    def __init__(self, source: Any, names: Mapping[str, Any], values: Mapping[str, Any] | None) -> None:
        if not isinstance(source, str) or not 0 < len(source) <= LONGEST:
            raise RefusedError(f"an expression is text of 1 to {LONGEST:,} characters, not {shown(source)}")
        self._source = source
        self._tokens = _split(source)
        self._at = 0
        self._names = names
        self._values = values

    @property
    def next(self) -> str:
        """Return the next token; "" at the end."""
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def word(self) -> str:
        """Return the next token in upper case, as keywords are compared."""
        return self.next.upper()

    def take(self) -> str:
        """Return the next token, and go on."""
        token = self.next
        self._at += 1
        return token

    def skip(self, token: str) -> bool:
        """Go on where the next token is this one; returns whether it was."""
        found = self.word() == token
        self._at += found
        return found

    def expect(self, token: str) -> None:
        """Go on by a token that must come."""
        if not self.skip(token):
            raise self.wrong(f"{shown(token)} should come")

    def end(self) -> None:
        """Refuse anything that is left."""
        if self.next:
            raise self.wrong("nothing should come")

    def wrong(self, what: str) -> RefusedError:
        """Return the error that says what is wrong here."""
        found = f"not {shown(self.next)}" if self.next else "not its end"
        return RefusedError(f"the expression {shown(self._source)}: {what}, {found}")

    def refused(self, what: str) -> RefusedError:
        """Return the error that says what the clients of tables cannot do."""
        return RefusedError(f"the expression {shown(self._source)}: {what}")

    @property
    def is_value(self) -> bool:
        """Return whether a value comes next."""
        return self.next.startswith(":")

    def attribute(self) -> str:
        """Return the name of a whole attribute; a path into one is refused."""
        path = self.path()
        if len(path) > 1:
            raise self.refused("a path into an attribute cannot be written or compared, only a whole attribute")
        return str(path[0])

    def path(self) -> list[str | int]:
        """Return the path of an attribute, or of what is within it."""
        path: list[str | int] = [self._name()]
        while self.next in (".", "["):
            path.append(self._name() if self.take() == "." else self._index())
        return path

    def value(self) -> Any:
        """Return the plain value that a placeholder stands for; the placeholder itself where no values are known."""
        token = self.take()
        if not token.startswith(":"):
            self._at -= 1
            raise self.wrong("a value such as :name should come")
        if self._values is None:
            return token
        if token not in self._values:
            raise self.refused(f"no value is given for {token}")
        return decode(self._values[token], token)

    @property
    def has_values(self) -> bool:
        """Return whether values are known."""
        return self._values is not None

    def _name(self) -> str:
        token = self.take()
        if token.startswith("#"):
            name = self._names.get(token)
            if not isinstance(name, str):
                raise self.refused(f"no name is given for {token}")
            return name
        if not token or not (token[0].isalpha() or token[0] == "_"):
            self._at -= 1
            raise self.wrong("the name of an attribute should come")
        return token

    def _index(self) -> int:
        token = self.take()
        if not token.isdecimal():
            raise self.wrong("an index should come")
        self.expect("]")
        return int(token)


def _split(source: str) -> list[str]:
    return _TOKEN.findall(source)
