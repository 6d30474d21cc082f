"""Names that may come more than once, in order: query parameters, form fields and, regardless of case, headers."""

from __future__ import annotations

from isthmus._typing import Any, Iterator, Pairs, Self, Sequence, overload


def pairs_of(source: Pairs) -> list[tuple[str, str]]:
    """Return the (name, value) pairs of a mapping (a `MultiDict` gives each of its own) or of an iterable of pairs."""
    given: Any = source
    return list(given.items() if hasattr(given, "items") else given)


class MultiDict:
    """Names and values in the order they came; `get` and `[]` give the first value of a name, `get_all` each."""

    __slots__ = ("_index", "_pairs")

    def __init__(self, source: Pairs = ()) -> None:
        self._pairs: list[tuple[str, str]] = source.copy() if type(source) is list else pairs_of(source)
        self._index: dict[str, list[str]] | None = None

    @staticmethod
    def _fold(name: str) -> str:
        return name

    def _values(self, name: str) -> list[str]:
        index = self._index
        if index is None:
            index = self._index = {}
            for key, value in self._pairs:
                index.setdefault(self._fold(key), []).append(value)
        return index.get(self._fold(name)) or []

    @overload
    def get(self, name: str) -> str | None: ...
    @overload
    def get(self, name: str, default: str) -> str: ...
    def get(self, name: str, default: str | None = None) -> str | None:
        """Return the first value of `name`, or `default`."""
        first = self._first(name)
        return default if first is None else first

    def _first(self, name: str) -> str | None:
        for key, value in self._pairs:  # quicker than an index, for as few as a request has
            if key == name:
                return value
        return None

    def get_all(self, name: str) -> list[str]:
        """Return each value of `name` in order; an empty list where it did not come."""
        return self._values(name).copy()

    def items(self) -> list[tuple[str, str]]:
        """Return each (name, value) in order, repeated names included."""
        return self._pairs.copy()

    def plus(self, more: Sequence[tuple[str, str]]) -> Self:
        """Return a copy with pairs added at the end; they are taken as they are."""
        kind = type(self)
        copied = kind.__new__(kind)
        copied._pairs = [*self._pairs, *more]
        copied._index = None
        return copied

    def keys(self) -> list[str]:
        """Return each name once, in order, as it was first written."""
        names: dict[str, str] = {}
        for name, _ in self._pairs:
            names.setdefault(self._fold(name), name)
        return list(names.values())

    def to_dict(self) -> dict[str, str]:
        """Return the first value of each name."""
        return {name: self._values(name)[0] for name in self.keys()}

    def to_lists(self) -> dict[str, list[str]]:
        """Return each value of each name."""
        return {name: self._values(name).copy() for name in self.keys()}

    def __getitem__(self, name: str) -> str:
        values = self._values(name)
        if not values:
            raise KeyError(name)
        return values[0]

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and bool(self._values(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __repr__(self) -> str:
        # Names alone: values may be a token or a password, and a repr ends up in a log.
        return f"<{type(self).__name__} {', '.join(self.keys())}>"
