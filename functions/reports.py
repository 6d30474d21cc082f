"""The summary of a day, written in the night after it."""

from __future__ import annotations

from typing import Any

from functions.analytics import TOTAL, day_of
from functions.resources import Resource
from isthmus import HttpRequest, HttpResponse, Tick
from isthmus.errors import NotFoundError

DAY = 24 * 3600


def nightly(tick: Tick) -> None:
    """Sum up the day before `tick`; fired twice it writes the same report again."""
    day = day_of(tick.due - DAY)
    total: dict[str, Any] = Resource.Counters.get((day, TOTAL)) or {}
    Resource.Reports.put(
        {
            "day": day,
            "shop": Resource.ShopName.value(),
            "orders": total.get("orders", 0),
            "items": total.get("items", 0),
        }
    )


def read(request: HttpRequest) -> HttpResponse:
    """Answer with the report of a day."""
    report = Resource.Reports.get(request.params["day"])
    if report is None:
        raise NotFoundError(f"there is no report of {request.params['day']}")
    return HttpResponse.json(report)
