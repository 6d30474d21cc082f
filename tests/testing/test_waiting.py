"""Waiting for what happens elsewhere."""

from __future__ import annotations

import time

import pytest

from isthmus.testing import wait_until


def test_it_returns_what_the_condition_returns_at_last() -> None:
    answers = iter([None, "", "there"])

    assert wait_until(lambda: next(answers)) == "there"


def test_a_condition_about_what_is_not_there_yet_does_not_hold() -> None:
    rows: list[dict[str, int]] = []

    def first() -> int:
        if len(rows) < 3:
            rows.append({})
        else:
            rows[0]["n"] = 5
        return rows[0]["n"]

    assert wait_until(first) == 5


def test_an_error_of_another_kind_ends_the_wait_at_once() -> None:
    started = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        wait_until(lambda: 1 // 0, 5)

    assert time.monotonic() - started < 1


def test_the_failure_shows_the_condition_its_place_and_its_last_answer() -> None:
    row: dict[str, int] = {}
    with pytest.raises(AssertionError) as caught:
        wait_until(lambda: row["reserved"], 0.05, failures=lambda: "a handler failed")

    for words in ('row["reserved"]', "test_waiting.py:", "KeyError: 'reserved'", "0.05 s", "a handler failed"):
        assert words in str(caught.value)


def test_a_condition_without_source_is_shown_as_it_is() -> None:
    with pytest.raises(AssertionError, match="built-in"):
        wait_until([].copy, 0)
