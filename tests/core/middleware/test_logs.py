from __future__ import annotations

import logging
from typing import Any

import pytest

from isthmus import compose
from isthmus.context import Context
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.message import Message
from isthmus.middleware.logs import logs
from tests.core.handlers import plain


@pytest.fixture(autouse=True)
def level(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def only(caplog: pytest.LogCaptureFixture) -> Any:
    assert len(caplog.records) == 1
    return caplog.records[0]


def test_a_request_is_logged_with_its_status_but_not_its_body_or_query(caplog: pytest.LogCaptureFixture) -> None:
    handler = compose(logs, plain(lambda request: HttpResponse.json({"token": "s3cret"}, status=201)))
    handler(HttpRequest("POST", "/orders", query_string="key=s3cret", body=b"s3cret"), Context(function="Create"))

    record = only(caplog)
    assert record.getMessage() == "Create: 201"
    assert (record.event, record.method, record.path, record.outcome) == ("HttpRequest", "POST", "/orders", "201")
    assert record.durationMs >= 0
    assert "s3cret" not in repr(record.__dict__)


def test_a_message_is_logged_with_its_id_and_attempt(caplog: pytest.LogCaptureFixture) -> None:
    compose(logs, plain(lambda message: None))(Message(b"x", id="m1", attempt=3), Context())

    record = only(caplog)
    assert (record.event, record.id, record.attempt, record.outcome) == ("Message", "m1", 3, "done")
    assert record.getMessage() == "handler: done"


@pytest.mark.parametrize("error", [ZeroDivisionError(), KeyboardInterrupt()])
def test_a_failure_is_logged_and_passes(caplog: pytest.LogCaptureFixture, error: BaseException) -> None:
    def handler(event: Any) -> None:
        raise error

    with pytest.raises(type(error)):
        compose(logs, handler)({"a": 1}, Context())
    assert only(caplog).outcome == type(error).__name__
