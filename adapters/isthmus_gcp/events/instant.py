"""Times as Google writes them: 2020-09-29T11:32:00.123456789Z."""

from __future__ import annotations


def epoch(text: str) -> float:
    """Return seconds since the epoch; without a zone it is UTC. `ValueError` where it is no time."""
    from datetime import UTC, datetime

    moment = datetime.fromisoformat(text)  # which cuts what is finer than a microsecond
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def written(seconds: float) -> str:
    """Return a time as Google writes it."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")
