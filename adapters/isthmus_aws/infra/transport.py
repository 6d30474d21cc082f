"""What every resource policy says first: nobody comes in unencrypted.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html#enforce-encryption-data-in-transit
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def refuse_unencrypted(action: str, resources: Iterable[str]) -> dict[str, Any]:
    """Return the statement that denies `action` on `resources` to whoever does not use TLS."""
    return {
        "Sid": "RefuseUnencrypted",  # SNS asks for one in each statement
        "Effect": "Deny",
        "Principal": "*",
        "Action": [action],
        "Resource": sorted(resources),
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
