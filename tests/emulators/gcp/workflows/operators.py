"""What operators do with values.

https://cloud.google.com/workflows/docs/reference/syntax/expressions
https://cloud.google.com/workflows/docs/reference/syntax/datatypes
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from tests.emulators.gcp.workflows.failures import Raised, failure, undocumented
from tests.emulators.gcp.workflows.values import LEAST, MOST, equal, is_list, is_map, kind, number

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def negative(value: Any) -> Any:
    """`-x`."""
    if not number(value):
        raise failure("TypeError", f"unsupported operand type for -: '{kind(value)}'")
    return whole(-value)


def inverted(value: Any) -> bool:
    """`not x`: of booleans only."""
    return not truth(value, "not")


def truth(value: Any, name: str) -> bool:
    """Return a boolean that a logical operator takes: no other value is one."""
    if not isinstance(value, bool):
        raise failure("TypeError", f"unsupported operand type for {name}: '{kind(value)}', expected a boolean")
    return value


def binary(name: str, left: Any, right: Any) -> Any:
    """Apply an operator of two operands (but `and` and `or`, which may not need both)."""
    if name == "in":
        return contained(left, right)
    if name in ("==", "!="):
        return _compared(name, left, right)
    if name in _ORDER:
        return _ordered(name, left, right)
    if name == "+" and isinstance(left, str) and isinstance(right, str):
        return left + right
    if not (number(left) and number(right)):
        raise _unlike(name, left, right)
    return whole(_ARITHMETIC[name](left, right))


def contained(item: Any, container: Any) -> bool:
    """`x in y`: a value of a list, or a key of a map."""
    if is_map(container):
        if not isinstance(item, str):
            raise failure("TypeError", f"a key of a map is a string, not {kind(item)}")
        return item in container
    if is_list(container):
        return any(equal(item, one) for one in container)
    raise failure("TypeError", f"The argument of 'in' must be a dict or an array; got: {kind(container)}")


def member(of: Any, key: Any) -> Any:
    """`of.key` or `of[key]`."""
    if is_list(of):
        return of[place(of, key)]
    if is_map(of):
        if key_of(key) not in of:
            raise failure("KeyError", f"key not found: {key}")
        return of[key]
    raise failure("TypeError", f"a value of type {kind(of)} has no members (asked for {key!r})")


def place(of: list[Any], index: Any) -> int:
    """Return an index of a list that is there: from 0, never from the end."""
    if type(index) is not int:
        raise failure("TypeError", f"an index of a list is an integer, not {kind(index)}")
    if not 0 <= index < len(of):
        raise failure("IndexError", f"index out of range: {index} of {len(of)}")
    return index


def key_of(key: Any) -> str:
    """Return a key of a map, which is a string."""
    if not isinstance(key, str):
        raise failure("TypeError", f"a key of a map is a string, not {kind(key)}")
    return key


def whole(value: Any) -> Any:
    """Return a number that fits: what happens to an integer beyond 64 bits is not documented."""
    if isinstance(value, int) and not LEAST <= value <= MOST:
        raise undocumented("an integer beyond 64 bits")
    return value


def _compared(name: str, left: Any, right: Any) -> bool:
    """Compare; whether unlike values may be compared is not documented, except with null: so it is refused."""
    same = kind(left) == kind(right) or (number(left) and number(right))
    if not same and left is not None and right is not None:
        raise _unlike(name, left, right)
    return equal(left, right) == (name == "==")


def _ordered(name: str, left: Any, right: Any) -> bool:
    """Compare numbers, or strings by their code points (that strings have an order is not documented)."""
    if (number(left) and number(right)) or (isinstance(left, str) and isinstance(right, str)):
        return _ORDER[name](left, right)
    raise _unlike(name, left, right)


def _unlike(name: str, left: Any, right: Any) -> Raised:
    return failure("TypeError", f"unsupported operand types for {name}: '{kind(left)}' and '{kind(right)}'")


def _divided(divide: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    def apply(left: Any, right: Any) -> Any:
        if right == 0:
            raise failure("ZeroDivisionError", "division by zero")
        return divide(left, right)

    return apply


def _double(value: Any) -> float:
    return float(value)


def _remainder(left: Any, right: Any) -> Any:
    """`%`: of negative numbers the sign is not documented."""
    if left < 0 or right < 0:
        raise undocumented("the remainder of a negative number")
    return left % right if isinstance(left, int) and isinstance(right, int) else math.fmod(left, right)


_ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": _divided(lambda left, right: _double(left) / _double(right)),
    "//": _divided(lambda left, right: left // right),
    "%": _divided(_remainder),
}
