"""Your own exceptions as answers: what each of them means to whoever called."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Mapping
from isthmus.context import Context
from isthmus.middleware.compose import Middleware, Next


def errors(answers: Mapping[type[Exception], Callable[[Any], Any]]) -> Middleware:
    """Answer exceptions of your own classes: `errors({OrderClosed: lambda error: ConflictError(str(error))})`.

    Each function gets the exception and returns the result in its place, or another exception to raise, such as an
    `HttpError`. The nearest class of an exception counts. All others pass, and end as a 500 that tells nothing.
    """
    for kind in answers:
        if Exception not in getattr(kind, "__mro__", ()):
            raise TypeError(f"errors() takes exception classes, not {kind!r}")

    def apply(event: Any, context: Context, next: Next) -> Any:
        try:
            return next(event, context)
        except Exception as error:
            answer = _nearest(answers, error)
            if answer is None:
                raise
            result = answer(error)
            if isinstance(result, BaseException):
                raise result from error
            return result

    return apply


def _nearest(answers: Mapping[type[Exception], Callable[[Any], Any]], error: Exception) -> Callable[[Any], Any] | None:
    return next((answers[kind] for kind in type(error).__mro__ if kind in answers), None)
