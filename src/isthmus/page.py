"""One part of a listing, as the clients of every provider return it."""

from __future__ import annotations

from isthmus._typing import Generic, Iterator, Sequence, TypeVar

T = TypeVar("T")


class Page(Generic[T]):
    """A part of a listing: iterate over it; `cursor` is what to pass for the next part, None at the end."""

    __slots__ = ("cursor", "items")

    def __init__(self, items: Sequence[T], cursor: str | None = None) -> None:
        self.items = items
        self.cursor = cursor

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def __repr__(self) -> str:
        return f"<Page of {len(self.items)}{', and more' if self.cursor else ''}>"
