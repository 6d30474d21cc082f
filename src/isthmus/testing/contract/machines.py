"""The definitions that the contract's workflows have: all within what every provider can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

HANDLERS = "isthmus.testing.contract.handlers.workflows"

STEP = f"{HANDLERS}.step"


def _end(**fields: Any) -> dict[str, Any]:
    return {**fields, "End": True}


FLOW: Mapping[str, Any] = {
    "StartAt": "Start",
    "States": {
        "Start": {
            "Type": "Pass",
            "Parameters": {"case.$": "$.case", "numbers.$": "$.numbers", "size.$": "States.ArrayLength($.numbers)"},
            "Assign": {"tag.$": "States.Format('{}/{}', $.case, $$.Execution.Input.kind)"},
            "Next": "Which",
        },
        "Which": {
            "Type": "Choice",
            "Choices": [
                {
                    "And": [
                        {"Variable": "$.size", "NumericGreaterThan": 0},
                        {"Not": {"Variable": "$tag", "StringMatches": "*/dull"}},
                    ],
                    "Next": "Double",
                }
            ],
            "Default": "Nothing",
        },
        "Double": {
            "Type": "Map",
            "ItemsPath": "$.numbers",
            "ItemSelector": {"number.$": "$$.Map.Item.Value", "index.$": "$$.Map.Item.Index", "tag.$": "$tag"},
            "MaxConcurrency": 5,
            "ItemProcessor": {
                "StartAt": "Twice",
                "States": {
                    "Twice": {
                        "Type": "Task",
                        "Resource": f"{HANDLERS}.double",
                        "ResultPath": "$.twice",
                        "Next": "Pick",
                    },
                    "Pick": _end(Type="Pass", Parameters={"at.$": "$.index", "is.$": "$.twice", "tag.$": "$.tag"}),
                },
            },
            "ResultPath": "$.doubled",
            "Next": "Both",
        },
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Left", "States": {"Left": _end(Type="Pass", InputPath="$.doubled[0].is")}},
                {
                    "StartAt": "Right",
                    "States": {
                        "Right": _end(
                            Type="Task", Resource=f"{HANDLERS}.echo", Parameters={"from": "right", "all.$": "$.size"}
                        )
                    },
                },
            ],
            "ResultSelector": {"left.$": "$[0]", "right.$": "$[1].from"},
            "ResultPath": "$.both",
            "Next": "Rest",
        },
        "Rest": {"Type": "Wait", "Seconds": 1, "Next": "Done"},
        "Done": {"Type": "Succeed"},
        "Nothing": _end(Type="Pass", Result="nothing"),
    },
}
"""Every kind of state that needs no failure."""

RESILIENT: Mapping[str, Any] = {
    "StartAt": "Try",
    "States": {
        "Try": {
            "Type": "Task",
            "Resource": STEP,
            "Retry": [
                {"ErrorEquals": ["Flaky"], "IntervalSeconds": 1, "MaxAttempts": 2, "BackoffRate": 1},
                {"ErrorEquals": ["ValueError"], "MaxAttempts": 0},
            ],
            "Catch": [
                {"ErrorEquals": ["OutOfStock"], "ResultPath": "$.failure", "Next": "Sorry"},
                {"ErrorEquals": ["States.TaskFailed"], "ResultPath": "$.failure", "Next": "Broken"},
            ],
            "ResultPath": "$.done",
            "Next": "Fine",
        },
        "Fine": _end(Type="Pass", Parameters={"is": "fine", "attempt.$": "$.done.attempt"}),
        "Sorry": _end(
            Type="Pass",
            Parameters={
                "is": "sorry",
                "error.$": "$.failure.Error",
                "told.$": "States.StringToJson($.failure.Cause)",
                "case.$": "$.case",
            },
        ),
        "Broken": {"Type": "Fail", "ErrorPath": "$.failure.Error", "CausePath": "States.Format('broken: {}', $.case)"},
    },
}
"""Retry with its counts, Catch by name, and an execution that fails by an error's own name."""

UNCAUGHT: Mapping[str, Any] = {
    "StartAt": "Fan",
    "States": {
        "Fan": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Bad", "States": {"Bad": _end(Type="Task", Resource=STEP)}},
                {"StartAt": "Good", "States": {"Good": _end(Type="Pass")}},
            ],
            "Catch": [{"ErrorEquals": ["OutOfStock"], "ResultPath": "$.failure", "Next": "Known"}],
            "Next": "Never",
        },
        "Known": _end(Type="Pass", InputPath="$.failure.Error"),
        "Never": _end(Type="Pass"),
    },
}
"""A branch that fails: caught by one name, and by no other."""

APPROVAL: Mapping[str, Any] = {
    "StartAt": "Ask",
    "States": {
        "Ask": {
            "Type": "Task",
            "Resource": f"{HANDLERS}.ask.waitForTaskToken",
            "Parameters": {"case.$": "$.case", "token.$": "$$.Task.Token"},
            "TimeoutSeconds": 300,
            "ResultPath": "$.answer",
            "Catch": [{"ErrorEquals": ["Refused"], "ResultPath": "$.failure", "Next": "No"}],
            "Next": "Yes",
        },
        "Yes": _end(Type="Pass", InputPath="$.answer"),
        "No": _end(Type="Pass", InputPath="$.failure"),
    },
}
"""A task that somebody completes, or lets fail, by its token."""

COURIER: Mapping[str, Any] = {
    "StartAt": "Send",
    "States": {
        "Send": {
            "Type": "Task",
            "Resource": "Work",
            "Parameters": {"case.$": "$.case", "label": "sent"},
            "ResultPath": "$.sent",
            "Next": "Publish",
        },
        "Publish": {
            "Type": "Task",
            "Resource": "News",
            "Parameters": {"case.$": "$.case", "label": "published"},
            "ResultPath": None,
            "Next": "Launch",
        },
        "Launch": {
            "Type": "Task",
            "Resource": "Flow",
            "Parameters": {"case.$": "$.case", "numbers": [], "kind": "started"},
            "ResultPath": None,
            "Next": "Await",
        },
        "Await": {
            "Type": "Task",
            "Resource": "Flow.sync",
            "Parameters": {"case.$": "$.case", "numbers": [], "kind": "awaited"},
            "ResultPath": "$.awaited",
            "Next": "Told",
        },
        "Told": _end(Type="Pass", Parameters={"awaited.$": "$.awaited", "sent.$": "$.sent"}),
    },
}
"""A queue, a topic and another workflow, called as they are named."""

KEEPER: Mapping[str, Any] = {
    "StartAt": "Put",
    "States": {
        "Put": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:putItem",
            "Parameters": {
                "TableName": "Books",
                "Item": {
                    "shelf": {"S.$": "$.case"},
                    "title": {"S": "Moby Dick"},
                    "pages": {"N.$": "States.Format('{}', $.pages)"},
                },
                "ConditionExpression": "attribute_not_exists(shelf)",
            },
            "ResultPath": None,
            "Catch": [
                {
                    "ErrorEquals": ["DynamoDB.ConditionalCheckFailedException"],
                    "ResultPath": "$.failure",
                    "Next": "Known",
                }
            ],
            "Next": "Get",
        },
        "Get": {
            "Type": "Task",
            "Resource": "arn:aws:states:::dynamodb:getItem",
            "Parameters": {"TableName": "Books", "Key": {"shelf": {"S.$": "$.case"}, "title": {"S": "Moby Dick"}}},
            "ResultSelector": {"pages.$": "$.Item.pages.N"},
            "End": True,
        },
        "Known": _end(Type="Pass", Result="known"),
    },
}
"""Integrations of the language, as most real definitions have them: a table, by the language's own names."""

EXPRESSIONS: Mapping[str, Any] = {
    "QueryLanguage": "JSONata",
    "StartAt": "Sum",
    "States": {
        "Sum": {
            "Type": "Pass",
            "Output": {"sum": "{% $sum($states.input.numbers) %}", "case": "{% $states.input.case %}"},
            "End": True,
        }
    },
}
"""The other query language, where a provider has it."""

EXPRESS: Mapping[str, Any] = {"StartAt": "Only", "States": {"Only": {"Type": "Succeed"}}}
"""A short execution."""

MACHINES: Mapping[str, Mapping[str, Any]] = {
    "Flow": FLOW,
    "Resilient": RESILIENT,
    "Uncaught": UNCAUGHT,
    "Approval": APPROVAL,
    "Courier": COURIER,
    "Keeper": KEEPER,
}
"""The contract's workflows by name."""
