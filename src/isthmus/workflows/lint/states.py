"""States: the fields of each type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from isthmus.shapes import is_mapping, shown
from isthmus.workflows.lint.choices import choices
from isthmus.workflows.lint.errors import catch, retry
from isthmus.workflows.lint.forms import Form
from isthmus.workflows.lint.machines import branches, processor
from isthmus.workflows.lint.maps import batcher, items, label, reader, writer
from isthmus.workflows.lint.paths import (
    path_or_null,
    reference,
    reference_or_intrinsic,
    result_path,
    template,
)
from isthmus.workflows.lint.spot import Check, Spot
from isthmus.workflows.lint.transitions import target
from isthmus.workflows.lint.values import anything, boolean, computed, kind, number, text, timestamp, whole
from isthmus.workflows.lint.variables import assign

BEFORE = frozenset({"input", "context"})
"""What `$states` has for the fields of a state, before it has done anything."""

AFTER = BEFORE | {"result"}
"""What it has for what leaves a state that comes to a result."""

_PLACEHOLDER = re.compile(r"\$\{[^{}]*\}")


def after(check: Check) -> Check:
    """Return a check of what is computed when a state has come to its result."""

    def with_result(spot: Spot, value: Any) -> None:
        check(spot.seeing(AFTER), value)

    return with_result


def resource(spot: Spot, value: Any) -> None:
    """Tell of what names no resource; templates of infrastructure may stand for one, `${…}` or `{"Ref": …}`."""
    if is_mapping(value) and len(value) == 1 and str(next(iter(value))).startswith(("Ref", "Fn::")):
        return
    if not isinstance(value, str) or not value:
        spot.wrong(f"must be text that names what the task calls, not {kind(value)}")
    elif "${" in _PLACEHOLDER.sub("", value):
        spot.wrong(f"a placeholder ends with '}}': {shown(value)}")


_COMMON: Mapping[str, Check] = {"Type": anything, "Comment": text, "QueryLanguage": anything}
_PATHS: Mapping[str, Check] = {"InputPath": path_or_null, "OutputPath": path_or_null}
_GOES_ON: Mapping[str, Check] = {**_COMMON, "Next": target, "End": boolean, "Assign": assign}
_FAILS: Mapping[str, Check] = {**_GOES_ON, "Assign": after(assign), "Retry": retry, "Catch": catch}
_PAYLOAD: Mapping[str, Check] = {**_PATHS, "Parameters": template, "ResultPath": result_path}
_RESULT: Mapping[str, Check] = {**_PAYLOAD, "ResultSelector": template}
_NEXT = ("Next", "End")


def _numbers(**checks: Check) -> tuple[dict[str, Check], dict[str, Check], tuple[tuple[str, ...], ...]]:
    """Return fields that are said or computed, those with the path to each, and that the two exclude one another."""
    fields = {name: computed(check) for name, check in checks.items()}
    return fields, {f"{name}Path": reference for name in checks}, tuple((name, f"{name}Path") for name in checks)


_TIMES, _TIME_PATHS, _TIME_PAIRS = _numbers(TimeoutSeconds=whole(1), HeartbeatSeconds=whole(1))
_BOUNDS, _BOUND_PATHS, _BOUND_PAIRS = _numbers(
    MaxConcurrency=whole(0), ToleratedFailureCount=whole(0), ToleratedFailurePercentage=number(0, 100)
)

STATES: Mapping[str, Form] = {
    "Pass": Form(
        what="a Pass",
        fields=_GOES_ON,
        json_path={**_PAYLOAD, "Result": anything},
        jsonata={"Output": template},
        exactly=(_NEXT,),
    ),
    "Task": Form(
        what="a Task",
        fields={**_FAILS, **_TIMES, "Resource": resource, "Credentials": template},
        json_path={**_RESULT, **_TIME_PATHS},
        jsonata={"Arguments": template, "Output": after(template)},
        required=("Resource",),
        exactly=(_NEXT,),
        at_most=_TIME_PAIRS,
    ),
    "Choice": Form(
        what="a Choice",
        fields={**_COMMON, "Choices": choices, "Default": target, "Assign": assign},
        json_path=_PATHS,
        jsonata={"Output": template},
        required=("Choices",),
    ),
    "Wait": Form(
        what="a Wait",
        fields={**_GOES_ON, "Seconds": computed(whole(0)), "Timestamp": computed(timestamp)},
        json_path={**_PATHS, "SecondsPath": reference, "TimestampPath": reference},
        jsonata={"Output": template},
        exactly=(_NEXT, ("Seconds", "SecondsPath", "Timestamp", "TimestampPath")),
    ),
    "Succeed": Form(what="a Succeed", fields=_COMMON, json_path=_PATHS, jsonata={"Output": template}),
    "Fail": Form(
        what="a Fail",
        fields={**_COMMON, "Error": computed(text), "Cause": computed(text)},
        json_path={"ErrorPath": reference_or_intrinsic, "CausePath": reference_or_intrinsic},
        at_most=(("Error", "ErrorPath"), ("Cause", "CausePath")),
    ),
    "Parallel": Form(
        what="a Parallel",
        fields={**_FAILS, "Branches": branches},
        json_path=_RESULT,
        jsonata={"Arguments": template, "Output": after(template)},
        required=("Branches",),
        exactly=(_NEXT,),
    ),
    "Map": Form(
        what="a Map",
        fields={
            **_FAILS,
            **_BOUNDS,
            "ItemProcessor": processor,
            "Iterator": processor,
            "ItemSelector": template,
            "ItemReader": reader,
            "ItemBatcher": batcher,
            "ResultWriter": writer,
            "Label": label,
        },
        json_path={**_RESULT, **_BOUND_PATHS, "ItemsPath": reference},
        jsonata={"Items": items, "Output": after(template)},
        exactly=(_NEXT, ("ItemProcessor", "Iterator")),
        at_most=(*_BOUND_PAIRS, ("ItemSelector", "Parameters")),
    ),
}
"""The types of states, and the form of each."""
