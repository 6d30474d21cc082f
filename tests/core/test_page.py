from __future__ import annotations

from isthmus.page import Page


def test_a_page_is_a_sequence_of_items_and_where_the_next_begins() -> None:
    page: Page[int] = Page([1, 2], "next")

    assert list(page) == [1, 2]
    assert len(page) == 2
    assert page.items == [1, 2]
    assert page.cursor == "next"
    assert repr(page) == "<Page of 2, and more>"


def test_the_last_page_has_no_cursor() -> None:
    page: Page[int] = Page([])

    assert page.cursor is None
    assert repr(page) == "<Page of 0>"
