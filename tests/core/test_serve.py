from __future__ import annotations

import asyncio
import json
import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from isthmus import context as contexts
from isthmus import serve
from isthmus.context import Context
from isthmus.errors import ConflictError, HandlerResultError, HttpError
from isthmus.handler import Handler
from isthmus.http import serving
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.message import Message
from isthmus.serve import Failure
from isthmus.tick import Tick
from tests.core.handlers import plain


def ask(function: Callable[[Any], Any], method: str = "GET", *, correlation_id: str = "c1") -> HttpResponse:
    context = Context(request_id="r1", correlation_id=correlation_id, function="Orders")
    return serving.http(Handler(function), HttpRequest(method, "/orders"), context)


def raising(error: BaseException) -> Callable[[Any], Any]:
    def handler(event: Any) -> Any:
        raise error

    return handler


def test_a_result_becomes_a_response_with_the_correlation_id() -> None:
    response = ask(lambda request: {"path": request.path})

    assert response.status == 200
    assert response.json() == {"path": "/orders"}
    assert response.headers.get("x-correlation-id") == "c1"


def test_a_handlers_own_correlation_header_stays() -> None:
    response = ask(lambda request: HttpResponse.empty(headers={"X-Correlation-Id": "mine"}))

    assert response.headers.get_all("x-correlation-id") == ["mine"]


@pytest.mark.parametrize("bad", ["a\r\nset-cookie: x=1", "é", "x" * 200])
def test_a_correlation_id_that_would_break_the_header_is_left_out(bad: str) -> None:
    assert "x-correlation-id" not in ask(lambda request: None, correlation_id=bad).headers


def test_an_http_error_is_answered_as_raised() -> None:
    error = ConflictError("it is closed", members={"order": 7, "status": 200}, headers={"retry-after": "3"})
    response = ask(raising(error))

    assert response.status == 409
    assert response.content_type == "application/problem+json"
    assert response.json() == {
        "type": "about:blank", "title": "Conflict", "status": 409, "detail": "it is closed", "order": 7
    }  # fmt: skip
    assert response.headers.get("retry-after") == "3"


class UntellableError(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    "error",
    [
        ValueError("secret detail"),
        SystemExit("secret detail"),
        GeneratorExit(),
        asyncio.CancelledError(),
        UntellableError(),
        HttpError("secret detail", status=99),
        ConflictError("x", headers={"a": "secret detail\r\nx: y"}),
        ConflictError("x", members={"a": object()}),
    ],
    ids=lambda error: type(error).__name__,
)
def test_any_fault_is_a_500_that_tells_nothing_but_the_correlation_id(
    error: BaseException, caplog: pytest.LogCaptureFixture
) -> None:
    response = ask(raising(error))

    assert response.status == 500
    assert response.json() == {
        "type": "about:blank", "title": "Internal Server Error", "status": 500, "correlationId": "c1"
    }  # fmt: skip
    assert "secret" not in str(response.wire_headers())
    assert len(caplog.records) == 1
    assert caplog.records[0].levelno == logging.ERROR
    assert caplog.records[0].exc_info is not None
    assert "Orders (r1, correlation id c1) failed" in caplog.records[0].getMessage()


def test_a_result_without_a_meaning_is_a_500_and_the_log_says_what_is_allowed(
    caplog: pytest.LogCaptureFixture,
) -> None:
    response = ask(lambda request: 42)

    assert response.status == 500
    assert "returned int; it may return an HttpResponse, a dict" in caplog.text


def test_a_keyboard_interrupt_passes_and_leaves_no_context_behind() -> None:
    with pytest.raises(KeyboardInterrupt):
        ask(raising(KeyboardInterrupt()))
    assert contexts.current.get() is None


def test_head_has_the_headers_of_get_without_its_body() -> None:
    get, head = ask(lambda request: {"a": 1}, "GET"), ask(lambda request: {"a": 1}, "HEAD")

    assert head.body == b""
    assert head.headers.items() == [*get.headers.items(), ("content-length", "7")]
    assert ask(lambda request: None, "HEAD").headers.get("content-length") is None


def test_a_content_length_that_the_handler_gave_to_head_stays() -> None:
    response = ask(lambda request: HttpResponse(b"abc", headers={"content-length": "99"}), "HEAD")

    assert response.headers.get_all("content-length") == ["99"]


def test_a_response_that_is_returned_twice_is_not_changed() -> None:
    shared = HttpResponse.json({"ok": True})
    shared.cookies.append("a=b")
    first, second = (ask(lambda request: shared, correlation_id=name) for name in ("one", "two"))

    assert shared.headers.items() == [("content-type", "application/json")]
    assert first.headers["x-correlation-id"] == "one"
    assert second.headers["x-correlation-id"] == "two"
    assert first.cookies == ["a=b"]


def test_the_context_is_current_in_def_and_async_def_alike() -> None:
    def sync(event: Any) -> str:
        return contexts.current.get().request_id  # type: ignore[union-attr]

    async def coroutine(event: Any) -> str:
        await asyncio.sleep(0)
        return sync(event)

    assert ask(sync).text() == "r1"
    assert ask(coroutine).text() == "r1"
    assert contexts.current.get() is None


def test_threads_do_not_see_each_others_context() -> None:
    barrier = threading.Barrier(8, timeout=10)

    def handler(request: HttpRequest) -> str:
        barrier.wait()
        return contexts.current.get().request_id  # type: ignore[union-attr]

    answers: dict[str, str] = {}

    def one(name: str) -> None:
        answers[name] = serving.http(Handler(handler), HttpRequest("GET", "/"), Context(request_id=name)).text()

    threads = [threading.Thread(target=one, args=(f"r{i}",)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert answers == {f"r{i}": f"r{i}" for i in range(8)}


def messages(*groups: str | None) -> list[Message]:
    return [Message(b"x", id=str(index), group=group) for index, group in enumerate(groups)]


def outcomes(handler: Callable[..., Any], events: Any, *, ordered: bool = False) -> list[tuple[int, str, bool]]:
    seen: list[tuple[int, str, bool]] = []

    def done(index: int, failure: Failure | None) -> None:
        assert contexts.current.get() is None
        seen.append((index, failure.type if failure else "", failure.tried if failure else True))

    serve.batch(Handler(handler), events, lambda event: Context(request_id=event.id), done, ordered=ordered)
    return seen


def test_each_message_of_a_batch_fails_alone(caplog: pytest.LogCaptureFixture) -> None:
    def handler(message: Message, context: Context) -> None:
        assert context is contexts.current.get()
        if message.id in ("1", "3"):
            raise KeyError(context.request_id)

    assert outcomes(handler, messages(None, None, None, None, None)) == [
        (0, "", True), (1, "KeyError", True), (2, "", True), (3, "KeyError", True), (4, "", True)
    ]  # fmt: skip
    assert [record.levelname for record in caplog.records] == ["ERROR", "ERROR"]


def test_an_exit_fails_its_message_and_an_interrupt_ends_the_batch() -> None:
    assert outcomes(raising(SystemExit(2)), messages(None))[0][1] == "SystemExit"
    with pytest.raises(KeyboardInterrupt):
        outcomes(raising(KeyboardInterrupt()), messages(None))
    assert contexts.current.get() is None


def test_an_ordered_group_stops_at_its_failure_and_its_rest_is_not_tried() -> None:
    tried: list[str] = []

    def handler(message: Message) -> None:
        tried.append(message.id)
        if message.id == "1":
            raise ValueError

    seen = outcomes(handler, messages("a", "a", "b", "a", "b", None, "a"), ordered=True)

    assert seen == [
        (0, "", True), (1, "ValueError", True), (2, "", True), (3, "NotTried", False),
        (4, "", True), (5, "", True), (6, "NotTried", False),
    ]  # fmt: skip
    assert tried == ["0", "1", "2", "4", "5"]


def test_without_order_a_group_goes_on_after_a_failure() -> None:
    seen = outcomes(raising(ValueError()), messages("a", "a"))

    assert [(kind, tried) for _, kind, tried in seen] == [("ValueError", True), ("ValueError", True)]


def test_ordered_events_that_have_no_group_are_one_group() -> None:
    seen = outcomes(raising(ValueError()), [Tick("Nightly", id="1"), Tick("Nightly", id="2")], ordered=True)

    assert [tried for _, _, tried in seen] == [True, False]


def test_a_context_that_cannot_be_made_fails_its_event_alone() -> None:
    failures: list[Failure | None] = []

    def context_of(event: int) -> Context:
        if event == 0:
            raise IndexError("no such event")
        return Context()

    serve.batch(Handler(plain(lambda event: None)), [0, 1], context_of, lambda _, failure: failures.append(failure))

    assert failures[0] is not None
    assert repr(failures[0]) == "<Failure IndexError: no such event>"
    assert failures[1] is None


def test_a_message_that_cannot_be_told_is_still_a_failure() -> None:
    assert outcomes(raising(UntellableError()), messages(None)) == [(0, "UntellableError", True)]


def test_a_message_that_ends_the_program_when_it_is_told_is_still_a_failure() -> None:
    class OddError(Exception):
        def __str__(self) -> str:
            raise SystemExit(3)

    assert serve.message_of(OddError()) == "(its message cannot be shown)"


def test_a_task_returns_its_json() -> None:
    async def handler(payload: Any, context: Context) -> Any:
        return {"got": payload, "in": context.function}

    assert serve.task(Handler(handler), [1], Context(function="Sum")) == {"got": [1], "in": "Sum"}


def test_a_task_lets_its_exception_through_and_leaves_no_context_behind() -> None:
    with pytest.raises(KeyError):
        serve.task(Handler(raising(KeyError("x"))), None, Context())
    assert contexts.current.get() is None


@pytest.mark.parametrize("result", [object(), {"a": b"x"}, [float("nan")], {1, 2}])
def test_a_task_that_returns_no_json_is_told_where(result: Any) -> None:
    with pytest.raises(HandlerResultError, match=r"Sum returned what is not JSON: \$"):
        serve.task(Handler(plain(lambda payload: result)), None, Context(function="Sum"))


def test_the_answer_of_http_is_json_to_the_byte() -> None:
    assert json.loads(ask(lambda request: ["é", 1.5]).body) == ["é", 1.5]


def test_a_record_that_no_codec_could_read_fails_alone() -> None:
    handled: list[Any] = []
    told: list[tuple[int, str]] = []
    events = [Message(b"1"), serve.Malformed(ValueError("no JSON")), Message(b"3")]

    serve.batch(
        Handler(handled.append, name="handled"),
        events,
        lambda event: Context(request_id=event.id),  # a malformed one has no id: it is not asked for
        lambda index, failure: told.append((index, repr(failure))),
    )

    assert handled == [events[0], events[2]]
    assert told == [(0, "None"), (1, "<Failure ValueError: no JSON>"), (2, "None")]


def test_a_malformed_record_stops_its_own_group_where_order_counts() -> None:
    told: list[tuple[int, bool]] = []
    events = [serve.Malformed(ValueError(), group="a"), Message(b"2", group="a"), Message(b"3", group="b")]

    serve.batch(
        lambda event, context: None,
        events,
        lambda event: Context(),
        lambda index, failure: told.append((index, failure is None or failure.tried)),
        ordered=True,
    )

    assert told == [(0, True), (1, False), (2, True)]
