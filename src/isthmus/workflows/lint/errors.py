"""Retry and Catch."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Any

from isthmus.shapes import is_list, shown
from isthmus.workflows import states_error as errors
from isthmus.workflows.lint.forms import Form
from isthmus.workflows.lint.paths import result_path, template
from isthmus.workflows.lint.spot import Spot
from isthmus.workflows.lint.transitions import target
from isthmus.workflows.lint.values import kind, number, one_of, text, texts, whole
from isthmus.workflows.lint.variables import assign

LONGEST_DELAY = 31_622_400
"""The most seconds between two attempts: a year, and a day."""

KNOWN = (
    *(errors.ALL, errors.TASK_FAILED, errors.TIMEOUT, errors.HEARTBEAT_TIMEOUT, errors.RUNTIME, errors.DATA_LIMIT),
    *(errors.NO_CHOICE, errors.PARAMETER_PATH, errors.RESULT_PATH, errors.INTRINSIC, errors.BRANCH_FAILED),
    *(errors.QUERY, errors.TOLERATED, errors.ITEM_READER, errors.RESULT_WRITER, "States.Permissions"),
    "States.Http.Socket",
)
"""The names of errors that the language gives: what begins with "States." is one of these, or of a status code."""

RETRIER = Form(
    what="a retrier",
    fields={
        "ErrorEquals": texts,
        "IntervalSeconds": whole(1),
        "MaxAttempts": whole(0),
        "BackoffRate": number(1),
        "MaxDelaySeconds": whole(1, LONGEST_DELAY),
        "JitterStrategy": one_of("FULL", "NONE"),
        "Comment": text,
    },
    required=("ErrorEquals",),
)
"""One element of `Retry`."""

CATCHER = Form(
    what="a catcher",
    fields={"ErrorEquals": texts, "Next": target, "Assign": assign, "Comment": text},
    json_path={"ResultPath": result_path},
    jsonata={"Output": template},
    required=("ErrorEquals", "Next"),
)
"""One element of `Catch`."""

SEEN_BY_CATCHER = frozenset({"input", "errorOutput", "context"})
"""What `$states` has for a catcher."""


def retry(spot: Spot, value: Any) -> None:
    """Tell what is wrong with a `Retry`."""
    _entries(spot, value, RETRIER)


def catch(spot: Spot, value: Any) -> None:
    """Tell what is wrong with a `Catch`."""
    _entries(spot.seeing(SEEN_BY_CATCHER), value, CATCHER)


def _entries(spot: Spot, value: Any, form: Form) -> None:
    if not is_list(value):
        spot.wrong(f"must be an array, not {kind(value)}")
        return
    taken: dict[str, int] = {}
    for position, entry in enumerate(value):
        here = spot.at(position)
        fields = form.check(here, entry)
        names = fields.get("ErrorEquals")
        if is_list(names):
            listed = here.at(next(str(name) for name, said in entry.items() if said is names))
            _names(listed, names, taken, position)
            _all_alone(listed, names, last=position == len(value) - 1)


def _names(spot: Spot, names: Sequence[Any], taken: dict[str, int], position: int) -> None:
    for number_of, name in enumerate(names):
        if not isinstance(name, str):
            continue
        here = spot.at(number_of)
        if name in taken:
            where = "here already" if taken[name] == position else f"by entry {taken[name]}, which goes first"
            here.wrong(f"the error {shown(name)} is named {where}")
        taken.setdefault(name, position)
        meant = _mistyped(spot, name)
        if meant:
            here.wrong(f"the language has no error {shown(name)}: did you mean {meant!r}?")


def _mistyped(spot: Spot, name: str) -> str | None:
    """Return the language's error that a name nearly is. Others that begin like one are not forbidden in practice."""
    if not name.startswith("States.") or name in KNOWN or name.startswith("States.Http."):
        return None
    near = spot.nearest(name, KNOWN)
    if near is None or abs(len(near) - len(name)) > 1:
        return None
    return near if SequenceMatcher(None, near, name).ratio() > 0.9 else None


def _all_alone(spot: Spot, names: Sequence[Any], *, last: bool) -> None:
    if errors.ALL not in names:
        return
    if len(set(map(str, names))) > 1:
        spot.wrong(f"{errors.ALL!r} stands for all errors, so it stands alone: give the other names an entry before it")
    if not last:
        spot.wrong(f"{errors.ALL!r} stands for all errors, so its entry is the last one: those after it do nothing")
