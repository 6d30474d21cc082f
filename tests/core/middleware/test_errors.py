from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from isthmus import compose
from isthmus.context import Context
from isthmus.errors import ConflictError
from isthmus.handler import Handler
from isthmus.http import serving
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.middleware.errors import errors
from tests.core.handlers import plain


class OrderError(Exception):
    pass


class OrderClosed(OrderError):  # noqa: N818 - as a user may name it
    pass


def ask(error: Exception, answers: Mapping[type[Exception], Callable[[Any], Any]]) -> HttpResponse:
    def handler(request: HttpRequest) -> None:
        raise error

    return serving.http(Handler(compose(errors(answers), handler)), HttpRequest("GET", "/"), Context())


def conflict(error: OrderError) -> ConflictError:
    return ConflictError(str(error))


def test_an_exception_of_your_own_becomes_the_error_it_stands_for() -> None:
    response = ask(OrderClosed("order 7 is closed"), {OrderError: conflict})

    assert response.status == 409
    assert response.json()["detail"] == "order 7 is closed"


def test_it_may_become_a_result_as_well() -> None:
    response = ask(OrderClosed("closed"), {OrderClosed: lambda error: {"state": str(error)}})

    assert response.status == 200
    assert response.json() == {"state": "closed"}


def test_the_nearest_class_counts_whatever_the_order() -> None:
    answers: dict[type[Exception], Callable[[Any], Any]] = {
        Exception: lambda error: "any",
        OrderError: lambda error: "order",
        KeyError: lambda error: "key",
    }

    assert ask(OrderClosed(), answers).text() == "order"
    assert ask(ZeroDivisionError(), answers).text() == "any"


def test_another_exception_passes_and_its_cause_is_kept() -> None:
    with pytest.raises(ZeroDivisionError):
        compose(errors({OrderError: conflict}), plain(lambda event: 1 / 0))(1, Context())

    def close(event: Any) -> None:
        raise OrderClosed("x")

    with pytest.raises(ConflictError) as caught:
        compose(errors({OrderError: conflict}), close)(1, Context())
    assert isinstance(caught.value.__cause__, OrderClosed)


def test_without_an_exception_the_result_passes() -> None:
    assert compose(errors({}), plain(lambda event: event + 1))(1, Context()) == 2


@pytest.mark.parametrize("kind", ["OrderError", 404, int, KeyboardInterrupt])
def test_what_is_no_exception_class_is_refused(kind: Any) -> None:
    with pytest.raises(TypeError, match="takes exception classes"):
        errors({kind: conflict})
