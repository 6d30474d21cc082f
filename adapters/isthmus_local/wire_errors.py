"""Errors between the supervisor and a worker: an error of Isthmus arrives as the class it was."""

from __future__ import annotations

from isthmus import errors, workflow_errors
from isthmus._typing import Any

_PLAIN = (type(None), bool, int, float, str, bytes)


def encode(error: BaseException) -> tuple[str, str, dict[str, Any]]:
    """Return the class name, the text and the plain attributes of `error`, as a frame carries them."""
    if not isinstance(error, errors.IsthmusError):
        return "ServiceError", f"{type(error).__name__}: {error}", {}
    attributes = {name: value for name, value in vars(error).items() if _is_plain(value)}
    return type(error).__name__, str(error), attributes


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) for item in value)  # pyright: ignore[reportUnknownVariableType]
    return type(value) in _PLAIN


def decode(wire: tuple[str, str, dict[str, Any]]) -> errors.IsthmusError:
    """Return the error that `encode` took apart: `ServiceError` where its class is none of the core's."""
    name, text, attributes = wire
    kind = getattr(errors, name, None) or getattr(workflow_errors, name, None)
    if not (isinstance(kind, type) and issubclass(kind, errors.IsthmusError)):
        kind = errors.ServiceError
    error = kind.__new__(kind, text)  # the constructors take what they made the text from
    error.args = (text,)
    for attribute, value in attributes.items():
        setattr(error, attribute, value)
    return error
