from __future__ import annotations

import pytest

from isthmus.declarations.app import App
from isthmus_aws.rules.seconds import hours, whole
from tests.aws.rules.planning import HANDLERS, notes


@pytest.mark.parametrize(("seconds", "expected"), [(0, 0), (0.2, 1), (1, 1), (1.0, 1), (29.1, 30)])
def test_seconds_are_rounded_up(seconds: float, expected: int) -> None:
    assert whole(seconds) == expected


@pytest.mark.parametrize(("seconds", "expected"), [(86_400, 24), (86_401, 25)])
def test_hours_are_rounded_up(seconds: int, expected: int) -> None:
    assert hours(seconds) == expected


def test_each_value_that_is_rounded_is_noted() -> None:
    def declare(app: App) -> None:
        queue = app.queue("Work", visibility_timeout=180.5, retry_delay=0.1, delay=1.5)
        queue.subscribe(f"{HANDLERS}.message", name="F", batch_window=0.2, timeout=2.5)
        app.stream("Clicks", retention=90_000 + 1)

    found = [what for what in notes(declare) if "rounded" in what]

    assert found == [
        "queue 'Work': delay=1.5 is rounded up to 2 s: AWS takes whole seconds",
        "queue 'Work': retry_delay=0.1 is rounded up to 1 s: AWS takes whole seconds",
        "queue 'Work': visibility_timeout=180.5 is rounded up to 181 s: AWS takes whole seconds",
        "function 'F': timeout=2.5 is rounded up to 3 s: AWS takes whole seconds",
        "queue 'Work': batch_window=0.2 is rounded up to 1 s: AWS takes whole seconds",
        "stream 'Clicks': retention=90001 is rounded up to 26 hours: Kinesis takes whole hours",
    ]


def test_whole_values_are_not_noted() -> None:
    def declare(app: App) -> None:
        app.queue("Work", visibility_timeout=180.0).subscribe(f"{HANDLERS}.message", timeout=30)
        app.stream("Clicks", retention=7 * 86_400)

    assert not any("rounded" in what for what in notes(declare))
