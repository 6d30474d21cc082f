"""A function of the library, by what it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from tests.emulators.gcp.workflows.failures import Raised, failure
from tests.emulators.gcp.workflows.values import kind


class Context(Protocol):
    """What functions see of the execution that calls them."""

    @property
    def environment(self) -> Mapping[str, str]:
        """Its variables: https://cloud.google.com/workflows/docs/reference/environment-variables."""
        ...

    def now(self) -> float:
        """The time, in seconds since 1970."""
        ...


Apply = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Function:
    """Its parameters in their order, those that may be left out with what they are then, and what it does.

    Without `apply` it blocks: only a call step may run it.
    https://cloud.google.com/workflows/docs/reference/syntax/expressions#blocking-calls
    """

    required: tuple[str, ...]
    optional: Mapping[str, Any] = field(default_factory=dict[str, Any])
    apply: Apply | None = None

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names of all parameters."""
        return (*self.required, *self.optional)

    def named(self, arguments: Sequence[Any]) -> dict[str, Any]:
        """Return arguments that are given in their order by their names."""
        return dict(zip(self.parameters, arguments, strict=False))

    def complete(self, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Return arguments with those that have been left out."""
        return {**self.optional, **arguments}


def pure(apply: Apply, *required: str, **optional: Any) -> Function:
    """Return a function of nothing but its arguments."""

    def of_context(_context: Context, **arguments: Any) -> Any:
        return apply(**arguments)

    return Function(required, optional, of_context)


def wrong(what: str, value: Any, expected: str) -> Raised:
    """Return the error for an argument of another type."""
    return failure("TypeError", f"{what} must be {expected}; got: {kind(value)}")


def text(what: str, value: Any) -> str:
    """Return an argument that is a string."""
    if not isinstance(value, str):
        raise wrong(what, value, "a string")
    return value


def integer(what: str, value: Any) -> int:
    """Return an argument that is an integer."""
    if type(value) is not int:
        raise wrong(what, value, "an integer")
    return value


def numeric(what: str, value: Any) -> float:
    """Return an argument that is a number."""
    if type(value) not in (int, float):
        raise wrong(what, value, "a number")
    number: float = value
    return number


def binary(what: str, value: Any) -> bytes:
    """Return an argument that is bytes."""
    if not isinstance(value, bytes):
        raise wrong(what, value, "bytes")
    return value
