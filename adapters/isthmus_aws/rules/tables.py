"""The visible tables of AWS's own rules: `CHECKS` refuse, `NOTES` tell."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from isthmus.checks.draft import Draft
from isthmus.declarations.problem import Problem
from isthmus_aws.rules import (
    apis,
    buckets,
    concurrency,
    environment,
    indexes,
    mappings,
    parameters,
    place,
    schedules,
    seconds,
    tags,
    topics,
    workflows,
)

Rule: TypeAlias = Callable[[Draft], Iterator[Problem]]
"""Looks at the whole app for one subject and yields what it finds."""

CHECKS: Sequence[Rule] = (
    mappings.check,
    buckets.check,
    topics.check,
    schedules.check,
    indexes.check,
    parameters.check,
    environment.check,
    tags.check,
    workflows.check,
)
"""What AWS would refuse at deployment, or do otherwise than the app means."""

NOTES: Sequence[Rule] = (
    place.notes,
    seconds.notes,
    mappings.notes,
    concurrency.notes,
    schedules.notes,
    apis.notes,
)
"""What is worth knowing of what AWS does."""
