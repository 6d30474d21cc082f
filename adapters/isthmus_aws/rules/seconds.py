"""AWS counts in whole seconds, and Kinesis in whole hours: a value that is none is rounded up.

Lambda's timeout, a queue's times and a mapping's window are integers:
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html,
https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html; a stream's retention is in hours:
https://docs.aws.amazon.com/kinesis/latest/APIReference/API_IncreaseStreamRetentionPeriod.html.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from isthmus.checks.draft import Draft, label
from isthmus.declarations.function import Function
from isthmus.declarations.problem import Problem
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.stream import Stream
from isthmus.shapes import is_number

_HOUR = 3600


def whole(seconds: float) -> int:
    """Return the seconds as AWS takes them: whole, and not less than was asked for."""
    return math.ceil(seconds)


def hours(seconds: float) -> int:
    """Return seconds as whole hours, not less than was asked for."""
    return math.ceil(seconds / _HOUR)


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield the values that AWS gets rounded."""
    for function in draft.of(Function):
        yield from _rounded(function, function.where, timeout=function.timeout)
    for queue in draft.of(Queue):
        waits = {"retry_delay": queue.retry_delay, "max_retry_delay": queue.max_retry_delay, "delay": queue.delay}
        yield from _rounded(queue, queue.where, visibility_timeout=queue.visibility_timeout, **waits)
    for subscription, _ in draft.deliveries:
        yield from _rounded(subscription.source, subscription.where, batch_window=subscription.batch_window)
    for stream in draft.of(Stream):
        if stream.retention % _HOUR:
            what = f"retention={stream.retention} is rounded up to {hours(stream.retention)} hours"
            yield Problem(stream.where, f"{label(stream)}: {what}: Kinesis takes whole hours")


def _rounded(resource: Resource, where: str, **values: float) -> Iterator[Problem]:
    for option, seconds in values.items():
        if is_number(seconds) and seconds != whole(seconds):
            what = f"{option}={seconds:g} is rounded up to {whole(seconds)} s: AWS takes whole seconds"
            yield Problem(where, f"{label(resource)}: {what}")
