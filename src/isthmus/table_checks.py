"""What a table's client checks before it asks the provider: keys and writes that no provider could take."""

from __future__ import annotations

from isthmus import conditions, values
from isthmus._typing import Any, Callable, Key, Mapping, Sequence, TypeVar
from isthmus.errors import InvalidValueError
from isthmus.table_writes import Check, Delete, Put, Update, Write

W = TypeVar("W", bound="Write")

_KEY_TYPES = (str, int, float, bytes)


def check_key(key: Key) -> Key:
    """Return `key`; `InvalidValueError` where a value of it could be no key."""
    for value in key if isinstance(key, tuple) else (key,):
        check_key_value(value)
    return key


def check_key_value(value: Any) -> str | int | float | bytes:
    """Return one value of a key; `InvalidValueError` where it could be none."""
    if type(value) not in _KEY_TYPES:
        raise InvalidValueError(f"a key is a str, an int, a float or bytes, or a tuple of two, not {value!r:.80}")
    values.check_value(value, "the key")
    checked: str | int | float | bytes = value
    return checked


def check_write(write: W) -> W:
    """Return `write`; `InvalidValueError` or `TooLargeError` names what in it no provider could do or keep."""
    _CHECKS[type(write)](write)
    if write.if_match is not None:
        conditions.check(write.if_match)
    return write


def _put(write: Put) -> None:
    values.check(write.item)
    _check_either(write)


def _update(write: Update) -> None:
    values.check(write.set or {}, "set")
    for name, amount in dict(write.add or {}).items():
        values.check({name: amount}, "add")
        if not values.is_number(amount):
            raise InvalidValueError(f"add.{name}: a number is needed, not {type(amount).__name__}")
    _check_names(write.remove)
    check_key(write.key)


def _delete(write: Delete) -> None:
    check_key(write.key)


def _check(write: Check) -> None:
    check_key(write.key)
    _check_either(write)


def _check_either(write: Put | Check) -> None:
    if write.if_absent and write.if_match is not None:
        raise InvalidValueError("if_absent and if_match contradict each other: give one of them")


def _check_names(remove: Sequence[str]) -> None:
    if isinstance(remove, str):
        raise InvalidValueError(f"remove takes a list of names: remove=[{remove!r}]")
    if not hasattr(remove, "__len__") or not all(type(name) is str for name in remove):
        raise InvalidValueError(f"remove takes a list of names, not {remove!r}")


_CHECKS: Mapping[type, Callable[[Any], None]] = {Put: _put, Update: _update, Delete: _delete, Check: _check}
