"""A compiled workflow: its text, and what is known of it before it runs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimates:
    """How much of Google's limits a source uses.

    `steps` are those of an execution that enters each state once, `call_depth` is how deep subworkflows call each
    other, `parallel_depth` how deep parallel steps are nested.
    """

    bytes: int
    steps: int
    call_depth: int
    parallel_depth: int


@dataclass(frozen=True, slots=True)
class Source:
    """The YAML that is deployed."""

    text: str
    estimates: Estimates
