"""Where what failed goes to: the permission that its service asks for.

https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

from isthmus.transforms import TransformError
from isthmus_aws.infra.policies import Statement, allow

ACTIONS = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
}
"""The service of a destination to what the function must be allowed there."""


def of_destination(what: str, arn: str) -> Statement:
    """Return the permission to send to `arn`; `TransformError` where nothing can be sent there."""
    service = arn.split(":")[2] if arn.startswith("arn:") and arn.count(":") >= 5 else ""
    if service not in ACTIONS:
        raise TransformError(f"{what} is {arn!r}, which is no ARN of one of {', '.join(sorted(ACTIONS))}")
    return allow([ACTIONS[service]], [arn])
