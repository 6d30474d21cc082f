"""What a table keeps: which values, how deeply nested, and how many bytes an item counts for.

Every provider keeps exactly these: None, bool, 64-bit ints, doubles whose magnitude is 0 or between 1e-130 and
9.99e125, str, bytes, and lists and maps (dicts with str keys) of them, nested 31 deep at most. An integral double may
come back as an int, and -0.0 comes back as 0. Subclasses (an enum member, a defaultdict) are refused too: they would
not come back as what they were.
"""

from __future__ import annotations

from isthmus._typing import Any, Item
from isthmus.errors import InvalidValueError, TooLargeError

ITEM_LIMIT = 400 * 1024
"""The most bytes of one item, names and values."""

DEPTH_LIMIT = 31
"""How deep lists and maps may be nested within an item."""

NAME_LIMIT = 1500
"""The most bytes of an attribute's name, at any depth."""

_LEAST_INT = -(2**63)
_MOST_INT = 2**63 - 1
_LEAST_DOUBLE = 1e-130
_MOST_DOUBLE = 1e126

_HINTS = {
    "tuple": "use a list",
    "set": "use a list",
    "frozenset": "use a list",
    "Decimal": "use an int, a float or a str",
    "datetime": "use timestamp() or isoformat()",
    "date": "use isoformat()",
    "UUID": "use str(…)",
    "bytearray": "use bytes",
    "memoryview": "use bytes",
}


class _RefusedError(Exception):
    """A value that is not kept, on its way up: each container adds where in it the value stands."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.path = ""


def check(item: Item, what: str = "the item") -> int:
    """Return the bytes that `item` counts for.

    `InvalidValueError` names the path of what is not kept (`lines[2].price`); `TooLargeError` where it is over 400 KB.
    """
    if type(item) is not dict:
        raise InvalidValueError(f"{what} must be a dict of attributes, not {type(item).__name__}")
    size = _measure(item, 0, "")
    if size > ITEM_LIMIT:
        raise TooLargeError(what, size, ITEM_LIMIT, "Keep what is large in a bucket, and its key in the item")
    return size


def check_value(value: Any, name: str) -> int:
    """Return the bytes that the value of attribute `name` counts for; `InvalidValueError` where it is not kept."""
    return _measure(value, 1, name)


def is_number(value: object) -> bool:
    """Say whether `value` is a number, which a bool is not."""
    kind = type(value)
    return kind is int or kind is float


def _measure(value: Any, depth: int, name: str) -> int:
    try:
        return _size(value, depth)
    except _RefusedError as refused:
        path = (name + refused.path).removeprefix(".")
        raise InvalidValueError(f"{path or 'the item'}: {refused}") from None


def _size(value: object, depth: int) -> int:
    measure = _SIZES.get(type(value))
    if measure is None:
        raise _RefusedError(_foreign(value))
    size: int = measure(value, depth)
    return size


def _foreign(value: object) -> str:
    kind = type(value)
    bases = [base.__name__ for base in kind.__mro__[1:] if base in _SIZES]
    names = [base.__name__ for base in kind.__mro__]
    if "Enum" in names:
        hint = "use its .value"
    elif bases:
        hint = f"use {bases[0]}(…)"
    else:
        hint = next((_HINTS[name] for name in names if name in _HINTS), "")
    kept = "a table keeps None, bool, int, float, str, bytes, list and dict"
    return f"{kind.__name__} is not kept: {hint or kept}"


def _text_size(value: str, _depth: int) -> int:
    if value.isascii():
        return len(value)
    try:
        return len(value.encode())
    except UnicodeEncodeError as error:
        raise _RefusedError(f"is not valid Unicode: a lone surrogate at position {error.start}") from None


def _int_size(value: int, _depth: int) -> int:
    if not _LEAST_INT <= value <= _MOST_INT:
        raise _RefusedError("an int must fit in 64 bits: use a str")
    return _digits_size(str(value))


def _float_size(value: float, _depth: int) -> int:
    if value and not _LEAST_DOUBLE <= abs(value) < _MOST_DOUBLE:  # also where it is not a number
        raise _RefusedError(f"{value!r} is not kept: a float is 0 or has a magnitude from 1e-130 to 9.99e125")
    return _digits_size(repr(value).partition("e")[0].replace(".", ""))


def _digits_size(text: str) -> int:
    digits = text.strip("-0")
    return (len(digits) + 1) // 2 + (2 if text[0] == "-" else 1)  # a byte for two digits, one for the scale, one for -


def _list_size(value: list[Any], depth: int) -> int:
    _check_depth(depth)
    size = 3 + len(value)
    position = 0
    try:
        for position, entry in enumerate(value):  # noqa: B007 - read where an entry is refused
            size += _size(entry, depth + 1)
    except _RefusedError as refused:
        refused.path = f"[{position}]{refused.path}"
        raise
    return size


def _dict_size(value: dict[Any, Any], depth: int) -> int:
    _check_depth(depth)
    size = 3 + len(value) if depth else 0
    name: Any = ""
    try:
        for name, entry in value.items():
            size += _name_size(name) + _size(entry, depth + 1)
    except _RefusedError as refused:
        refused.path = f".{name if type(name) is str else repr(name)}{refused.path}"
        raise
    return size


def _check_depth(depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise _RefusedError(f"is nested deeper than {DEPTH_LIMIT} levels")


def _name_size(name: object) -> int:
    if type(name) is not str:
        raise _RefusedError(f"a name must be a str, not {type(name).__name__}")
    size = _text_size(name, 0)
    if not 0 < size <= NAME_LIMIT:
        raise _RefusedError(f"a name is 1 to {NAME_LIMIT:,} bytes long; this one is {size:,}")
    return size


def _constant_size(_value: object, _depth: int) -> int:
    return 1


def _bytes_size(value: bytes, _depth: int) -> int:
    return len(value)


_SIZES: dict[type, Any] = {
    str: _text_size,
    int: _int_size,
    float: _float_size,
    bool: _constant_size,
    type(None): _constant_size,
    bytes: _bytes_size,
    list: _list_size,
    dict: _dict_size,
}
