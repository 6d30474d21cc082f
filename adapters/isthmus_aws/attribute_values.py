"""DynamoDB's attribute values and ours: `{"N": "5"}` is 5.

What Isthmus keeps (`isthmus.values`) comes back as it was put; an integral float comes back as an int. What others have
put besides becomes the nearest of ours: a set a list, a number of more digits than a double has the nearest double.
https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_AttributeValue.html
"""

from __future__ import annotations

from isthmus._typing import Any, Callable, Item, Mapping, Value
from isthmus.errors import BadEventError

_LEAST_INT = -(2**63)
_MOST_INT = 2**63 - 1
_LONGEST_INT = 18  # digits, sign included, of what is surely in 64 bits


def to_item(image: Mapping[str, Any]) -> Item:
    """Return the item of an image, `{"id": {"S": "a"}}`; `BadEventError` where it is none."""
    try:
        return _to_map(image)
    except _NOT_ONE as error:
        raise BadEventError(f"not an image of a DynamoDB item: {_told(error)}") from error


def to_value(attribute: Mapping[str, Any]) -> Value:
    """Return the value of an attribute value, `{"S": "a"}`; `BadEventError` where it is none.

    Binary may be bytes, as botocore has it, or base64, as events have it.
    """
    try:
        value: Value = _to_value(attribute)
    except _NOT_ONE as error:
        raise BadEventError(f"not an attribute value of DynamoDB: {_told(error)}") from error
    return value


def from_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the image of an item whose values `isthmus.values.check` has passed, as botocore takes it."""
    return {name: _FROM[type(value)](value) for name, value in item.items()}


def from_value(value: Any) -> dict[str, Any]:
    """Return the attribute value of a value that `isthmus.values` keeps, as botocore takes it."""
    attribute: dict[str, Any] = _FROM[type(value)](value)
    return attribute


_NOT_ONE = (LookupError, TypeError, ValueError, AttributeError, RecursionError)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"


def _to_value(attribute: Mapping[str, Any]) -> Any:
    ((kind, value),) = attribute.items()
    return _TO[kind](value)


def _to_map(image: Mapping[str, Any]) -> Item:
    item: Item = {}
    for name, attribute in image.items():
        ((kind, value),) = attribute.items()
        item[name] = _TO[kind](value)
    return item


def _all(read: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    """Return what reads each of a list."""

    def read_all(entries: Any) -> list[Any]:
        if _is_list(entries):
            return [read(entry) for entry in entries]
        raise TypeError(f"{entries!r} is no list")

    return read_all


def _is_list(value: object) -> bool:
    return type(value) is list


def _to_text(value: Any) -> str:
    if type(value) is str:
        return value
    raise TypeError(f"{value!r} is no text")


def _to_number(text: str) -> int | float:
    if "." in text or "E" in text or "e" in text:
        return _to_fraction(text)
    number = int(text)
    return number if len(text) <= _LONGEST_INT or _LEAST_INT <= number <= _MOST_INT else float(text)


def _to_fraction(text: str) -> int | float:
    number = float(text)
    if number - number != 0:
        raise ValueError(f"{text!r} is no number of DynamoDB")
    return _exactly(text) if number.is_integer() and abs(number) <= 2**63 else number


def _exactly(text: str) -> int | float:
    """Return what is integral, or nearly, and written with a point or an exponent."""
    from decimal import Decimal

    number = Decimal(text)
    whole = int(number)
    return whole if whole == number and _LEAST_INT <= whole <= _MOST_INT else float(text)


def _to_bytes(value: Any) -> bytes:
    if isinstance(value, str):
        from binascii import a2b_base64

        return a2b_base64(value, strict_mode=True)
    if isinstance(value, bytes):
        return value
    raise TypeError(f"{value!r} is no binary")


def _to_bool(value: Any) -> bool:
    if isinstance(value, bool):
        return value
    raise TypeError(f"{value!r} is no bool")


_TO: dict[str, Callable[[Any], Any]] = {
    "S": _to_text,
    "N": _to_number,
    "BOOL": _to_bool,
    "NULL": lambda _: None,
    "M": _to_map,
    "L": _all(_to_value),
    "B": _to_bytes,
    "SS": _all(_to_text),
    "NS": _all(_to_number),
    "BS": _all(_to_bytes),
}
"""DynamoDB's data type descriptors: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html#Programming.LowLevelAPI.DataTypeDescriptors."""


def _number(value: float) -> str:
    """Return the digits of a double: all of them where it is integral, or it would come back as another int."""
    return str(int(value)) if value.is_integer() and _LEAST_INT <= value <= _MOST_INT else repr(value)


_FROM: dict[type, Callable[[Any], dict[str, Any]]] = {
    str: lambda value: {"S": value},
    int: lambda value: {"N": str(value)},
    float: lambda value: {"N": _number(value)},
    bool: lambda value: {"BOOL": value},
    type(None): lambda _: {"NULL": True},
    dict: lambda value: {"M": from_item(value)},
    list: lambda value: {"L": [from_value(entry) for entry in value]},
    bytes: lambda value: {"B": value},
}
