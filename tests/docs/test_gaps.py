"""docs/gaps.md says what the capability tables do."""

from __future__ import annotations

from tests.docs.gaps import MARK, PAGE, generated


def test_the_comparison_of_the_providers_is_that_of_their_tables() -> None:
    _, mark, told = PAGE.read_text().partition(MARK)

    assert mark
    assert told.strip() == generated().strip(), "write it anew: make gaps"
