"""A page of executions, as `list` tells them: the newest first, those that a filter names.

Of filters `state="…"` and comparisons of `createTime` and `startTime` are known here, joined by AND; any other is
refused. https://cloud.google.com/workflows/docs/reference/executions/rest/v1/projects.locations.workflows.executions/list
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tests.emulators.gcp.workflows.running import BASIC

MOST = 1000
USUAL = 100
_TERM = re.compile(r'\s*(state|createTime|startTime)\s*(=|!=|>=|<=|>|<)\s*"([^"]*)"\s*')
_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}


class ListingError(ValueError):
    """What cannot be asked of a list."""


def page(executions: Sequence[Mapping[str, Any]], asked: Mapping[str, str]) -> Mapping[str, Any]:
    """Return a page; `asked` has the parameters of the request."""
    terms = [_term(text) for text in re.split(r"\s+AND\s+", asked.get("filter", "")) if text]
    found = [one for one in executions if all(term(one) for term in terms)]
    size, first = min(_number(asked.get("pageSize"), USUAL) or USUAL, MOST), _number(asked.get("pageToken"), 0)
    told = [_viewed(one, asked.get("view", "BASIC")) for one in found[first : first + size]]
    more = {"nextPageToken": str(first + size)} if len(found) > first + size else {}
    return {"executions": told, **more}


def _number(text: str | None, otherwise: int) -> int:
    if text is not None and not text.isdecimal():
        raise ListingError(f"{text!r} is no number")
    return int(text) if text else otherwise


def _viewed(one: Mapping[str, Any], view: str) -> Mapping[str, Any]:
    return one if view == "FULL" else {key: value for key, value in one.items() if key in BASIC}


def _term(text: str) -> Callable[[Mapping[str, Any]], bool]:
    match = _TERM.fullmatch(text)
    if match is None:
        raise ListingError(f"unknown filter {text!r}")
    name, sign, value = match.groups()
    read = _plain if name == "state" else _time
    wanted = read(value)
    return lambda one: _COMPARED[sign](read(one[name]), wanted)


def _plain(text: str) -> Any:
    return text


def _time(text: str) -> Any:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        raise ListingError(f"{text!r} is no time") from None
