"""Many messages in few calls: no call over the bytes that it may have, and what the service failed on sent again."""

from __future__ import annotations

import os
import time

from isthmus._typing import Any, Callable, Iterator, Sequence, TypeAlias
from isthmus.errors import InvalidValueError, ServiceError

RESENDS = 5
"""How often messages that the service could not take just now are sent again."""

PAUSE = 0.1
"""The most seconds before the first time; doubled each time."""

Post: TypeAlias = "Callable[[Sequence[Any]], Sequence[str | ServiceError]]"
"""Sends messages in one call, and returns each one's id, or in its place why it was refused."""


class BusyError(ServiceError):
    """The fault is the service's own (throttling, an internal error): the message may be taken if it is sent again."""


def send_batches(
    messages: Sequence[Any], post: Post, *, size: Callable[[Any], int], most_bytes: int
) -> list[str | ServiceError]:
    """Send `messages` in calls of at most `most_bytes`; returns each one's id, or why it was refused."""
    return [answer for batch in _split(messages, size, most_bytes) for answer in _insist(batch, post)]


def _split(messages: Sequence[Any], size: Callable[[Any], int], most_bytes: int) -> Iterator[list[Any]]:
    batch: list[Any] = []
    total = 0
    for message in messages:
        if batch and total + size(message) > most_bytes:
            yield batch
            batch, total = [], 0
        batch.append(message)
        total += size(message)
    if batch:
        yield batch


def _insist(batch: Sequence[Any], post: Post) -> Sequence[str | ServiceError]:
    answers = list(_posted(batch, post))
    for attempt in range(RESENDS):
        busy = [position for position, answer in enumerate(answers) if isinstance(answer, BusyError)]
        if not busy:
            break
        time.sleep(PAUSE * 2**attempt * os.urandom(1)[0] / 255)  # random, so that many senders do not come back at once
        for position, answer in zip(busy, _posted([batch[position] for position in busy], post), strict=True):
            answers[position] = answer
    return answers


def _posted(batch: Sequence[Any], post: Post) -> Sequence[str | ServiceError]:
    try:
        return post(batch)
    except (ServiceError, InvalidValueError) as error:
        return [ServiceError(str(error))] * len(batch)
