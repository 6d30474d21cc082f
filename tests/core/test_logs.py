from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest

from isthmus import context as contexts
from isthmus import logs
from isthmus.context import Context


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    stream = io.StringIO()
    logs.configure(stream, "DEBUG")
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[Any]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


LOG = logging.getLogger("functions.orders")


def test_a_record_is_one_line_with_time_severity_logger_and_message(stream: io.StringIO) -> None:
    LOG.warning("took %d ms", 7)

    [line] = lines(stream)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line.pop("time"))
    assert line == {"severity": "WARNING", "logger": "functions.orders", "message": "took 7 ms"}


def test_a_record_tells_the_invocation_it_belongs_to(stream: io.StringIO) -> None:
    token = contexts.current.set(Context(request_id="r1", correlation_id="c1", function="Create", cold_start=True))
    LOG.info("x", extra={"order": 7, "function": "mine"})
    contexts.current.reset(token)

    [line] = lines(stream)
    assert (line["function"], line["requestId"], line["correlationId"], line["coldStart"]) == (
        "Create",
        "r1",
        "c1",
        True,
    )
    assert (line["order"], line["function_"]) == (7, "mine")


def missing(key: str) -> None:
    raise KeyError(key)


def test_an_exception_comes_with_its_traceback_on_the_same_line(stream: io.StringIO) -> None:
    try:
        missing("a\nb")
    except KeyError:
        LOG.exception("failed")

    [line] = lines(stream)
    assert line["exception"]["type"] == "KeyError"
    assert line["exception"]["message"] == "'a\\nb'"
    assert "test_logs.py" in line["exception"]["traceback"]


def test_exc_info_without_an_exception_adds_nothing(stream: io.StringIO) -> None:
    LOG.error("x", exc_info=True)
    LOG.error("x", stack_info=True)

    first, second = lines(stream)
    assert "exception" not in first
    assert "test_logs.py" in second["stack"]


class UntellableError(Exception):
    def __repr__(self) -> str:
        raise RuntimeError("no")

    __str__ = __repr__

    @staticmethod
    def fail() -> None:
        raise UntellableError


LOOP: list[Any] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("a\nb\r\u2028\u0085c", "a\nb\r\u2028\u0085c"),
        ("\ud800", "\ud800"),
        ({1, 2}, "{1, 2}"),
        ({"a": b"x"}, {"a": "b'x'"}),
        ({(1, 2): 3}, "{(1, 2): 3}"),
        (float("nan"), "nan"),
        (LOOP, "[[...]]"),
        (UntellableError(), "<UntellableError that cannot be shown>"),
    ],
)
def test_any_extra_value_stays_on_one_line(stream: io.StringIO, value: Any, shown: Any) -> None:
    LOG.info("before")
    LOG.info("x", extra={"value": value})
    LOG.info("after")

    assert stream.getvalue().count("\n") == 3
    assert lines(stream)[1]["value"] == shown


def test_a_message_of_several_lines_is_one_line(stream: io.StringIO) -> None:
    LOG.info("one\ntwo\r\nthree\u2028four")

    assert len(stream.getvalue().splitlines()) == 1
    assert lines(stream)[0]["message"] == "one\ntwo\r\nthree\u2028four"


def test_arguments_that_do_not_fit_the_message_are_told_and_do_not_raise() -> None:
    record = logging.makeLogRecord({"msg": "%d orders", "args": ("many",)})

    assert json.loads(logs.JsonLines().format(record))["message"] == "'%d orders' ('many',)"


def test_an_exception_that_cannot_be_told_is_logged_all_the_same(stream: io.StringIO) -> None:
    try:
        UntellableError.fail()
    except UntellableError:
        LOG.exception("failed")

    assert lines(stream)[0]["exception"]["message"] == "(its message cannot be shown)"


class UnprintableError(Exception):
    def __getattribute__(self, name: str) -> Any:
        if name == "__notes__":
            raise RuntimeError("no")
        return super().__getattribute__(name)


def test_an_exception_whose_traceback_cannot_be_written_is_logged_all_the_same() -> None:
    record = logging.makeLogRecord({"msg": "failed", "exc_info": (UnprintableError, UnprintableError("x"), None)})

    assert json.loads(logs.JsonLines().format(record))["exception"] == {
        "type": "UnprintableError",
        "message": "x",
        "traceback": "(the traceback cannot be shown)",
    }


def test_configuring_twice_writes_each_line_once(stream: io.StringIO) -> None:
    logs.configure(stream)
    LOG.info("x")
    LOG.debug("not at this level")

    assert len(lines(stream)) == 1
