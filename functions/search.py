"""A stand-in for a search index: a table of words, kept up by the changes of the orders."""

from __future__ import annotations

import time
from typing import Any

from functions.resources import Resource
from isthmus import HttpRequest, HttpResponse, TableChange
from isthmus.conditions import less_than
from isthmus.errors import BadRequestError, ConditionFailedError

FORGET_AFTER = 24 * 3600
"""Seconds after which a removed word's row may go: by then no older change can still arrive."""


def index(change: TableChange) -> None:
    """Write the words of an order as it is now, and strike those that it no longer has.

    Changes may come twice and, on some providers, in another order. So each row remembers the version of the order that
    wrote it, and an older version never overwrites a newer one.
    """
    order = change.key["id"]
    new, old = _words(change.new), _words(change.old)
    for word in new:
        _write({"word": word, "order": order, "version": change.version})
    for word in old - new:
        expires = int(time.time()) + FORGET_AFTER
        _write({"word": word, "order": order, "version": change.version, "gone": True, "expires": expires})


def find(request: HttpRequest) -> HttpResponse:
    """Answer with the ids of the orders that have all words of `q`."""
    words = _split(request.query.get("q", ""))
    if not words:
        raise BadRequestError("q must hold a word")
    first, *others = [_orders(word) for word in sorted(words)]
    return HttpResponse.json({"orders": sorted(first.intersection(*others))})


def _write(row: dict[str, Any]) -> None:
    """Write a row unless a newer one is there: first as if there were none, so that no writer can come in between."""
    try:
        Resource.Words.put(row, if_absent=True)
    except ConditionFailedError:
        _overwrite(row)


def _overwrite(row: dict[str, Any]) -> None:
    try:
        Resource.Words.put(row, if_match={"version": less_than(row["version"])})
    except ConditionFailedError:
        return  # a change that is as new or newer has been here


def _orders(word: str) -> set[str]:
    """Return the ids of the orders that have `word`, over all pages."""
    orders: set[str] = set()
    cursor: str | None = None
    while True:
        page = Resource.Words.query(word, cursor=cursor)
        orders.update(row["order"] for row in page if not row.get("gone"))
        cursor = page.cursor
        if cursor is None:
            return orders


def _words(order: dict[str, Any] | None) -> set[str]:
    return _split(f"{order['item']} {order['note']} {order['status']}") if order else set()


def _split(text: str) -> set[str]:
    return {word for word in "".join(c if c.isalnum() else " " for c in text.lower()).split() if len(word) <= 64}
