"""What came of the cases of a collection, and how it is told."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["agree", "differ", "not applicable"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """One case: which file (or which row of the index), what came of it, and why."""

    case: str
    verdict: Verdict
    reason: str = ""


class CollectionError(Exception):
    """The collection itself cannot be read: no such folder, no index, no case in it."""


def lines(outcomes: Iterable[Outcome], *, reasons: bool = False) -> Iterator[str]:
    """Yield each disagreement, then (with `reasons`) why cases are not applicable, then the totals as the last line."""
    counts: Counter[Verdict] = Counter()
    why: Counter[str] = Counter()
    for outcome in outcomes:
        counts[outcome.verdict] += 1
        if outcome.verdict == "differ":
            yield f"{outcome.case}: {outcome.reason}"
        elif outcome.verdict == "not applicable":
            why[outcome.reason] += 1
    if reasons:
        yield from (f"not applicable: {count} of: {reason}" for reason, count in why.most_common())
    yield f"{counts['agree']} agree, {counts['differ']} differ, {counts['not applicable']} not applicable"
