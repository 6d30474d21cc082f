"""One handler of several pieces of middleware and a handler."""

from __future__ import annotations

from functools import update_wrapper

from isthmus import context as contexts
from isthmus._typing import Any, Callable, TypeAlias
from isthmus.context import Context
from isthmus.handler import Handler
from isthmus.parameters import is_async, parameters

Next: TypeAlias = "Callable[[Any, Context], Any]"
"""The rest of the chain: returns the finished result, whether the handler is `def` or `async def`."""

Middleware: TypeAlias = "Callable[[Any, Context, Next], Any]"
"""What goes around a handler: it returns `next(event, context)`, or something else, or raises."""


def compose(*parts: Callable[..., Any]) -> Callable[..., Any]:
    """Return one handler of any pieces of middleware, the outermost first, and the handler, which comes last.

    Middleware is `def middleware(event, context, next)` and returns what `next(event, context)` returns, or something
    in its place. The result has the handler's name and annotations; it takes (event) or (event, context).
    """
    if not parts:
        raise TypeError("compose() takes middleware and then a handler: compose(cors, create_order)")
    *middleware, innermost = parts
    chain: Next = Handler(innermost)
    for piece in reversed(middleware):
        _check(piece)
        chain = _around(piece, chain)

    def composed(event: Any, context: Context | None = None) -> Any:
        return chain(event, context or contexts.current.get() or Context())

    return update_wrapper(composed, innermost)


def _around(piece: Middleware, following: Next) -> Next:
    def step(event: Any, context: Context) -> Any:
        return piece(event, context, following)

    return step


def _check(piece: Any) -> None:
    name = getattr(piece, "__qualname__", type(piece).__qualname__)
    if not callable(piece):
        raise TypeError(f"middleware {name!r} cannot be called; middleware is def {name}(event, context, next)")
    if is_async(piece):
        raise TypeError(
            f"middleware {name!r} is async; write it as def {name}(event, context, next): "
            "next() returns the finished result of an async handler as well"
        )
    if isinstance(piece, type) or not parameters(piece).take(3):
        raise TypeError(f"middleware {name!r} must take (event, context, next); the handler itself comes last")
