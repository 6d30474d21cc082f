"""`sys` and `time`, as far as they do not block.

https://cloud.google.com/workflows/docs/reference/stdlib/sys
https://cloud.google.com/workflows/docs/reference/stdlib/time
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.emulators.gcp.workflows.failures import failure
from tests.emulators.gcp.workflows.library.function import Context, Function, numeric, pure, text

_STAMP = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d+)?(Z|[+-]\d\d:\d\d)")
_BEGIN = datetime(1970, 1, 1, tzinfo=UTC)


def _now(context: Context) -> float:
    return float(context.now())


def _get_env(context: Context, name: Any, default: Any) -> Any:
    """Return a variable; without it, and without a default, the error is a `KeyError` (the tag is from memory)."""
    found: Any = context.environment.get(text("name", name), default)
    if found is None:
        raise failure("KeyError", f"environment variable not found: {name}")
    return text("default", found)


def _format(seconds: Any, timezone: Any) -> str:
    """Return a time in ISO 8601, with six digits of a fraction; the time zone is UTC where none is named."""
    try:
        zone = ZoneInfo(text("timezone", timezone) or "Etc/UTC")
        at = (_BEGIN + timedelta(seconds=numeric("seconds", seconds))).astimezone(zone)
    except (OverflowError, ValueError, KeyError, OSError):
        raise failure("ValueError", f"{seconds!r} cannot be told in {timezone!r}") from None
    return at.isoformat(timespec="microseconds").replace("+00:00", "Z")


def parsed(value: Any) -> float:
    """Return the seconds of a time in RFC 3339, as a double."""
    match = _STAMP.fullmatch(text("value", value))
    at = _date(match[1] + match[3].replace("Z", "+00:00")) if match else None
    if match is None or at is None:
        raise failure("ValueError", f"{value!r} is no time in RFC 3339")
    return (at - _BEGIN).total_seconds() + float(match[2] or 0)


def _date(stamp: str) -> datetime | None:
    try:
        return datetime.fromisoformat(stamp)
    except ValueError:
        return None


SYSTEM: Mapping[str, Function] = {
    "sys.now": Function((), {}, _now),
    "sys.get_env": Function(("name",), {"default": None}, _get_env),
    "time.format": pure(_format, "seconds", timezone="Etc/UTC"),
    "time.parse": pure(parsed, "value"),
}
