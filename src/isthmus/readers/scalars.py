"""Single values: as JSON has them, and as a form or a dictionary's key writes them, in text."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from isthmus.readers.faults import Faults, Path, Reader

LONGEST_NUMBER = 400
"""How many characters a number in text may have: parsing takes more than linear time."""


def read_any(value: Any, _path: Path, _faults: Faults) -> Any:
    """Return whatever there is."""
    return value


def read_none(value: Any, path: Path, faults: Faults) -> None:
    """Read null."""
    if value is not None:
        faults.add(path, "must be null")


def read_bool(value: Any, path: Path, faults: Faults) -> Any:
    """Read true or false."""
    if isinstance(value, bool):
        return value
    return faults.add(path, "must be true or false")


def read_int(value: Any, path: Path, faults: Faults) -> Any:
    """Read a whole number; 2.0 is one."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return faults.add(path, "must be a whole number")


def read_float(value: Any, path: Path, faults: Faults) -> Any:
    """Read a number."""
    if isinstance(value, float):
        return value
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            return faults.add(path, "is too large")
    return faults.add(path, "must be a number")


def read_str(value: Any, path: Path, faults: Faults) -> Any:
    """Read text."""
    if isinstance(value, str):
        return value
    return faults.add(path, "must be text")


def read_decimal(value: Any, path: Path, faults: Faults) -> Any:
    """Read an exact number, from text or from a number."""
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        text = str(value)
        if len(text) <= LONGEST_NUMBER:
            try:
                number = Decimal(text)
            except InvalidOperation:
                number = None
            if number is not None and number.is_finite():
                return number
    return faults.add(path, "must be a number, or one in text")


def _text_reader(parse: Callable[[str], Any], message: str) -> Reader:
    def read(value: Any, path: Path, faults: Faults) -> Any:
        if isinstance(value, str):
            try:
                return parse(value)
            except ValueError:
                pass
        return faults.add(path, message)

    return read


def _int(text: str) -> int:
    digits = text.strip()
    if len(digits) > LONGEST_NUMBER or not digits.isascii() or not digits.lstrip("+-").isdigit():
        raise ValueError(text)  # int() also takes 1_000 and digits of other scripts
    return int(digits)


def _float(text: str) -> float:
    number = float(text)
    if "_" in text or not math.isfinite(number):
        raise ValueError(text)
    return number


def _bool(text: str) -> bool:
    lowered = text.strip().lower()
    if lowered not in _BOOLS:
        raise ValueError(text)
    return _BOOLS[lowered]


_BOOLS = {"true": True, "on": True, "yes": True, "1": True, "false": False, "off": False, "no": False, "0": False}

SCALARS: dict[Any, Reader] = {
    Any: read_any,
    object: read_any,
    None: read_none,
    type(None): read_none,
    bool: read_bool,
    int: read_int,
    float: read_float,
    str: read_str,
    Decimal: read_decimal,
    datetime: _text_reader(datetime.fromisoformat, "must be a date and time, such as 2026-01-31T12:00:00Z"),
    date: _text_reader(date.fromisoformat, "must be a date, such as 2026-01-31"),
    time: _text_reader(time.fromisoformat, "must be a time, such as 12:00:00"),
    UUID: _text_reader(UUID, "must be a UUID"),
}
"""Type to reader, for JSON."""

TEXT_SCALARS: dict[Any, Reader] = {
    **SCALARS,
    bool: _text_reader(_bool, "must be true or false"),
    int: _text_reader(_int, "must be a whole number"),
    float: _text_reader(_float, "must be a number"),
}
"""Type to reader, for text."""
