"""Small definitions to break."""

from __future__ import annotations

from typing import Any

from isthmus.workflows.lint.problems import problems

Faults = list[tuple[str, str]]


def told(document: object) -> Faults:
    """Return what the linter says: pointers and messages."""
    return [(fault.pointer, fault.message) for fault in problems(document)]


def pointers(document: object) -> list[str]:
    return [fault.pointer for fault in problems(document)]


def of_states(states: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"StartAt": next(iter(states)), "States": states, **fields}


def of_state(**fields: Any) -> dict[str, Any]:
    """Return a machine of one state "A", which ends it unless it says otherwise, and of "B", which may be led to."""
    ends = {} if fields.get("Type") in ("Choice", "Succeed", "Fail") or "Next" in fields else {"End": True}
    said = [fields, *fields.get("Choices", ()), *fields.get("Catch", ())]
    leads = any(one.get(name) == "B" for one in said for name in ("Next", "Default"))
    return of_states({"A": {**ends, **fields}, **({"B": {"Type": "Succeed"}} if leads else {})})


def jsonata(**fields: Any) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", **of_state(**fields)}


def task(**fields: Any) -> dict[str, Any]:
    return of_state(Type="Task", Resource="functions.orders.pay", **fields)


def mapping(**fields: Any) -> dict[str, Any]:
    return of_state(**{"Type": "Map", "ItemProcessor": of_states({"I": {"Type": "Pass", "End": True}}), **fields})


def rule(**fields: Any) -> dict[str, Any]:
    return of_state(Type="Choice", Choices=[{"Next": "B", **fields}])
