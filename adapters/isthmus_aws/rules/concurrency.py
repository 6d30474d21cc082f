"""Concurrency: what an account has to reserve.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-concurrency.html
"""

from __future__ import annotations

from collections.abc import Iterator

from isthmus.checks.draft import Draft
from isthmus.declarations.problem import Problem

_ACCOUNT = 1000
_UNRESERVED = 100


def notes(draft: Draft) -> Iterator[Problem]:
    """Yield what the functions reserve together, where an account without a raised quota does not have it."""
    reserved = sum(function.concurrency or 0 for function in map(draft.sound, draft.functions))
    if reserved > _ACCOUNT - _UNRESERVED:
        yield Problem(
            draft.app.where,
            f"the functions reserve {reserved:,} of the account's concurrency, which is {_ACCOUNT:,} for all that runs "
            f"in a region unless it has been raised, and Lambda keeps {_UNRESERVED} of it for functions that reserve "
            "none: ask for more, or leave concurrency out where a queue's max_concurrency does",
        )
