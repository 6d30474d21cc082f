"""What Google answers, as the errors of the core: one table for the clients of every service.

The library's own error stays the cause: `raise core_error(…) from error`.
"""

from __future__ import annotations

from isthmus._typing import Any, Callable, Mapping
from isthmus.errors import (
    AccessDeniedError,
    ConditionFailedError,
    InvalidValueError,
    IsthmusError,
    ServiceError,
)
from isthmus.links import Link
from isthmus_gcp.rest import RestError

CONDITION = "CONDITION_NOT_MET"
"""The code of a 412, which only Cloud Storage answers: https://cloud.google.com/storage/docs/json_api/v1/status-codes."""


def allow(link: Link, verb: str, function: str) -> None:
    """Raise `AccessDeniedError` unless the link grants `verb` to `function`."""
    if verb not in link.verbs:
        raise AccessDeniedError(link.name, verb, function=function, granted=link.verbs)


def code_of(error: BaseException | None) -> str:
    """Return Google's code of an error ("NOT_FOUND"), however it came; "" where it has none.

    https://cloud.google.com/apis/design/errors#error_codes
    """
    if isinstance(error, RestError):
        return error.code or _code(error.status)
    cause: Any = getattr(error, "cause", None)
    if isinstance(cause, Exception):  # of what has been tried again until the deadline
        return code_of(cause)
    grpc: Any = getattr(error, "grpc_status_code", None)
    if grpc is not None:
        name: str = grpc.name
        return name
    return _code(getattr(error, "code", None)) or _code(getattr(getattr(error, "response", None), "status_code", None))


def core_error(error: Exception, link: Link, verb: str, function: str) -> IsthmusError | None:
    """Return the core's error for one of Google's libraries; None where it is none of theirs, and is to pass."""
    if not _is_theirs(error):
        return None
    code = code_of(error)
    if code in _DENIED:
        return _denied(link, verb, function, _said(error))
    said = f"{link.kind} {link.name!r}: {_said(error)}"
    if code in _BY_CODE:
        return _BY_CODE[code](said)
    if not code:
        return ServiceError(f"{link.kind} {link.name!r}: {verb} was not answered: {_hinted(error)}")
    hint = _HINTS.get(code, "")
    return ServiceError(f"{said.rstrip('.')} ({code}){hint and '. ' + hint}")


def unconnected(error: Exception, service: str) -> IsthmusError | None:
    """Return the error for a client that could not be made; None where the reason is none of Google's libraries."""
    if not isinstance(error, (ValueError, OSError)) and not _is_theirs(error):
        return None
    return ServiceError(f"{service} cannot be asked: {_hinted(error)}")


def _code(status: Any) -> str:
    return _CODE_OF_STATUS.get(int(status), str(int(status))) if isinstance(status, int) else ""


def _is_theirs(error: Exception) -> bool:
    return any(base.__module__.partition(".")[0] in _LIBRARIES for base in type(error).__mro__) or isinstance(
        error, RestError
    )


def _said(error: Exception) -> str:
    if isinstance(error, RestError):
        return error.said
    return str(getattr(error, "message", "") or error) or type(error).__name__


def _denied(link: Link, verb: str, function: str, said: str) -> IsthmusError:
    denied = AccessDeniedError(link.name, verb, function=function, granted=link.verbs)
    if verb in link.verbs:
        denied.add_note(
            f"The link grants it, but Google refuses: {said}. Is the service account that of the last deployment? "
            "A new grant takes up to some minutes"
        )
    return denied


def _hinted(error: Exception) -> str:
    """Return what an error says, and what to do about it."""
    hint = next((_HINTS[base.__name__] for base in type(error).__mro__ if base.__name__ in _HINTS), "")
    if str(error).startswith(_NO_IDENTITY):
        hint = _BE_AN_ACCOUNT
    return f"{(str(error) or type(error).__name__).rstrip('.')}{hint and '. ' + hint}"


_LIBRARIES = ("google", "grpc", "requests", "urllib3")
"""Whose errors are translated."""

_CODE_OF_STATUS: Mapping[int, str] = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    412: CONDITION,
    413: "OUT_OF_RANGE",
    429: "RESOURCE_EXHAUSTED",
    499: "CANCELLED",
    500: "INTERNAL",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
"""HTTP status to Google's code: https://cloud.google.com/apis/design/errors#http_mapping."""

_DENIED = ("PERMISSION_DENIED",)

_BY_CODE: Mapping[str, Callable[[str], IsthmusError]] = {
    CONDITION: ConditionFailedError,
    "ALREADY_EXISTS": ConditionFailedError,
    "INVALID_ARGUMENT": InvalidValueError,
    "OUT_OF_RANGE": InvalidValueError,
}
"""Code to the error that its message becomes: all other codes are a `ServiceError`."""

_NOT_THERE = "It is not where the links say: is this stage deployed, in this project and region?"
_SLOW_DOWN = "It was retried already: try again later, or ask for a higher quota"
_SIGN_IN = "Sign in: gcloud auth application-default login"
_NO_IDENTITY = "Neither metadata server"
"""How google-auth begins where it finds nobody to whom Google gives a token for a function."""

_BE_AN_ACCOUNT = (
    "A function is called by a service account, not by a person: let GOOGLE_APPLICATION_CREDENTIALS name the file of "
    "one that may call it, its key or what gcloud auth application-default login --impersonate-service-account=ACCOUNT "
    "has written"
)
_UNREACHABLE = "Is there a way to Google from here, and are the variables …_EMULATOR_HOST right?"

_HINTS: Mapping[str, str] = {
    "NOT_FOUND": _NOT_THERE,
    "RESOURCE_EXHAUSTED": _SLOW_DOWN,
    "UNAUTHENTICATED": _SIGN_IN,
    "UNAVAILABLE": _UNREACHABLE,
    "DEADLINE_EXCEEDED": _UNREACHABLE,
    "DefaultCredentialsError": _SIGN_IN,
    "RefreshError": _SIGN_IN,
    "TransportError": _UNREACHABLE,
    "ConnectionError": _UNREACHABLE,
    "HTTPError": _UNREACHABLE,
    "RetryError": _UNREACHABLE,
}
"""Google's code, or the name of a class of a library's, to what to do about it."""
