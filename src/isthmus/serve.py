"""From a neutral event to a handler and back: what every provider's entry point calls; `http.serving` for requests."""

from __future__ import annotations

from isthmus import context as contexts
from isthmus._typing import Any, Callable, Iterable, NoReturn, TypeAlias
from isthmus.context import Context
from isthmus.envelope import valid_correlation_id
from isthmus.errors import HandlerResultError, InvalidValueError
from isthmus.payload import dumps

Handle: TypeAlias = "Callable[[Any, Context], Any]"
"""What is served: a `Handler`, or anything else that takes (event, context) and returns a finished result."""


class Failure:
    """Why one event of a batch was not handled: the exception's class and message.

    `tried` is False where the event was not given to the handler, because one before it in its group had failed: it
    must be delivered again, but has not used up an attempt.
    """

    __slots__ = ("message", "tried", "type")

    def __init__(self, type: str, message: str, *, tried: bool = True) -> None:
        self.type = type
        self.message = message
        self.tried = tried

    def __repr__(self) -> str:
        return f"<Failure {self.type}: {self.message}>"


class Malformed:
    """Stands in a batch for a record that its codec could not read, so that it fails alone: why, and of which group."""

    __slots__ = ("error", "group")

    def __init__(self, error: Exception, *, group: str | None = None) -> None:
        self.error = error
        self.group = group

    def refuse(self) -> NoReturn:
        """Raise the error."""
        raise self.error


def batch(
    handler: Handle,
    events: Iterable[Any],
    context_of: Callable[[Any], Context],
    done: Callable[[int, Failure | None], None],
    *,
    ordered: bool = False,
) -> None:
    """Give each event to the handler by itself, and report each with `done(index, failure or None)` as it ends.

    `context_of(event)` makes the context of one event; if it raises, that event has failed, and so has a `Malformed`.
    `ordered`: after a failure the rest of the event's `group` is not tried (all without a group are one group). What
    the handler returns means nothing here.
    """
    stopped: set[str | None] = set()
    for index, event in enumerate(events):
        group = getattr(event, "group", None) if ordered else None
        if ordered and group in stopped:
            done(index, Failure("NotTried", f"an earlier event of group {group!r} failed", tried=False))
            continue
        failure = _attempt(handler, event, context_of)
        if failure is not None:
            stopped.add(group)
        done(index, failure)


def attempt(handler: Handle, event: Any, context: Any) -> Failure | None:
    """Give one event to the handler, and return why it failed (which is logged), or None.

    A `Malformed` fails for its error, and needs no context. Only KeyboardInterrupt passes.
    """
    current = contexts.current
    token = current.set(context)
    try:
        if type(event) is Malformed:
            event.refuse()
        handler(event, context)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        log_fault(error, context)
        return Failure(type(error).__name__, message_of(error))
    finally:
        current.reset(token)
    return None


def _attempt(handler: Handle, event: Any, context_of: Callable[[Any], Context]) -> Failure | None:
    try:
        context = None if type(event) is Malformed else context_of(event)
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        log_fault(error, None)
        return Failure(type(error).__name__, message_of(error))
    return attempt(handler, event, context)


def task(handler: Handle, payload: Any, context: Context) -> Any:
    """Return the handler's result, which must be JSON (`HandlerResultError`); whatever it raises passes."""
    token = contexts.current.set(context)
    try:
        result = handler(payload, context)
    finally:
        contexts.current.reset(token)
    try:
        dumps(result)
    except InvalidValueError as error:
        raise HandlerResultError(f"{context.function} returned what is not JSON: {error}") from error
    return result


def log_fault(error: BaseException, context: Context | None) -> None:
    """Write one line of log for an event that failed, with the traceback."""
    import logging

    where = f"{context.function} ({_ids(context)})" if context else "an event"
    logging.getLogger("isthmus").error(
        "%s failed: %s: %s", where, type(error).__name__, message_of(error), exc_info=error
    )


def _ids(context: Context) -> str:
    """Return the ids by which the line is found: a client knows the correlation id alone."""
    request, correlation = context.request_id, context.correlation_id
    tell = request != correlation and valid_correlation_id(correlation)
    return f"{request}, correlation id {correlation}" if tell else request


def message_of(error: BaseException) -> str:
    """Return the message of any exception, even of one that cannot tell it."""
    try:
        return str(error)
    except BaseException:
        return "(its message cannot be shown)"
