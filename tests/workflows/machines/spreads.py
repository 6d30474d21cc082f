"""Parallel and Map: their results, and what fails within."""

from __future__ import annotations

from typing import Any

from tests.workflows.machines.machine import END, Machine, catch, fails, machine, retry, task


def _parallel(*branches: dict[str, Any], **fields: Any) -> dict[str, Any]:
    ends = {} if "Next" in fields else {"End": True}
    return {"Type": "Parallel", "Branches": list(branches), **fields, **ends}


def _map(processor: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemsPath": "$.l", "MaxConcurrency": 1, "ItemProcessor": processor, "End": True, **fields}


ONE, TWO_OF_A_KIND = machine(P=task()), machine(Q={"Type": "Pass", "Result": 2, "End": True})
BOTH = _parallel(ONE, TWO_OF_A_KIND)
LIST = {"l": [{"v": 1}, {"v": 2}, {"v": 3}], "k": "K"}
ODD = machine(
    C={"Type": "Choice", "Choices": [{"Variable": "$.v", "NumericEquals": 2, "Next": "Bad"}], "Default": "P"},
    P=task(),
    Bad={"Type": "Fail", "Error": "Odd", "Cause": "two"},
)

SPREADS = [
    Machine(
        "outputs of branches come in their order",
        {"F": _parallel(machine(W={"Type": "Wait", "Seconds": 5, "Next": "P"}, P=task()), TWO_OF_A_KIND)},
        answers={"P": [{"result": 1}]},
    ),
    Machine(
        "branches have the effective input",
        {
            "F": _parallel(
                machine(P=task()),
                machine(Q=task()),
                InputPath="$.a",
                Parameters={"x.$": "$.b"},
                ResultSelector={"both.$": "$[*].x"},
                ResultPath="$.r",
            )
        },
    ),
    Machine("a branch that fails fails the state", {"F": BOTH}, answers={"P": fails("X")}),
    Machine(
        "the failure of a branch is caught",
        {"F": {**BOTH, "Catch": [catch("X", ResultPath="$.e")]}, "Caught": END},
        answers={"P": fails("X")},
    ),
    Machine(
        "the failure of a branch is caught there",
        {"F": _parallel(machine(P=task(Catch=[catch("X")]), Caught=END), TWO_OF_A_KIND)},
        answers={"P": fails("X")},
    ),
    Machine(
        "a Fail in a branch has its own name",
        {
            "F": {
                **_parallel(machine(B={"Type": "Fail", "Error": "Bad", "Cause": "c"}), TWO_OF_A_KIND),
                "Catch": [catch("Bad")],
            },
            "Caught": END,
        },
    ),
    Machine(
        "a whole Parallel is tried again",
        {"F": {**_parallel(ONE, machine(Q=task())), "Retry": [retry("X", MaxAttempts=2)]}},
        answers={"P": fails("X", "X")},
    ),
    Machine(
        "a whole Parallel is tried as often as may be",
        {"F": {**_parallel(ONE), "Retry": [retry("X", MaxAttempts=1)]}},
        answers={"P": fails("X", "X")},
    ),
    Machine(
        "both the task and its Parallel try again",
        {"F": {**_parallel(machine(P=task(Retry=[retry("X", MaxAttempts=1)]))), "Retry": [retry("X", MaxAttempts=1)]}},
        answers={"P": fails("X", "X", "X")},
    ),
    Machine(
        "Parallels within one another", {"F": _parallel(machine(G=_parallel(ONE, TWO_OF_A_KIND)), machine(R=task()))}
    ),
    Machine("a Map has each item", {"M": _map(machine(P=task()))}, LIST),
    Machine("a Map over nothing", {"M": _map(machine(P=task()))}, {"l": []}),
    Machine(
        "an item is made of input and context",
        {
            "M": _map(
                machine(P=task()), ItemSelector={"i.$": "$$.Map.Item.Index", "v.$": "$$.Map.Item.Value.v", "k.$": "$.k"}
            )
        },
        LIST,
    ),
    Machine(
        "a Map by its old names",
        {
            "M": {
                "Type": "Map",
                "ItemsPath": "$.l",
                "MaxConcurrency": 1,
                "Iterator": machine(P=task()),
                "Parameters": {"v.$": "$$.Map.Item.Value"},
                "End": True,
            }
        },
        LIST,
    ),
    Machine("an iteration that fails fails the Map", {"M": _map(ODD)}, LIST),
    Machine(
        "the failure of an iteration is caught",
        {"M": {**_map(ODD, Catch=[catch("Odd", ResultPath="$.e")])}, "Caught": END},
        LIST,
    ),
    Machine(
        "an iteration tries its own task again",
        {"M": _map(machine(P=task(Retry=[retry("X", MaxAttempts=2)])))},
        LIST,
        {"P": fails("X", "X")},
    ),
    Machine(
        "a whole Map is tried again",
        {"M": _map(machine(P=task()), Retry=[retry("X", MaxAttempts=2)])},
        LIST,
        {"P": fails("X")},
    ),
    Machine(
        "results of a Map are selected and put",
        {"M": _map(machine(P=task()), ResultSelector={"all.$": "$[*].v"}, ResultPath="$.r")},
        LIST,
    ),
    Machine(
        "Maps within one another",
        {"M": _map(machine(N=_map(machine(P=task()))))},
        {"l": [{"l": [1, 2]}, {"l": []}, {"l": [3]}]},
    ),
    Machine(
        "a Parallel in a Map knows the item",
        {"M": _map(machine(F=_parallel(machine(P=task(Parameters={"v.$": "$$.Map.Item.Value"})))))},
        LIST,
    ),
    Machine("an item that is no list", {"M": _map(machine(P=task()))}, {"l": {"v": 1}}),
    Machine("no items at all", {"M": _map(machine(P=task()))}, {}),
    Machine("at most two iterations at once", {"M": _map(machine(P=task()), MaxConcurrency=2)}, LIST),
]
