"""The headers of a request or a response."""

from __future__ import annotations

from isthmus.errors import InvalidValueError
from isthmus.http.multi import MultiDict

TOKEN = frozenset("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""The characters of a header's, a cookie's or a method's name (RFC 9110, 5.6.2)."""

CONNECTION_HEADERS = frozenset(
    ("content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te", "trailer")
)
"""Headers that say how a message travels on one connection: the server's to write, not a handler's."""


def is_token(text: str) -> bool:
    """Tell whether `text` may be the name of a header, a cookie or a method."""
    if text.isascii() and text.replace("-", "").isalnum():
        return True  # nearly every name, at a fraction of the price
    return bool(text) and TOKEN.issuperset(text)


def check_header(name: str, value: str) -> None:
    """Raise `InvalidValueError` for what would break out of its header line, or that no header may hold."""
    if not is_token(name):
        raise InvalidValueError(f"{name!r} cannot be the name of a header: letters, digits and - are safe")
    if value.isascii() and value.isprintable():
        return
    for character in value:
        code = ord(character)
        if (code < 32 and character != "\t") or code == 127 or code > 255:
            raise InvalidValueError(
                f"header {name!r} cannot hold {character!r}: no line breaks or control characters, and Latin-1 only"
            )


class Headers(MultiDict):
    """Header names and values in order, found regardless of case; `set` and `add` refuse line breaks."""

    __slots__ = ()

    @staticmethod
    def _fold(name: str) -> str:
        return name.lower()

    def _first(self, name: str) -> str | None:
        # Every request is asked for its content type, every response for a header that it hardly ever has: worth a
        # loop that stops at the first.
        folded = name.lower()
        for key, value in self._pairs:
            if key.lower() == folded:
                return value
        return None

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._first(name) is not None

    def add(self, name: str, value: str) -> None:
        """Add one more header of that name."""
        check_header(name, value)
        self._pairs.append((name, value))
        self._index = None

    def set(self, name: str, value: str) -> None:
        """Set the only header of that name."""
        check_header(name, value)
        self.remove(name)
        self._pairs.append((name, value))

    def remove(self, name: str) -> None:
        """Remove each header of that name; nothing happens where there is none."""
        folded = name.lower()
        self._pairs = [pair for pair in self._pairs if pair[0].lower() != folded]
        self._index = None

    def __setitem__(self, name: str, value: str) -> None:
        self.set(name, value)

    def __delitem__(self, name: str) -> None:
        self.remove(name)
