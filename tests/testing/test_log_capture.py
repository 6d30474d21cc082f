"""What handlers log while a test runs."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator

import pytest

from isthmus import logs
from isthmus.context import current
from isthmus.testing import context
from isthmus_local.log_capture import LogCapture


@pytest.fixture
def capture() -> Iterator[LogCapture]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    captured = LogCapture()
    yield captured
    captured.close()
    root.handlers[:] = handlers
    root.setLevel(level)


def test_what_is_logged_outside_of_an_event_is_not_the_apps(capture: LogCapture) -> None:
    logging.getLogger("other").error("outside")
    token = current.set(context())
    logging.getLogger("other").error("inside")
    current.reset(token)

    assert capture.lines == capture.errors == ["ERROR other: inside"]


def test_each_line_is_kept_once(capture: LogCapture) -> None:
    logging.getLogger("isthmus.local").warning("twice?")
    logging.getLogger("isthmus.local").warning("twice?")

    assert capture.lines == ["WARNING isthmus.local: twice?"] * 2
    assert capture.errors == []


def test_an_app_that_sets_up_its_logs_does_not_hide_its_failures(capture: LogCapture) -> None:
    logs.configure(io.StringIO())
    logging.getLogger("isthmus").error("it failed")

    assert capture.errors == ["ERROR isthmus: it failed"]


def test_after_the_end_nothing_is_kept(capture: LogCapture) -> None:
    capture.close()
    logging.getLogger("isthmus").error("late")

    assert capture.lines == []
