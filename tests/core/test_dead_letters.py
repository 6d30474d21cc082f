from __future__ import annotations

from isthmus.dead_letters import dead_letter_attributes


def test_a_dead_letter_tells_where_it_comes_from_and_why() -> None:
    assert dead_letter_attributes("Work", "m-1", 3, "ValueError: no such item") == {
        "dead-letter-source": "Work",
        "dead-letter-id": "m-1",
        "dead-letter-attempts": "3",
        "dead-letter-reason": "ValueError: no such item",
    }


def test_a_reason_is_cut_so_that_the_letter_stays_within_its_limit() -> None:
    assert len(dead_letter_attributes("Work", "m-1", 3, "x" * 5000)["dead-letter-reason"]) == 1024
