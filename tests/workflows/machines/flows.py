"""How data flows through one state."""

from __future__ import annotations

from typing import Any

from tests.workflows.machines.machine import END, Machine


def _pass(**fields: Any) -> dict[str, Any]:
    return {"A": {**END, **fields}}


DATA = {"a": {"b": [1, {"c": "x"}], "n": None}, "t": "text", "f": 1.5}
FLOWS = [
    Machine(f"Pass with {fields}", _pass(**fields), DATA)
    for fields in (
        *(
            {"InputPath": "$.a"},
            {"InputPath": None},
            {"OutputPath": "$.a.b[1]"},
            {"OutputPath": None},
            {"InputPath": "$.no"},
        ),
        *({"Result": 1, "ResultPath": "$.a.r"}, {"Result": 1, "ResultPath": None}, {"Result": {"x.$": "$.a"}}),
        *(
            {"Parameters": {"x.$": "$.a.b[*]", "y": "$.a"}},
            {"Parameters": {"x.$": "$.a['n']"}},
            {"Parameters": {"x.$": "$.no"}},
        ),
        *(
            {"Parameters": {"x.$": "$$.State.Name"}},
            {"Parameters": {"x.$": "$$.Execution.Input.t"}},
            {"Parameters": {"x.$": "$..c"}},
        ),
        *({"Parameters": {"x.$": "States.Format('{}-{}', $.t, $.f)"}}, {"Parameters": {"x.$": "States.MathAdd(1, 2)"}}),
        *({"Parameters": {"x.$": "States.StringToJson('[1]')"}}, {"Parameters": {"x.$": "States.JsonToString($.a)"}}),
        *(
            {"Parameters": {"x.$": "States.ArrayPartition(States.ArrayRange(1, 7, 2), 3)"}},
            {"Parameters": {"x.$": "States.ArrayContains($.a.b, 1)"}},
        ),
        *(
            {"Parameters": {"x.$": "States.ArrayGetItem($.a.b, 1)"}},
            {"Parameters": {"x.$": "States.ArrayLength($.a.b)"}},
        ),
        *({"Parameters": {"x.$": "States.Base64Encode($.t)"}}, {"Parameters": {"x.$": "States.Hash($.t, 'SHA-256')"}}),
        *(
            {"Parameters": {"x.$": "States.StringSplit('a,b', ',')"}},
            {"Parameters": {"x.$": "States.JsonMerge($.a, $.a, false)"}},
        ),
    )
]
