"""Definitions to draw."""

from __future__ import annotations

from typing import Any

from isthmus.workflows.definition import Definition, parse

ORDER: dict[str, Any] = {
    "Comment": "What becomes of an order.",
    "StartAt": "Validate",
    "States": {
        "Validate": {
            "Type": "Task",
            "Resource": "functions.order_flow.validate_order",
            "Catch": [{"ErrorEquals": ["ValidationError", "BadOrderError"], "Next": "Failed"}],
            "Next": "Large?",
        },
        "Large?": {
            "Type": "Choice",
            "Choices": [
                {"Variable": "$.total", "NumericGreaterThan": 100, "Next": "Wait"},
                {
                    "And": [
                        {"Variable": "$.gift", "IsPresent": True},
                        {"Not": {"Variable": "$.note", "StringMatches": "a*"}},
                    ],
                    "Next": "Fulfil",
                },
            ],
            "Default": "Fulfil",
        },
        "Wait": {"Type": "Wait", "Seconds": 5, "Next": "Large?"},
        "Fulfil": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Email", "States": {"Email": {"Type": "Task", "Resource": "Mail", "End": True}}},
                {
                    "StartAt": "Each",
                    "States": {
                        "Each": {
                            "Type": "Map",
                            "ItemProcessor": {"StartAt": "Ship", "States": {"Ship": {"Type": "Pass", "End": True}}},
                            "End": True,
                        }
                    },
                },
            ],
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
        "Failed": {"Type": "Fail", "Error": "OrderProcessingFailed"},
    },
}


def definition(states: dict[str, Any] | None = None, start: str = "") -> Definition:
    if states is None:
        return parse(ORDER)
    return parse({"StartAt": start or next(iter(states)), "States": states})
