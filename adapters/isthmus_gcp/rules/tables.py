"""The visible tables of Google's own rules: `CHECKS` refuse, `NOTES` tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from isthmus.checks.draft import Draft
from isthmus.declarations.problem import Problem
from isthmus_gcp.rules import (
    apis,
    buckets,
    functions,
    indexes,
    labels,
    minutes,
    names,
    neighbours,
    parameters,
    place,
    queues,
    schedules,
    topics,
    workflows,
)

Rule: TypeAlias = Callable[[Draft], Iterator[Problem]]
"""Looks at the whole app for one subject and yields what it finds."""

CHECKS: Sequence[Rule] = (
    topics.check,
    queues.check,
    buckets.check,
    functions.check,
    schedules.check,
    indexes.check,
    names.check,
    apis.check,
    parameters.check,
    labels.check,
    workflows.check,
)
"""What Google would refuse at deployment, or do otherwise than the app means."""

NOTES: Sequence[Rule] = (
    place.notes,
    minutes.notes,
    functions.notes,
    neighbours.notes,
    apis.notes,
    indexes.notes,
    schedules.notes,
    labels.notes,
    workflows.notes,
)
"""What is worth knowing of what Google does."""
