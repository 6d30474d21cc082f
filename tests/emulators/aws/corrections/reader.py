"""How Lambda reads one shard: batches in order, retried from the first failure, halved, and in the end given up.

https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html and
https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html say it of Kinesis, and of
tables their counterparts do.
"""

from __future__ import annotations

import json
import time
from typing import Any, cast

BACKOFF = 0.1
"""Seconds before a failed batch is tried again; Lambda does not say how long it waits."""


class Reader:
    """The position of one event source mapping in one shard, and how often its present batch was tried."""

    def __init__(self, position: int) -> None:
        self.position = position
        self.busy = False
        self._attempts = 0
        self._at_most = 0
        self._not_before = 0.0

    def may_read(self) -> bool:
        """Whether the next batch may be asked for now."""
        return not self.busy and time.monotonic() >= self._not_before

    def batch_size(self, mapping: dict[str, Any]) -> int:
        """Return how many records the next batch may have: less while a failed one is being halved."""
        asked = int(mapping.get("BatchSize") or 100)
        return min(asked, self._at_most) if self._at_most else asked

    def succeed(self, count: int) -> None:
        """Take note that a batch of `count` is done."""
        self._advance(count)

    def fail(self, mapping: dict[str, Any], numbers: list[str], failed: set[str]) -> bool:
        """Take note of a batch that failed from the first of `failed` on; True where its rest is given up."""
        done = next((index for index, number in enumerate(numbers) if number in failed), 0)
        left = len(numbers) - done
        if done:
            self._advance(done)
        self._not_before = time.monotonic() + BACKOFF
        if mapping.get("BisectBatchOnFunctionError") and left > 1:
            self._at_most = left if done else (left + 1) // 2
            return False  # a division is no attempt
        self._attempts += 1
        most = mapping.get("MaximumRetryAttempts")
        return most is not None and int(most) >= 0 and self._attempts > int(most)

    def give_up(self, count: int) -> None:
        """Go on behind a batch that is given up."""
        self._advance(count)

    def _advance(self, count: int) -> None:
        self.position += count
        self._attempts = 0
        self._at_most = 0
        self._not_before = 0.0


def failures(mapping: dict[str, Any], result: dict[str, Any], numbers: list[str]) -> set[str] | None:
    """Return the sequence numbers that a function reports as failed, every one where it raised; None where none are."""
    if result.get("error"):
        return set(numbers[:1])
    if "ReportBatchItemFailures" not in (_listed(mapping.get("FunctionResponseTypes"))):
        return None
    reported = _reported(result.get("body"))
    if reported is None:
        return None
    return reported if reported <= set(numbers) else set(numbers[:1])  # what names no record of the batch fails it all


def _reported(body: Any) -> set[str] | None:
    if isinstance(body, str):
        try:
            body = json.loads(body)
        except ValueError:
            return None
    items = _listed(cast("dict[str, Any]", body).get("batchItemFailures")) if isinstance(body, dict) else []
    return {str(item.get("itemIdentifier")) for item in items} if items else None


def _listed(value: Any) -> list[Any]:
    return list(value or [])
