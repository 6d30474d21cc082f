"""Typed attribute values, in which the language's table integrations say what an item holds: `{"S": "text"}`.

What a table of ours does not keep (sets, numbers of more digits than a double or 64 bits have) is refused.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from isthmus.shapes import is_list, is_mapping, shown
from isthmus.workflows.integrations.refusals import RefusedError

INT_BITS = 63
"""An int of a table fits into 64 bits, with its sign."""

DIGITS = 400
"""More characters than a number has that a table keeps."""


def decode_item(item: Any, what: str) -> dict[str, Any]:
    """Return an item of plain values."""
    if not is_mapping(item):
        raise RefusedError(f"{what} is an object of typed values, not {shown(item)}")
    return {str(name): decode(value, f"{what}.{name}") for name, value in item.items()}


def decode(value: Any, what: str) -> Any:
    """Return the plain value of a typed one; `RefusedError` names what is wrong with it."""
    if not is_mapping(value) or len(value) != 1:
        raise RefusedError(f'{what} is a typed value such as {{"S": "text"}}, not {shown(value)}')
    kind, held = next(iter(value.items()))
    if kind in ("SS", "NS", "BS"):
        raise RefusedError(f"{what} is a set, which a table of an app does not keep: use a list (L)")
    if kind not in _DECODED:
        raise RefusedError(f"{what} has the unknown type {shown(kind)}; known: {', '.join(_DECODED)}")
    try:
        return _DECODED[kind](held, what)
    except RecursionError:
        raise RefusedError(f"{what} is nested too deeply") from None


def encode_item(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of typed values."""
    return {name: encode(value) for name, value in item.items()}


def encode(value: Any) -> dict[str, Any]:
    """Return a value as a typed one."""
    if value is None:
        return {"NULL": True}
    for kind, letter, written in _ENCODED:
        if type(value) is kind:
            return {letter: written(value)}
    if is_list(value):
        return {"L": [encode(entry) for entry in value]}
    return {"M": encode_item(value)}


def _text(value: Any, what: str) -> str:
    if not isinstance(value, str):
        raise RefusedError(f"{what}: S is text, not {shown(value)}")
    return value


def _number(value: Any, what: str) -> int | float:
    if not isinstance(value, str) or len(value) > DIGITS:
        raise RefusedError(f"{what}: N is a number written as text, not {shown(value)}")
    try:
        exact = Decimal(value)
    except InvalidOperation:
        raise RefusedError(f"{what}: {shown(value)} is no number") from None
    number = _fitting(exact)
    if number is None:
        raise RefusedError(f"{what}: {shown(value)} has more digits than a table of an app keeps: use text (S)")
    return number


def _fitting(exact: Decimal) -> int | float | None:
    """Return the number that is just this, as an int where it is one; None where there is none."""
    if not exact.is_finite() or exact.adjusted() > DIGITS:
        return None
    if exact == exact.to_integral_value() and abs(exact) < 2**INT_BITS:
        return int(exact)
    number = float(exact)
    return number if Decimal(repr(number)) == exact else None


def _bytes(value: Any, what: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (TypeError, ValueError, binascii.Error):
        raise RefusedError(f"{what}: B is bytes in base64, not {shown(value)}") from None


def _flag(value: Any, what: str) -> bool:
    if not isinstance(value, bool):
        raise RefusedError(f"{what}: BOOL is true or false, not {shown(value)}")
    return value


def _list(value: Any, what: str) -> list[Any]:
    if not is_list(value):
        raise RefusedError(f"{what}: L is a list of typed values, not {shown(value)}")
    return [decode(entry, f"{what}[{number}]") for number, entry in enumerate(value)]


def _digits(value: float) -> str:
    return format(Decimal(repr(value)).normalize(), "f")


_DECODED: dict[str, Callable[[Any, str], Any]] = {
    "S": _text,
    "N": _number,
    "B": _bytes,
    "BOOL": _flag,
    "NULL": lambda _value, _what: None,
    "M": decode_item,
    "L": _list,
}

_ENCODED: Sequence[tuple[type, str, Callable[[Any], Any]]] = (
    (str, "S", lambda value: value),
    (bool, "BOOL", lambda value: value),
    (int, "N", str),
    (float, "N", _digits),
    (bytes, "B", lambda value: base64.b64encode(value).decode()),
)
