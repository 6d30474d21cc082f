"""What the cloud does to messages, on purpose: duplicates, disorder, indexes that lag; alike for the same seed."""

from __future__ import annotations

from collections.abc import MutableSequence
from dataclasses import dataclass, field
from random import Random
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Chaos:
    """How often a delivery is doubled (0 to 1), whether what waits is shuffled, and how far indexes lag, in seconds."""

    duplicates: float = 0.0
    reorder: bool = False
    index_lag: float = 0.0
    random: Random = field(default_factory=lambda: Random(0))

    def doubles(self) -> bool:
        """Decide whether this delivery comes twice."""
        return self.duplicates > 0 and self.random.random() < self.duplicates

    def shuffle(self, waiting: MutableSequence[Any]) -> None:
        """Put `waiting` into another order, where disorder is on."""
        if self.reorder:
            self.random.shuffle(waiting)

    def lag(self) -> float:
        """Return the seconds by which this write's index entries come late."""
        return self.random.uniform(0, self.index_lag) if self.index_lag else 0.0


CALM = Chaos()
"""No chaos: what a laptop does by itself."""
