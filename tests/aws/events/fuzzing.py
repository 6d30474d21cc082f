"""Garbage for the codecs: recorded events with members taken away, doubled, or put to something else."""

from __future__ import annotations

import copy
from collections.abc import Callable
from functools import partial
from typing import Any

from isthmus.errors import BadEventError
from isthmus.serve import Malformed
from isthmus_aws.events.batch import batch_of
from isthmus_aws.events.codecs import codecs
from isthmus_aws.events.shape import is_list, is_object
from tests.aws.events.recorded import KINDS, event, function, inbox

FUNCTION = function()
CODECS = [kind for kind in KINDS if kind != "task"]


def seeds() -> list[Any]:
    """Return a well-formed event of every service and every kind of inbox."""
    direct = [
        event(name) for name in ("sqs", "sqs_fifo", "sns", "s3", "kinesis", "dynamodb", "rule", "scheduler", "tick")
    ]
    notice = event("sns")["Records"][0]["Sns"]
    bodies = {"queue": "a", "topic": notice, "bucket": event("s3"), "schedule": event("tick"), "task": [1]}
    return direct + [inbox(body, kind=kind) for kind, body in bodies.items()]


def mutated(original: Any, choose: Callable[[int], int], replacement: Any) -> Any:
    """Return a copy with one place of it changed; `choose(n)` says which of n."""
    document = copy.deepcopy(original)
    holder: Any = None
    at: Any = None
    inner: Any = document
    while (is_object(inner) or is_list(inner)) and inner and (holder is None or choose(8)):
        holder = inner
        at = list(holder)[choose(len(holder))] if is_object(holder) else choose(len(holder))
        inner = holder[at]
    _change(holder, at, choose(4), replacement)
    return document


def _change(holder: Any, at: Any, how: int, replacement: Any) -> None:
    if how == 0:
        del holder[at]
    elif how == 1 and is_list(holder):
        holder.append(holder[at])
    elif how == 2 and isinstance(holder[at], str):
        holder[at] = holder[at][: len(holder[at]) // 2]
    else:
        holder[at] = replacement


def check(sent: Any) -> None:
    """Read an event in every way; whatever it is, only a `BadEventError` comes out of it, or a `Malformed`."""
    _survives(lambda: [found for record in batch_of(sent, FUNCTION).records for found in record.events])
    for kind in CODECS:
        _survives(partial(codecs[kind].decode, sent))


def _survives(read: Callable[[], list[Any]]) -> None:
    try:
        found = read()
    except BadEventError:
        return
    for entry in found:
        group = getattr(entry, "group", None)
        assert group is None or type(group) is str
        if isinstance(entry, Malformed):
            assert type(entry.error) is BadEventError
        else:
            _touch(entry)


def _touch(entry: Any) -> None:
    """Read what is lazy."""
    for name in dir(entry):
        if not name.startswith("_") and name not in ("json", "text"):
            getattr(entry, name)
