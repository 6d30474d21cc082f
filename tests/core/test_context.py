from __future__ import annotations

import time

from isthmus.context import Context


def test_the_remaining_time_ends_at_the_deadline() -> None:
    assert 9 < Context(deadline=time.time() + 10).remaining() <= 10
    assert Context(deadline=time.time() - 10).remaining() == 0


def test_without_a_correlation_the_request_starts_one() -> None:
    assert Context(request_id="r1").correlation_id == "r1"
    assert Context(request_id="r1", correlation_id="c1").correlation_id == "c1"
    assert repr(Context(request_id="r1", function="Create")) == "<Context Create r1>"
