"""A schedule that fires a function."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from isthmus.declarations.function import Function
from isthmus.declarations.resource import Resource


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Schedule(Resource):
    """Fire `function` by `expression` with `payload` (JSON).

    `expression` is `rate(5 minutes)`, with minutes, hours or days, or five cron fields such as `0 3 * * MON-FRI`, read
    in `timezone` (an IANA name).
    """

    kind: ClassVar[str] = "schedule"

    expression: str
    function: Function
    timezone: str = "UTC"
    payload: Any = None
