from __future__ import annotations

from typing import Any

from isthmus import serve
from isthmus.links import Identity
from isthmus_local.channel import HEADER, REPORT, RESULT, unpack
from isthmus_local.service import Service

IDENTITY = Identity(app="shop", stage="dev", provider="local", function="Work")


def served(handler: serve.Handle, *event: Any) -> list[tuple[int, Any]]:
    """Return what a worker sends about an event: the kind of each frame, and what is in it."""
    frames: list[bytes] = []
    Service(IDENTITY, handler, frames.append).invoke(1, event)
    return [(HEADER.unpack_from(frame)[2], unpack(frame[HEADER.size :])) for frame in frames]


class UntoldError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("even its message fails")


def test_an_invocations_error_that_cannot_tell_its_message_is_told_all_the_same() -> None:
    def handler(event: Any, context: Any) -> None:
        raise UntoldError

    assert served(handler, "call", {}, {}) == [(RESULT, (False, "UntoldError", "(its message cannot be shown)"))]


def test_a_record_that_is_malformed_fails_alone() -> None:
    def record(body: bytes) -> tuple[Any, ...]:
        return ("id", body, {}, 1, 0.0, None, None, "Nightly")

    ticks: list[Any] = []
    good = record(b'{"schedule":"Nightly","due":1.0,"payload":7}')
    answers = served(lambda event, _: ticks.append(event.payload), "batch", "schedule", [record(b"{"), good], False)
    (first, (index, failure)), second, end = answers

    assert ticks == [7]
    assert (first, index, failure[0]) == (REPORT, 0, "BadEventError")
    assert (second, end) == ((REPORT, (1, None)), (RESULT, None))
