"""How long to wait between two attempts, as several services of Google count it."""

from __future__ import annotations

from typing import NamedTuple


class Backoff(NamedTuple):
    """A wait that is doubled `doublings` times, then grows by as much each time, up to `most`; all in seconds.

    https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues#RetryConfig
    https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs#RetryConfig
    """

    least: float
    most: float
    doublings: int

    def wait(self, failures: int) -> float:
        """Return the wait after so many failures, at least one."""
        times = failures - 1
        if times <= self.doublings:
            return float(min(self.most, self.least * 2 ** min(times, 64)))
        longest = self.least * 2**self.doublings
        return float(min(self.most, longest * (1 + times - self.doublings)))


def seconds(text: str | float | None, otherwise: float) -> float:
    """Return a duration such as `3.5s` in seconds."""
    return otherwise if text in (None, "") else float(str(text).removesuffix("s"))
