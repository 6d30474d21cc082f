"""Functions and workflows."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus import ports
from isthmus.declarations.app import App
from isthmus.errors import InvalidValueError, InvocationFailedError, TooLargeError
from isthmus.links import Link
from isthmus_local.clients.function import FunctionClient
from tests.local.desk import NOON, Desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    app = App("shop")
    app.function("Resize", "functions.images.resize")
    desk = Desk(app, tmp_path)
    yield desk
    desk.database.close()


class Executor:
    """A transport whose functions return what they are given, or raise."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.error: Exception | None = None

    def call(self, op: str, resource: str, *args: Any) -> Any:
        self.calls.append((op, resource, *args))
        if self.error is not None:
            raise self.error
        return args[0]


@pytest.fixture
def executor() -> Executor:
    return Executor()


@pytest.fixture
def resize(executor: Executor) -> ports.Function:
    link = Link("function", "Resize", "shop-test-Resize", ("invoke",))
    return FunctionClient(link, executor)


@pytest.fixture
def durable(desk: Desk) -> ports.Function:
    return FunctionClient(desk.link("Resize"), desk)


@pytest.mark.parametrize("payload", [None, {"a": [1, 2.5, None, "\u00e9"]}, "text", 7, []])
def test_an_invoked_function_is_given_the_payload_and_its_result_returned(
    resize: ports.Function, executor: Executor, payload: Any
) -> None:
    assert resize.invoke(payload) == payload

    op, name, given, envelope = executor.calls[0]
    assert (op, name, given) == ("function.invoke", "Resize", payload)
    assert envelope["isthmus-correlation-id"]


def test_what_only_looks_like_json_becomes_json(resize: ports.Function, executor: Executor) -> None:
    resize.invoke(OrderedDict(a=(1, 2)))

    assert type(executor.calls[0][2]) is dict
    assert executor.calls[0][2] == {"a": [1, 2]}


def test_what_the_function_raised_is_named(resize: ports.Function, executor: Executor) -> None:
    executor.error = InvocationFailedError("Resize", "KeyError", "'size'")

    with pytest.raises(InvocationFailedError, match="Resize failed: KeyError: 'size'"):
        resize.invoke({})


@pytest.mark.parametrize("payload", [{1, 2}, object(), float("nan"), b"bytes", {"a": {"b": object()}}], ids=repr)
def test_a_payload_that_is_no_json_is_refused(resize: ports.Function, durable: ports.Function, payload: Any) -> None:
    with pytest.raises(InvalidValueError):
        resize.invoke(payload)
    with pytest.raises(InvalidValueError):
        durable.start(payload)


def test_a_payload_over_the_limit_is_refused(resize: ports.Function, durable: ports.Function) -> None:
    assert len(resize.invoke("x" * 300_000)) == 300_000

    with pytest.raises(TooLargeError, match="claim check"):
        resize.invoke("x" * 6 * 1024 * 1024)
    with pytest.raises(TooLargeError, match="claim check"):
        durable.start("x" * 300_000)


def test_a_started_invocation_is_durable_in_the_queue_of_its_function(durable: ports.Function, desk: Desk) -> None:
    first = durable.start({"key": "a"})
    second = durable.start(delay=60)

    assert first != second
    one, two = desk.messages("invoke>Resize")
    assert (one.body, two.body) == (b'{"key":"a"}', b"null")
    assert (one.visible - NOON, two.visible - NOON) == (0, 60)
    assert one.attributes["isthmus-content-type"] == "application/json"


@pytest.mark.parametrize("delay", [-1, 901, float("nan")])
def test_a_delay_that_not_every_provider_knows_is_refused(durable: ports.Function, delay: float) -> None:
    with pytest.raises(InvalidValueError, match="900"):
        durable.start(delay=delay)


def test_its_name_is_the_physical_one_and_its_repr_the_declared(resize: ports.Function) -> None:
    assert (resize.name, repr(resize)) == ("shop-test-Resize", "<Function Resize>")
