"""What AWS answers, as the errors of the core: one table for the clients of every service.

botocore's own error stays the cause: `raise core_error(…) from error`.
"""

from __future__ import annotations

from isthmus._typing import Any, Callable, Mapping
from isthmus.errors import (
    AccessDeniedError,
    ConditionFailedError,
    InvalidValueError,
    IsthmusError,
    ServiceError,
    TooLargeError,
)
from isthmus.links import Link


def allow(link: Link, verb: str, function: str) -> None:
    """Raise `AccessDeniedError` unless the link grants `verb` to `function`."""
    if verb not in link.verbs:
        raise AccessDeniedError(link.name, verb, function=function, granted=link.verbs)


def code_of(error: BaseException) -> str:
    """Return the service's code of a botocore `ClientError` ("NoSuchKey"); "" where the error is none."""
    return _told(error, "Code")


def message_of(error: BaseException) -> str:
    """Return what the service said of a botocore `ClientError`, or the error's own text."""
    return _told(error, "Message") or str(error)


def core_error(error: Exception, link: Link, verb: str, function: str) -> IsthmusError | None:
    """Return the core's error for one of botocore's; None where it is none of botocore's, and is to pass as it is."""
    from importlib import import_module  # botocore has no types of its own

    known: Any = import_module("botocore.exceptions")
    if isinstance(error, known.ClientError):
        return _answered(error, link, verb, function)
    return _unanswered(error, link, verb) if _is_botocores(error, known.BotoCoreError) else None


def unconnected(error: Exception, service: str) -> IsthmusError | None:
    """Return the error for a client that could not be made; None where the reason is none of botocore's."""
    from importlib import import_module

    base: Any = import_module("botocore.exceptions").BotoCoreError
    if not isinstance(error, ValueError) and not _is_botocores(error, base):
        return None
    return ServiceError(f"{service} cannot be asked: {_hinted(error)}")


def _is_botocores(error: Exception, base: type[Exception]) -> bool:
    """Tell whether botocore has raised an error: not all of them have its base.

    https://github.com/boto/botocore/blob/develop/botocore/credentials.py and parsers.py
    """
    if isinstance(error, base) or type(error).__module__.startswith("botocore."):
        return True
    return type(error) is RuntimeError and "credentials" in str(error)


def core_error_of_code(code: str, said: str) -> IsthmusError:
    """Return the core's error for a service's code and what it said."""
    of_code = _BY_CODE.get(code)
    if of_code is not None:
        return of_code(said)
    hint = _HINTS.get(code, "")
    return ServiceError(f"{said.rstrip('.')} ({code or 'without a code'}){hint and '. ' + hint}")


def _answered(error: Exception, link: Link, verb: str, function: str) -> IsthmusError:
    code, said = code_of(error), message_of(error)
    if code in _DENIED:
        return _denied(link, verb, function, said)
    return core_error_of_code(code, f"{link.kind} {link.name!r}: {said}")


def _denied(link: Link, verb: str, function: str, said: str) -> IsthmusError:
    denied = AccessDeniedError(link.name, verb, function=function, granted=link.verbs)
    if verb in link.verbs:
        denied.add_note(f"The link grants it, but AWS refuses: {said}. Is the role of the last deployment?")
    return denied


def _unanswered(error: Exception, link: Link, verb: str) -> IsthmusError:
    kind = type(error).__name__
    if kind == "ParamValidationError":
        return InvalidValueError(f"{link.kind} {link.name!r}: {error}")
    return ServiceError(f"{link.kind} {link.name!r}: {verb} was not answered: {_hinted(error)}")


def _hinted(error: Exception) -> str:
    """Return what an error of botocore's says, and what to do about it."""
    hint = next((_HINTS[base.__name__] for base in type(error).__mro__ if base.__name__ in _HINTS), "")
    return f"{str(error).rstrip('.')}{hint and '. ' + hint}"


def _told(error: BaseException, what: str) -> str:
    response: Any = getattr(error, "response", None) or {}
    return str(response.get("Error", {}).get(what) or "")


def _invalid(said: str) -> IsthmusError:
    """Return the error for a request that AWS refuses; that something is too large is told by its words alone."""
    if "exceeded the maximum allowed size" not in said or "tem size" not in said:
        return InvalidValueError(said)
    from isthmus.values import ITEM_LIMIT

    return TooLargeError("the item, as it would be after the update, at least", ITEM_LIMIT + 1, ITEM_LIMIT)


_DENIED = frozenset(
    (
        *("AccessDenied", "AccessDeniedException", "AuthorizationError", "AuthorizationErrorException"),
        *("UnauthorizedOperation", "KMSAccessDeniedException", "KMSAccessDenied", "KmsAccessDenied"),
        *("KMS.AccessDeniedException", "KmsAccessDeniedException"),
        *("AWS.SimpleQueueService.AccessDenied", "403"),  # a HEAD has no body, so its code is the status
    )
)
"""Codes that mean that IAM, or a policy, refused."""

_BY_CODE: Mapping[str, Callable[[str], IsthmusError]] = {
    "ConditionalCheckFailedException": ConditionFailedError,
    "PreconditionFailed": ConditionFailedError,
    "ConditionalRequestConflict": ConditionFailedError,
    "ValidationException": _invalid,
    "ValidationError": _invalid,
    "InvalidParameterValue": InvalidValueError,
    "InvalidParameterValueException": InvalidValueError,
    "InvalidParameter": InvalidValueError,
    "ParameterValueInvalid": InvalidValueError,
    "InvalidAttributeValue": InvalidValueError,
    "InvalidMessageContents": InvalidValueError,
    "InvalidArgument": InvalidValueError,
    "InvalidURI": InvalidValueError,  # a key whose `..` would lead out of the bucket
}
"""Code to the error that its message becomes: all other codes are a `ServiceError`."""

_NOT_THERE = "It is not where the links say: is this stage deployed, in this account and region?"
_SLOW_DOWN = "It was retried already: try again later, or ask for a higher quota"
_CLOCK = "Is the clock of this computer right?"
_SIGN_IN = "Set AWS_PROFILE, or sign in again"
_UNREACHABLE = "Is there a way to AWS from here (a VPC needs an endpoint or a NAT), and is AWS_ENDPOINT_URL right?"

_HINTS: Mapping[str, str] = {
    "ResourceNotFoundException": _NOT_THERE,
    "QueueDoesNotExist": _NOT_THERE,
    "AWS.SimpleQueueService.NonExistentQueue": _NOT_THERE,
    "NotFound": _NOT_THERE,
    "NoSuchBucket": _NOT_THERE,
    "StateMachineDoesNotExist": _NOT_THERE,
    "ProvisionedThroughputExceededException": _SLOW_DOWN,
    "RequestLimitExceeded": _SLOW_DOWN,
    "ThrottlingException": _SLOW_DOWN,
    "Throttling": _SLOW_DOWN,
    "TooManyRequestsException": _SLOW_DOWN,
    "EC2ThrottledException": _SLOW_DOWN,
    "RequestThrottled": _SLOW_DOWN,
    "Throttled": _SLOW_DOWN,
    "LimitExceededException": _SLOW_DOWN,
    "KMS.ThrottlingException": _SLOW_DOWN,
    "KMSThrottling": _SLOW_DOWN,
    "KMSThrottlingException": _SLOW_DOWN,
    "KmsThrottled": _SLOW_DOWN,
    "KmsThrottlingException": _SLOW_DOWN,
    "SlowDown": _SLOW_DOWN,
    "ExpiredToken": _SIGN_IN,
    "ExpiredTokenException": _SIGN_IN,
    "UnrecognizedClientException": _SIGN_IN,
    "InvalidClientTokenId": _SIGN_IN,
    "InvalidAccessKeyId": _SIGN_IN,
    "IncompleteSignature": _SIGN_IN,
    "MissingAuthenticationToken": _SIGN_IN,
    "RuntimeError": _SIGN_IN,
    "RequestTimeTooSkewed": _CLOCK,
    "InvalidSignatureException": _SIGN_IN,
    "SignatureDoesNotMatch": _SIGN_IN,
    "NoCredentialsError": _SIGN_IN,
    "PartialCredentialsError": _SIGN_IN,
    "TokenRetrievalError": _SIGN_IN,
    "SSOError": _SIGN_IN,
    "ProfileNotFound": _SIGN_IN,
    "NoRegionError": "Set AWS_REGION",
    "ConnectionError": _UNREACHABLE,
    "HTTPClientError": _UNREACHABLE,
}
"""A service's code, or the name of a class of botocore's, to what to do about it."""
