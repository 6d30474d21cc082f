from __future__ import annotations

import asyncio
import functools
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from isthmus.context import Context
from isthmus.errors import HandlerLoadError
from isthmus.handler import Handler, load

CONTEXT = Context(request_id="r1")


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    assert "shop" not in sys.modules
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    monkeypatch.setattr(sys, "modules", dict(sys.modules))

    def write(name: str, text: str) -> None:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)

    return write


class Counter:
    def __init__(self) -> None:
        self.calls = 0

    def handle(self, event: int) -> int:
        return event + 1

    async def handle_later(self, event: int, context: Context) -> str:
        await asyncio.sleep(0)
        return f"{event} {context.request_id}"

    def __call__(self, event: int, context: Context) -> str:
        return f"{event} {context.request_id}"


class AsyncObject:
    async def __call__(self, event: int) -> int:
        return event * 2


def only_event(event: Any) -> Any:
    return event


def both(event: Any, context: Context) -> Any:
    return event, context


def with_default(event: Any, limit: int = 10) -> Any:
    return event, limit


def with_optional_context(event: Any, context: Context | None = None) -> Any:
    return event, context


def with_keyword(event: Any, *, limit: int = 10) -> Any:
    return event, limit


def anything(*args: Any) -> Any:
    return args


def wrapped(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return inner


async def later(event: Any) -> Any:
    await asyncio.sleep(0)
    return event


@pytest.mark.parametrize(
    ("function", "result"),
    [
        (only_event, 7),
        (both, (7, CONTEXT)),
        (with_default, (7, 10)),
        (with_optional_context, (7, CONTEXT)),
        (with_keyword, (7, 10)),
        (anything, (7, CONTEXT)),
        (wrapped(only_event), 7),
        (wrapped(both), (7, CONTEXT)),
        (later, 7),
        (wrapped(later), 7),
        (Counter().handle, 8),
        (Counter().handle_later, "7 r1"),
        (Counter(), "7 r1"),
        (AsyncObject(), 14),
        (functools.partial(both), (7, CONTEXT)),
        (functools.partial(with_default, limit=3), (7, 3)),
        (functools.partial(later), 7),
        (functools.partial(anything), (7, CONTEXT)),
        (abs, 7),
    ],
)
def test_every_shape_of_handler_gets_what_it_asks_for(function: Callable[..., Any], result: object) -> None:
    assert Handler(function)(7, CONTEXT) == result


def test_a_builtin_without_a_signature_gets_the_event() -> None:
    assert Handler(max)([3, 5], CONTEXT) == 5


def needs_three(event: Any, context: Context, table: Any) -> None: ...


def needs_keyword(event: Any, *, table: Any) -> None: ...


def takes_nothing() -> None: ...


@pytest.mark.parametrize(
    ("function", "what"),
    [
        (needs_three, r"takes \(event, context, table\); a handler takes \(event\) or \(event, context\)"),
        (needs_keyword, "needs the keyword 'table'"),
        (takes_nothing, r"takes \(\)"),
        (functools.partial(needs_keyword), "needs the keyword 'table'"),
        (Counter, "is a class"),
        (42, "is a int"),
    ],
)
def test_what_cannot_be_a_handler_is_refused_with_what_can(function: Any, what: str) -> None:
    with pytest.raises(HandlerLoadError, match=what):
        Handler(function)


def test_an_exception_of_a_handler_passes_as_it_is() -> None:
    def sync(event: Any) -> None:
        raise KeyError(event)

    async def coroutine(event: Any) -> None:
        raise KeyError(event)

    for function in (sync, coroutine):
        with pytest.raises(KeyError, match=r"x"):
            Handler(function)("x", CONTEXT)


def test_an_awaitable_that_is_no_coroutine_is_awaited_as_well() -> None:
    class Promise:
        def __await__(self) -> Any:
            return asyncio.sleep(0, result=5).__await__()

    def promise(event: Any) -> Awaitable[int]:
        return Promise()

    assert Handler(promise)("x", CONTEXT) == 5


def test_a_handler_is_named_by_its_path() -> None:
    assert repr(Handler(only_event)) == f"<Handler {__name__}.only_event>"
    assert Handler(functools.partial(only_event)).name.endswith(".only_event")
    assert Handler(Counter()).name.endswith(".Counter")
    assert Handler(only_event).function is only_event


def test_a_path_leads_to_its_handler(write: Callable[[str, str], None]) -> None:
    write("shop/orders.py", "def create(request):\n    return {'made': request}\n")

    handler = load("shop.orders.create")

    assert handler(1, CONTEXT) == {"made": 1}
    assert handler.name == "shop.orders.create"


@pytest.mark.parametrize(
    "path", ["", "create", "shop..create", ".create", "shop.orders:create", "shop/orders.create", "a b.c"]
)
def test_a_malformed_path_is_refused_with_the_form(path: str) -> None:
    with pytest.raises(HandlerLoadError, match=r"not of the form 'package.module.function'"):
        load(path)


def test_a_missing_module_is_named(write: Callable[[str, str], None]) -> None:
    write("shop/orders.py", "def create(request): ...\n")

    with pytest.raises(HandlerLoadError, match=r"there is no module 'shop.ordres'.*shop/ordres.py"):
        load("shop.ordres.create")
    with pytest.raises(HandlerLoadError, match=r"there is no module 'nothing'") as caught:
        load("nothing.orders.create")
    assert caught.value.name == "nothing"


def test_a_module_that_lacks_a_library_is_not_taken_for_a_missing_module(write: Callable[[str, str], None]) -> None:
    write("shop/orders.py", "import library_that_is_missing\n")

    with pytest.raises(HandlerLoadError, match=r"importing 'shop.orders' failed: ModuleNotFoundError") as caught:
        load("shop.orders.create")

    assert isinstance(caught.value.__cause__, ModuleNotFoundError)


@pytest.mark.parametrize(
    ("text", "cause"), [("1 / 0", ZeroDivisionError), ("raise SystemExit(3)", SystemExit), ("def", SyntaxError)]
)
def test_a_module_that_fails_on_import_is_told_with_its_cause(
    write: Callable[[str, str], None], text: str, cause: type[BaseException]
) -> None:
    write("shop/orders.py", text)

    with pytest.raises(HandlerLoadError, match=r"importing 'shop.orders' failed") as caught:
        load("shop.orders.create")

    assert isinstance(caught.value.__cause__, cause)


def test_a_mistyped_function_gets_a_suggestion(write: Callable[[str, str], None]) -> None:
    write("shop/orders.py", "def create(request): ...\ndef show(request): ...\n")

    with pytest.raises(HandlerLoadError, match=r"has no 'craete'; did you mean 'create'?"):
        load("shop.orders.craete")
    with pytest.raises(HandlerLoadError, match=r"has no 'zzz'; it has: create, show"):
        load("shop.orders.zzz")


def test_a_name_that_is_no_function_is_refused(write: Callable[[str, str], None]) -> None:
    write("shop/orders.py", "LIMIT = 3\n")

    with pytest.raises(HandlerLoadError, match=r"'shop.orders.LIMIT' is a int, not a function"):
        load("shop.orders.LIMIT")
