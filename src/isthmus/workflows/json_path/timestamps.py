"""Timestamps: RFC 3339 with an uppercase T, and Z or an offset, compared to any fraction of a second.

https://states-language.net/spec.html#timestamps
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeAlias

Instant: TypeAlias = tuple[float, str]
"""Seconds since 1970, and the digits of the fraction: instants compare as these tuples do."""

_FORM = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,1000}))?(Z|[+-]\d\d:\d\d)", re.ASCII)


def instant(value: Any) -> Instant | None:
    """Return the instant that a text stands for; None for anything that is no timestamp."""
    return _instant(value) if isinstance(value, str) and len(value) <= 1_040 else None


@lru_cache(maxsize=1024)
def _instant(text: str) -> Instant | None:
    found = _FORM.fullmatch(text)
    if not found:
        return None
    whole, fraction, zone = found.groups()
    try:
        return datetime.fromisoformat(whole + zone.replace("Z", "+00:00")).timestamp(), (fraction or "").rstrip("0")
    except (ValueError, OverflowError):
        return None
