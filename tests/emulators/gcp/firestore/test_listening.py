from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from tests.emulators.gcp.firestore.library import Where


def comes(condition: Callable[[], bool]) -> bool:
    limit = time.monotonic() + 20
    while not condition() and time.monotonic() < limit:
        time.sleep(0.02)
    return condition()


def test_a_listener_sees_a_document_change(letter: Any) -> None:
    letter.set({"n": 0})
    seen: list[Any] = []

    def see(found: Any, *_: object) -> None:
        seen.append([each.to_dict() for each in found])

    watch = letter.on_snapshot(see)
    try:
        assert comes(lambda: seen == [[{"n": 0}]])
        letter.set({"n": 1})
        assert comes(lambda: seen[-1] == [{"n": 1}])
    finally:
        watch.unsubscribe()


def test_a_listener_sees_what_enters_and_leaves_a_query(letters: Any) -> None:
    letters.document("a").set({"g": "x"})
    seen: list[list[str]] = []
    query = letters.where(filter=Where("g", "==", "x"))

    def see(found: Any, *_: object) -> None:
        seen.append([each.id for each in found])

    watch = query.on_snapshot(see)
    try:
        assert comes(lambda: seen == [["a"]])
        letters.document("b").set({"g": "x"})
        assert comes(lambda: seen[-1] == ["a", "b"])
        letters.document("a").update({"g": "y"})
        assert comes(lambda: seen[-1] == ["b"])
        letters.document("b").delete()
        assert comes(lambda: seen[-1] == [])
    finally:
        watch.unsubscribe()
