"""What a test asked for that there is not."""

from __future__ import annotations

from collections.abc import Iterable

from isthmus.errors import IsthmusError


class UnknownResourceError(IsthmusError, LookupError):
    """The app under test declares no such thing: its name, and those that it has."""

    def __init__(self, kind: str, name: str | None, known: Iterable[str]) -> None:
        names = ", ".join(sorted(known)) or "none"
        what = f"say which {kind} is meant" if name is None else f"the app declares no {kind} {name!r}"
        super().__init__(f"{what}; it has: {names}")


class NotObservableError(IsthmusError, NotImplementedError):
    """The provider's testbed cannot be asked for this: only one that runs in the test's own process can."""

    def __init__(self, what: str, testbed: object) -> None:
        super().__init__(f"{type(testbed).__name__} cannot {what}: run the test on the provider 'local'")


class NoClockError(IsthmusError, RuntimeError):
    """The test moves a time that is not its own."""

    def __init__(self) -> None:
        super().__init__("the app runs on the computer's time; give it one of the test's: Faults(clock=FakeClock())")


class SharedEnvironmentError(IsthmusError, ValueError):
    """Two functions give one environment variable different values, and the test runs both in one process."""

    def __init__(self, variable: str) -> None:
        super().__init__(f"functions disagree on the variable {variable!r}, and threads share it: use processes=True")
