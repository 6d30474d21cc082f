"""A schedule fired."""

from __future__ import annotations

from isthmus._typing import Any


class Tick:
    """One firing of the schedule `schedule`: `due` is when it was to fire, in epoch seconds, `payload` its JSON."""

    __slots__ = ("attempt", "due", "id", "payload", "raw", "schedule")

    def __init__(
        self, schedule: str, *, due: float = 0.0, payload: Any = None, attempt: int = 1, id: str = "", raw: Any = None
    ) -> None:
        self.schedule = schedule
        self.due = due
        self.payload = payload
        self.attempt = attempt
        self.id = id
        self.raw = raw

    def __repr__(self) -> str:
        return f"<Tick of {self.schedule}>"
