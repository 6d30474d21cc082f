"""Invocations: their payload is the event, whether somebody waits for the result or not.

A workflow wraps the payload, so that what belongs to the task's context comes along beside it: see `Invocation`.
"""

from __future__ import annotations

from isthmus._typing import Any, Json
from isthmus.envelope import Envelope, incoming
from isthmus_aws.events.shape import is_object
from isthmus_aws.events.started_by import envelope

WRAPPER = "isthmus-task"
"""The one key of what a workflow gives to a function; the payload is beneath it, under `input`."""


class Invocation:
    """A payload, and what came beside it: the attempt, counted from 1, and the envelope (None where none came)."""

    __slots__ = ("attempt", "envelope", "payload")

    def __init__(self, payload: Any, attempt: int = 1, envelope: Envelope | None = None) -> None:
        self.payload = payload
        self.attempt = attempt
        self.envelope = envelope


class TaskCodec:
    """A payload is what the handler gets, and its result is the answer."""

    __slots__ = ()

    def decode(self, raw: Any, /) -> Json:
        """Return the payload: Lambda has read the JSON."""
        payload: Json = read(raw).payload
        return payload

    def encode(self, result: Any, /) -> Any:
        """Return the result as it is: JSON already."""
        return result


def read(event: Any) -> Invocation:
    """Return what an invocation brings; anything that a workflow has not wrapped is a payload as it is."""
    if not is_object(event) or len(event) != 1 or WRAPPER not in event:
        return Invocation(event)
    task: Any = event[WRAPPER]
    if not is_object(task) or "input" not in task:
        return Invocation(event)
    retries: Any = task.get("attempt")
    attempt = retries + 1 if type(retries) is int and retries >= 0 else 1
    return Invocation(task["input"], attempt, incoming(envelope(task.get("envelope")))[1])
