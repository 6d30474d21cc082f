"""Names for annotations alone, so that no run-time module pays for importing `typing`.

Importing `typing` costs more than the rest of a handler's start together; annotations are never evaluated
(`from __future__ import annotations`), so at run time any object will do in their place.
"""

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Any, Generic, Literal, NoReturn, Protocol, Self, TypeAlias, TypeVar, overload

    Json: TypeAlias = "str | int | float | bool | list[Any] | dict[str, Any] | None"
    """What `json.loads` returns."""

    Value: TypeAlias = "bool | int | float | str | bytes | list[Any] | dict[str, Any] | None"
    """What a table keeps: None, bool, 64-bit int, finite float, str, bytes, lists and maps of them."""

    Item: TypeAlias = "dict[str, Any]"
    """A row of a table: attribute name to `Value`."""

    Pairs: TypeAlias = "Mapping[str, str] | Iterable[tuple[str, str]]"
    """Names with their values, such as headers; as pairs, a name may come more than once."""

    Key: TypeAlias = "str | int | float | bytes | tuple[str | int | float | bytes, str | int | float | bytes]"
    """A row's key: the partition value alone, or (partition, sort)."""
else:
    Any = Awaitable = Callable = Iterable = Iterator = Mapping = Sequence = object
    Literal = NoReturn = Protocol = Self = TypeAlias = TracebackType = object
    Json = Value = Item = Key = Pairs = object

    class Generic:
        def __class_getitem__(cls, _):
            return object

    def overload(function):
        return function

    def TypeVar(name, **_):  # noqa: N802 - stands in for typing.TypeVar
        return name


__all__ = [
    "Any",
    "Awaitable",
    "Callable",
    "Generic",
    "Item",
    "Iterable",
    "Iterator",
    "Json",
    "Key",
    "Literal",
    "Mapping",
    "NoReturn",
    "Pairs",
    "Protocol",
    "Self",
    "Sequence",
    "TracebackType",
    "TypeAlias",
    "TypeVar",
    "Value",
    "overload",
]
