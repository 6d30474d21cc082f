"""Times as AWS writes them: 2019-09-03T19:37:27.192Z."""

from __future__ import annotations


def epoch(text: str) -> float:
    """Return seconds since the epoch; without a zone it is UTC. `ValueError` where it is no time."""
    from datetime import UTC, datetime

    moment = datetime.fromisoformat(text)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
