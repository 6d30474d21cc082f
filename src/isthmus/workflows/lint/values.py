"""Checks of plain values: text, numbers, choices among words."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from isthmus.shapes import is_list, is_mapping, shown
from isthmus.workflows.lint.expressions import jsonata_faults
from isthmus.workflows.lint.spot import Check, Spot

LONGEST_TIME = 99_999_999
"""The most seconds that a duration may have."""

_LONG = 10**30
"""From here on a number is not written out: Python refuses to, for very long ones."""

_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII)


def kind(value: object) -> str:
    """Return what a JSON value is, in words."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    if isinstance(value, str):
        return f"the text {shown(value)}"
    if isinstance(value, int | float):
        return shown(value) if abs(value) < _LONG else "a number of many digits"
    return "an object" if is_mapping(value) else "an array" if is_list(value) else f"a {type(value).__name__}"


def anything(_spot: Spot, _value: Any) -> None:
    """Accept whatever stands here."""


def text(spot: Spot, value: Any) -> None:
    """Tell of what is no text."""
    if not isinstance(value, str):
        spot.wrong(f"must be text, not {kind(value)}")


def boolean(spot: Spot, value: Any) -> None:
    """Tell of what is neither true nor false."""
    if not isinstance(value, bool):
        spot.wrong(f"must be true or false, not {kind(value)}")


def texts(spot: Spot, value: Any) -> None:
    """Tell of what is no array of texts, or an empty one."""
    if not is_list(value) or not value:
        spot.wrong(f"must be an array of one or more texts, not {'an empty one' if value == [] else kind(value)}")
        return
    for position, element in enumerate(value):
        text(spot.at(position), element)


def one_of(*words: str) -> Check:
    """Return the check for a word that must be one of these."""

    def check(spot: Spot, value: Any) -> None:
        if value not in words if isinstance(value, str) else True:
            near = spot.nearest(value.upper(), words) if isinstance(value, str) else None
            meant = f": did you mean {near!r}?" if near else ""
            spot.wrong(f"must be {' or '.join(repr(word) for word in words)}, not {kind(value)}{meant}")

    return check


def whole(least: int, most: int = LONGEST_TIME) -> Check:
    """Return the check for a whole number within bounds."""

    def check(spot: Spot, value: Any) -> None:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            spot.wrong(f"must be a whole number from {least} to {most:,}, not {kind(value)}")

    return check


def number(least: float, most: float | None = None) -> Check:
    """Return the check for a number within bounds."""
    bounds = f"of at least {least:g}" if most is None else f"from {least:g} to {most:g}"

    def check(spot: Spot, value: Any) -> None:
        fits = isinstance(value, int | float) and not isinstance(value, bool)
        if not fits or not least <= value <= (float("inf") if most is None else most) or value == float("inf"):
            spot.wrong(f"must be a number {bounds}, not {kind(value)}")

    return check


def numeric(spot: Spot, value: Any) -> None:
    """Tell of what is no number."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        spot.wrong(f"must be a number, not {kind(value)}")


def timestamp(spot: Spot, value: Any) -> None:
    """Tell of what is no time as RFC 3339 writes it, with an upper-case T and Z."""
    if not isinstance(value, str) or not _is_timestamp(value):
        spot.wrong(f"must be a time such as '2026-01-31T12:00:00Z', not {kind(value)}")


def computed(check: Check) -> Check:
    """Return the check for a value that a JSONata state may also compute."""

    def either(spot: Spot, value: Any) -> None:
        if spot.language == "JSONata" and isinstance(value, str) and is_expression(value):
            expression(spot, value)
        else:
            check(spot, value)

    return either


def is_expression(value: str) -> bool:
    """Return whether a text is meant as an expression of JSONata."""
    return value.startswith("{%") or value.endswith("%}")


def expression(spot: Spot, value: Any) -> None:
    """Tell of what is no expression of JSONata, `{% … %}`."""
    if not isinstance(value, str) or not is_expression(value):
        spot.wrong(f"must be an expression of JSONata, {{% … %}}, not {kind(value)}")
    elif not (value.startswith("{%") and value.endswith("%}") and len(value) >= len("{%%}")):
        spot.wrong(f"an expression starts with {{% and ends with %}}, without anything around them: {shown(value)}")
    else:
        for fault in jsonata_faults(value[2:-2], spot.sees):
            spot.wrong(fault)


def _is_timestamp(value: str) -> bool:
    found = _TIMESTAMP.fullmatch(value) if len(value) < 40 else None
    if found is None:
        return False
    try:
        datetime.fromisoformat(f"{value[:19]}+00:00")
    except ValueError:
        return value[17:19] == "60"  # a leap second, which Python does not know
    return True
