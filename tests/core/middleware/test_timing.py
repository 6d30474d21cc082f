from __future__ import annotations

import logging
import re
import time
from typing import Any

import pytest

from isthmus import compose
from isthmus.context import Context
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.message import Message
from isthmus.middleware.timing import timing
from tests.core.handlers import plain


@pytest.fixture(autouse=True)
def level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def test_a_response_tells_how_long_the_handler_took(caplog: pytest.LogCaptureFixture) -> None:
    def handler(request: HttpRequest) -> dict[str, int]:
        time.sleep(0.01)
        return {"a": 1}

    response = compose(timing, handler)(HttpRequest("GET", "/"), Context())

    told = re.fullmatch(r"handler;dur=(\d+\.\d)", response.headers["server-timing"])
    assert told is not None
    assert float(told[1]) >= 9
    assert response.json() == {"a": 1}
    assert caplog.records[0].__dict__["durationMs"] >= 9


def test_a_response_shared_by_requests_is_not_changed() -> None:
    shared = HttpResponse.empty()
    compose(timing, plain(lambda request: shared))(HttpRequest("GET", "/"), Context())

    assert "server-timing" not in shared.headers


def test_other_kinds_are_logged_and_their_result_is_left_alone(caplog: pytest.LogCaptureFixture) -> None:
    assert compose(timing, plain(lambda message: 7))(Message(b"x"), Context()) == 7
    assert caplog.records[0].getMessage().startswith("Message took ")


def test_a_failure_is_timed_as_well_and_passes(caplog: pytest.LogCaptureFixture) -> None:
    def handler(event: Any) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        compose(timing, handler)(HttpRequest("GET", "/"), Context())
    assert len(caplog.records) == 1
