"""Moments as the States Language writes them: RFC 3339, in UTC where it is the interpreter that writes."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import lru_cache

_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_FRACTION = re.compile(r"(\.\d{6})\d+")


def written(moment: float) -> str:
    """Return epoch seconds as text, to the millisecond."""
    whole = int(moment // 1)
    return f"{_second(whole)}.{min(999, int((moment - whole) * 1000)):03d}Z"


@lru_cache(maxsize=256)
def _second(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S")


def read(text: object) -> float | None:
    """Return the epoch seconds of a timestamp; None for what is none."""
    if not isinstance(text, str) or not _WRITTEN.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(_FRACTION.sub(r"\1", text)).timestamp()
    except (ValueError, OverflowError):
        return None
