"""Logs as lines of JSON, through the standard `logging`: what a provider's entry point sets up for every handler."""

from __future__ import annotations

import json
import time

from isthmus import context as contexts
from isthmus._typing import Any

_STANDARD = frozenset(
    (
        *(
            "args",
            "asctime",
            "created",
            "exc_info",
            "exc_text",
            "filename",
            "funcName",
            "levelname",
            "levelno",
            "lineno",
        ),
        *("message", "module", "msecs", "msg", "name", "pathname", "process", "processName", "relativeCreated"),
        *("stack_info", "taskName", "thread", "threadName"),
    )
)
"""What every log record has; anything else was given by `extra=`."""


def configure(stream: Any = None, level: str | int = "INFO") -> None:
    """Send the records of every logger to `stream` (standard error, unless told), each as one line of JSON.

    Whatever handled records before is replaced, so that no line comes twice.
    """
    import logging

    handler = logging.StreamHandler(stream)
    formatter: Any = JsonLines()
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)


class JsonLines:
    """Formats a record of `logging` as one line of JSON; never raises, and never writes a second line."""

    def format(self, record: Any) -> str:
        """Return the line, without its end."""
        fields = {
            "time": _rfc3339(record.created),
            "severity": record.levelname,
            "logger": record.name,
            "message": _message(record),
            **_invocation(),
        }
        if record.exc_info and record.exc_info[1] is not None:
            fields["exception"] = _exception(record.exc_info[1])
        if record.stack_info:
            fields["stack"] = record.stack_info
        for name, value in extras(record).items():
            fields[f"{name}_" if name in fields else name] = value
        return _line(fields)


def extras(record: Any) -> dict[str, Any]:
    """Return what `extra=` gave to a record of `logging`."""
    return {name: value for name, value in record.__dict__.items() if name not in _STANDARD}


def _invocation() -> dict[str, Any]:
    context = contexts.current.get()
    if context is None:
        return {}
    return {
        "function": context.function,
        "requestId": context.request_id,
        "correlationId": context.correlation_id,
        "coldStart": context.cold_start,
    }


def _message(record: Any) -> str:
    try:
        return str(record.getMessage())
    except Exception:  # its arguments do not fit its text
        return f"{_shown(record.msg)} {_shown(record.args)}"


def _exception(error: BaseException) -> dict[str, str]:
    from traceback import format_exception

    try:
        trace = "".join(format_exception(error))
    except Exception:
        trace = "(the traceback cannot be shown)"
    return {"type": type(error).__name__, "message": _text(error), "traceback": trace}


def _line(fields: dict[str, Any]) -> str:
    try:
        return json.dumps(fields, allow_nan=False, default=_shown)
    except (TypeError, ValueError, RecursionError):
        return json.dumps({name: _encodable(value) for name, value in fields.items()}, default=_shown)


def _encodable(value: Any) -> Any:
    try:
        json.dumps(value, allow_nan=False, default=_shown)
    except (TypeError, ValueError, RecursionError):
        return _shown(value)
    return value


def _shown(value: object) -> str:
    try:
        return repr(value)
    except Exception:
        return f"<{type(value).__name__} that cannot be shown>"


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception:
        return "(its message cannot be shown)"


def _rfc3339(seconds: float) -> str:
    whole = int(seconds)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{int((seconds - whole) * 1000):03d}Z"
