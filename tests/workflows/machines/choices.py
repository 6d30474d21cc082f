"""Choice rules, each of values of all types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.workflows.machines.machine import Machine


def choice(rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return the states of a Choice with one rule, and what they come to: "yes" or "no"."""
    no, yes = ({"Type": "Pass", "Result": result, "End": True} for result in ("no", "yes"))
    return {"C": {"Type": "Choice", "Choices": [{**rule, "Next": "Yes"}], "Default": "No"}, "Yes": yes, "No": no}


EARLY, LATE = "2020-01-01T00:00:00Z", "2020-01-01T00:00:01Z"
RULES: list[dict[str, Any]] = [
    *(
        {"Variable": "$.x", f"{kind}{order}": value}
        for kind, value in (("Numeric", 1), ("String", "b"), ("Timestamp", EARLY))
        for order in ("Equals", "LessThan", "GreaterThan", "LessThanEquals", "GreaterThanEquals")
    ),
    *(
        {"Variable": "$.x", name: wanted}
        for name in ("IsNull", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp", "IsPresent")
        for wanted in (True, False)
    ),
    *(
        {"Variable": "$.x", "BooleanEquals": True},
        {"Variable": "$.x", "StringMatches": "b*"},
        {"Variable": "$.x", "NumericEqualsPath": "$.one"},
    ),
    *(
        {"Not": {"Variable": "$.x", "IsNull": True}},
        {"And": [{"Variable": "$.x", "IsNumeric": True}, {"Variable": "$.x", "NumericGreaterThan": 0}]},
    ),
    {"Or": [{"Variable": "$.x", "IsBoolean": True}, {"Variable": "$.x", "StringEquals": "b"}]},
]
VALUES: list[Any] = [0, 1, 1.0, 2, "a", "b", "bc", EARLY, LATE, True, False, None, [], {}]

CHOICES = [Machine(f"{rule} of {value!r}", choice(rule), {"x": value, "one": 1}) for rule in RULES for value in VALUES]
"""Every rule of every value: a few milliseconds each."""
