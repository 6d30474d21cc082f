"""A compiled workflow: its text, and what is known of it before it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """How much of Google's limits a source uses.

    `steps` are those of an execution that enters each state once, `call_depth` is how deep subworkflows call each
    other, `parallel_depth` how deep parallel steps are nested. `notes` say what cannot be known before it runs.
    """

    bytes: int
    steps: int
    call_depth: int
    parallel_depth: int
    notes: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Source:
    """The YAML that is deployed."""

    text: str
    estimates: Estimates

    @property
    def digest(self) -> str:
        """Return a digest of the text, which changes with it."""
        return sha256(self.text.encode()).hexdigest()
