"""The errors that a client sees: a gRPC status and a message."""

from __future__ import annotations

from typing import Any

from tests.emulators.gcp.firestore.messages import StatusCode


class RefusalError(Exception):
    """A request that is answered with an error."""

    def __init__(self, code: Any, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def invalid(message: str) -> RefusalError:
    """Return the error of a request that can never succeed."""
    return RefusalError(StatusCode.INVALID_ARGUMENT, message)


def not_found(message: str) -> RefusalError:
    """Return the error of something that is not there."""
    return RefusalError(StatusCode.NOT_FOUND, message)


def exists(message: str) -> RefusalError:
    """Return the error of something that is there already."""
    return RefusalError(StatusCode.ALREADY_EXISTS, message)


def precondition(message: str) -> RefusalError:
    """Return the error of a request that the present state does not allow."""
    return RefusalError(StatusCode.FAILED_PRECONDITION, message)


def aborted(message: str = "Too much contention on these documents. Please try again.") -> RefusalError:
    """Return the error of an operation that lost against another one.

    https://cloud.google.com/firestore/docs/transaction-data-contention
    """
    return RefusalError(StatusCode.ABORTED, message)


def expired() -> RefusalError:
    """Return the error of a transaction that is over."""
    return invalid("The referenced transaction has expired or is no longer valid.")
