"""The limits of an execution's data, as Step Functions has them."""

from __future__ import annotations

import json
from typing import Any

from isthmus.workflows.states_error import DATA_LIMIT, RUNTIME, StatesError

BYTES = 262_144
"""How many bytes of JSON the input or output of a state may have, and the variables that one state assigns."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False, allow_nan=False).encode


_CHARACTER = 6
"""How many bytes of JSON a character of Python's own form is at most."""


def _is_small(value: Any) -> bool:
    """Tell what is surely within the limit: Python's own form is made in a fifth of the time of JSON."""
    try:
        return len(repr(value)) < BYTES // _CHARACTER
    except RecursionError:
        return False


def size(value: Any) -> int:
    """Return the bytes of a value as JSON; `StatesError` where it is none."""
    try:
        text = _encode(value)
        return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))
    except RecursionError:
        raise StatesError(RUNTIME, "the data is nested too deep") from None
    except (TypeError, ValueError) as error:
        raise StatesError(RUNTIME, f"the data is no JSON: {error}") from error


def check(value: Any, of: str) -> None:
    """Raise `States.DataLimitExceeded` for data that is too large; `of` is the state that it comes from."""
    if not _is_small(value):
        check_foreign(value, of)


def check_foreign(value: Any, of: str) -> None:
    """Do the same for what comes from outside, which may be no data at all; `of` is where it comes from."""
    if size(value) > BYTES:
        what = f"The state/task '{of[:200]}' returned a result with a size exceeding"
        raise StatesError(DATA_LIMIT, f"{what} the maximum number of bytes service limit.")
