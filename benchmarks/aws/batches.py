"""Batches on Lambda: messages of SQS against a loop by hand, and images of DynamoDB against a reading by hand."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from benchmarks import peers
from benchmarks.aws import by_hand, events
from benchmarks.aws.function import invocation, isthmus
from benchmarks.measure import in_turns, per_call, ratio, verdict
from isthmus.sources import Source
from isthmus_aws.attribute_values import to_item

SIZES = (10, 100, 1_000, 10_000)
MESSAGES = 10_000
"""So many messages a measurement handles, in batches of whatever size."""

ROUNDS = 9
IMAGES = 1_000


def main() -> bool:
    """Print the ratios, from the environment that has the peers."""
    return peers.succeeds("benchmarks.aws.batches")


def measured() -> bool:
    """Print the ratios."""
    return all([_messages(), _envelopes(), _images()])


def _messages() -> bool:
    """Compare batches of messages, and see that what a message costs does not grow with its batch.

    The reading of so much JSON makes each message dearer for the loop by hand too: hence the growth of the ratio.
    """
    met: list[bool] = []
    ratios: list[float] = []
    for size in SIZES:
        times = _times(events.messages(size), size)
        ratios.append(ratio(times["isthmus"], times["by hand"]))
        met.append(verdict(f"SQS batch of {size:,} / hand-written", ratios[-1], at_most=1.3))
    return verdict(f"that of {SIZES[-1]:,} / that of {SIZES[0]}", ratios[-1] / ratios[0], at_most=1.1) and all(met)


def _envelopes() -> bool:
    """Print what messages cost whose envelope is read, which the loop by hand does not do: there is no target."""
    times = _times(events.messages(10, sent_by_isthmus=True), 10)
    print(f"  (each with an envelope of its own: {ratio(times['isthmus'], times['by hand']):.2f})")
    return True


def _times(event: bytes, size: int) -> Mapping[str, list[float]]:
    sources = {events.QUEUE: Source("queue", "Work")}
    candidates = {
        "by hand": invocation(by_hand.consume, event),
        "isthmus": invocation(isthmus("queue", "benchmarks.aws.handlers.consume", sources=sources), event),
    }
    answers = {who: json.loads(invoke()) for who, invoke in candidates.items()}
    assert answers["isthmus"] == answers["by hand"] == {"batchItemFailures": []}, answers
    times = in_turns({who: _timed(invoke, MESSAGES // size) for who, invoke in candidates.items()}, ROUNDS)
    print(
        f"SQS, {size:,} a batch: "
        + ", ".join(f"{who} {min(best) / size * 1e6:.2f} us a message" for who, best in times.items())
    )
    return times


def _images() -> bool:
    """Compare the reading of an image, and tell boto3's reading beside it."""
    deserialize: Any = import_module("boto3.dynamodb.types").TypeDeserializer().deserialize
    readers: dict[str, Callable[[], Any]] = {
        "by hand": lambda: by_hand.item_of(events.IMAGE),
        "isthmus": lambda: to_item(events.IMAGE),
        "boto3": lambda: {name: deserialize(attribute) for name, attribute in events.IMAGE.items()},
    }
    assert readers["isthmus"]() == readers["by hand"]()
    times = in_turns({who: _timed(read, IMAGES) for who, read in readers.items()}, ROUNDS)
    print("DynamoDB image: " + ", ".join(f"{who} {min(best) * 1e6:.1f} us" for who, best in times.items()))
    return verdict("DynamoDB image / hand-written", ratio(times["isthmus"], times["by hand"]), at_most=1.2)


def _timed(call: Callable[[], Any], calls: int) -> Callable[[], float]:
    return lambda: per_call(call, calls)


if __name__ == "__main__":
    sys.exit(not measured())
