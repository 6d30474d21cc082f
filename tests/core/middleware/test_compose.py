from __future__ import annotations

import asyncio
import functools
import inspect
from typing import Any, get_type_hints

import pytest

from isthmus import compose, serve
from isthmus import context as contexts
from isthmus.context import Context
from isthmus.errors import HandlerLoadError
from isthmus.handler import Handler
from isthmus.http import serving
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus.message import Message
from isthmus.middleware.compose import Middleware, Next
from tests.core.handlers import plain


def tag(name: str) -> Middleware:
    def middleware(event: Any, context: Context, next: Next) -> Any:
        return [name, *next(event, context)]

    return middleware


def create(request: HttpRequest) -> list[str]:
    """Create an order."""
    return ["create"]


async def create_later(request: HttpRequest, context: Context) -> list[str]:
    await asyncio.sleep(0)
    return ["later", context.request_id]


def test_middleware_goes_around_from_the_outermost_in() -> None:
    handler = compose(tag("outer"), tag("inner"), create)

    assert handler(HttpRequest("GET", "/"), Context()) == ["outer", "inner", "create"]


def test_the_result_of_an_async_handler_is_finished_in_middleware() -> None:
    handler = compose(tag("outer"), create_later)

    assert handler(HttpRequest("GET", "/"), Context(request_id="r1")) == ["outer", "later", "r1"]


def test_composed_handlers_compose_again() -> None:
    inner = compose(tag("b"), create)
    handler = compose(tag("a"), compose(inner))

    assert handler(HttpRequest("GET", "/"), Context()) == ["a", "b", "create"]


def test_middleware_may_answer_by_itself_change_the_event_and_see_exceptions() -> None:
    def answer(event: Any, context: Context, next: Next) -> Any:
        return "no" if event == "stop" else next(event * 2, context)

    def catch(event: Any, context: Context, next: Next) -> Any:
        try:
            return next(event, context)
        except ZeroDivisionError:
            return "infinite"

    handler = compose(catch, answer, plain(lambda event: 1 / event))

    assert handler("stop", Context()) == "no"
    assert handler(2, Context()) == 0.25
    assert handler(0, Context()) == "infinite"


def test_a_composed_handler_looks_like_its_innermost() -> None:
    handler = compose(tag("a"), create)

    assert (handler.__name__, handler.__module__, handler.__doc__) == ("create", __name__, "Create an order.")
    assert get_type_hints(handler)["request"] is HttpRequest
    assert list(inspect.signature(handler).parameters) == ["request"]
    assert Handler(handler).name == f"{__name__}.create"


def test_a_composed_handler_is_called_like_its_innermost_in_a_test() -> None:
    seen: list[Context] = []

    def note(event: Any, context: Context, next: Next) -> Any:
        seen.append(context)
        return next(event, context)

    handler = compose(note, create)
    token = contexts.current.set(Context(request_id="running"))
    handler(HttpRequest("GET", "/"))
    contexts.current.reset(token)
    handler(HttpRequest("GET", "/"))

    assert [context.request_id for context in seen] == ["running", ""]


def test_it_serves_every_kind_of_event() -> None:
    seen: list[Any] = []

    def note(event: Any, context: Context, next: Next) -> Any:
        seen.append(event)
        return next(event, context)

    handler = Handler(compose(note, plain(lambda event: None)))
    request, message = HttpRequest("GET", "/"), Message(b"x")
    response = serving.http(handler, request, Context())
    serve.batch(handler, [message], lambda event: Context(), lambda index, failure: None)
    serve.task(handler, {"a": 1}, Context())

    assert seen == [request, message, {"a": 1}]
    assert isinstance(response, HttpResponse)


def takes_two(event: Any, context: Context) -> None: ...


def takes_four(event: Any, context: Context, next: Next, more: Any) -> None: ...


class AsyncMiddleware:
    async def __call__(self, event: Any, context: Context, next: Next) -> Any: ...


async def async_middleware(event: Any, context: Context, next: Next) -> Any: ...


@pytest.mark.parametrize(
    "piece",
    [async_middleware, AsyncMiddleware(), functools.partial(async_middleware)],
    ids=["def", "object", "partial"],
)
def test_async_middleware_is_refused_when_composed(piece: Any) -> None:
    with pytest.raises(TypeError, match=r"is async; write it as def .*\(event, context, next\)"):
        compose(piece, create)


@pytest.mark.parametrize("piece", [create, Context, max, takes_two, takes_four])
def test_what_does_not_take_event_context_and_next_is_no_middleware(piece: Any) -> None:
    with pytest.raises(TypeError, match=r"must take \(event, context, next\)"):
        compose(piece, create)


def test_nothing_and_things_that_cannot_be_called_are_refused() -> None:
    with pytest.raises(TypeError, match="takes middleware and then a handler"):
        compose()
    with pytest.raises(TypeError, match="cannot be called"):
        compose(7, create)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    with pytest.raises(HandlerLoadError, match="takes"):
        compose(tag("a"), tag("b"))


def test_objects_and_methods_are_middleware_too() -> None:
    class Tag:
        def __call__(self, event: Any, context: Context, next: Next) -> Any:
            return ["object", *next(event, context)]

        def method(self, event: Any, context: Context, next: Next) -> Any:
            return ["method", *next(event, context)]

    assert compose(Tag(), Tag().method, create)(HttpRequest("GET", "/")) == ["object", "method", "create"]
