"""What a state does where its work fails: retriers and catchers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypedDict, Unpack

from isthmus.workflows.builder.drafts import Drafts
from isthmus.workflows.builder.spelling import fields
from isthmus.workflows.states_error import ALL


class RetryOptions(TypedDict, total=False):
    """How often, and how long after one another, attempts are made."""

    interval_seconds: int
    max_attempts: int
    backoff_rate: float
    max_delay_seconds: int
    jitter_strategy: Literal["FULL", "NONE"]
    comment: str


class CatchOptions(TypedDict, total=False):
    """What becomes of the error: `result_path` says where in the state's input it is put."""

    result_path: str | None
    output: Any
    assign: Mapping[str, Any]
    comment: str


@dataclass(frozen=True, slots=True)
class Retrier:
    """One element of `Retry`, as the document has it."""

    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Catcher:
    """One element of `Catch`: where it leads, and the rest of what the document has."""

    target: str | Drafts
    fields: Mapping[str, Any]


def retry(*errors: str, **options: Unpack[RetryOptions]) -> Retrier:
    """Try again after one of these errors, or after any: `retry("PaymentRetryable", max_attempts=3)`."""
    return Retrier({"ErrorEquals": list(errors or (ALL,)), **fields(options)})


def catch(*errors: str, then: str | Drafts, **options: Unpack[CatchOptions]) -> Catcher:
    """Go on elsewhere after one of these errors, or after any: to a state by its name, or to a chain of states."""
    return Catcher(then, {"ErrorEquals": list(errors or (ALL,)), **fields(options)})
