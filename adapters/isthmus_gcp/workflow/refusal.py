"""What cannot be said to Google Workflows: told by the pointer of the state, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from isthmus.errors import InvalidValueError


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """One thing that Workflows has no counterpart for: `pointer` is where it stands in the document."""

    pointer: str
    reason: str

    def __str__(self) -> str:
        return f"{self.pointer or 'the definition'}: {self.reason}"


class UnportableError(InvalidValueError):
    """Something in a state that has no counterpart; `under` is where it stands within the state ("/Retry/0")."""

    def __init__(self, reason: str, under: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.under = under


class RefusedError(InvalidValueError):
    """A definition that is not compiled: `faults` are all the reasons."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(str(fault) for fault in faults))
        self.faults = tuple(faults)
