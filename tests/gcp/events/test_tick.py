"""Calls of Cloud Scheduler."""

from __future__ import annotations

import time

import pytest

from isthmus.errors import BadEventError
from isthmus_gcp.events.codecs import codecs
from tests.gcp.events.recorded import arrived, only, request

DUE = "2026-03-29T01:30:00Z"


def test_a_call_is_a_tick_of_the_schedule_that_it_names() -> None:
    record = arrived(request({"a": 1}, isthmus_source="of-schedule", x_cloudscheduler_scheduletime=DUE))

    tick = only(record)
    assert (tick.schedule, tick.due, tick.payload, tick.attempt) == ("TheSchedule", 1774747800.0, {"a": 1}, 1)
    assert (record.way, tick.id) == ("call", f"of-schedule/{DUE}")


def test_a_schedule_may_have_no_payload() -> None:
    assert only(arrived(request(b"", isthmus_source="of-schedule", x_cloudscheduler_scheduletime=DUE))).payload is None


def test_a_call_that_tells_no_time_is_due_now() -> None:
    assert only(arrived(request(b"", isthmus_source="of-schedule"))).due == pytest.approx(time.time(), abs=5)


@pytest.mark.parametrize("due", ["yesterday", "2026", "2026-13-01T00:00:00Z", "9" * 400])
def test_a_time_that_is_none_is_refused(due: str) -> None:
    with pytest.raises(BadEventError):
        arrived(request(b"", isthmus_source="of-schedule", x_cloudscheduler_scheduletime=due))


def test_the_codec_reads_a_call_by_itself() -> None:
    posted = request(
        {"a": 1}, x_cloudscheduler="true", x_cloudscheduler_jobname="nightly", x_cloudscheduler_scheduletime=DUE
    )

    (tick,) = codecs["schedule"].decode(posted)

    assert (tick.schedule, tick.payload) == ("nightly", {"a": 1})
