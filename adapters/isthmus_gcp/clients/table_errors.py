"""What Firestore answers to a table, as the errors of the core, where that is not as for every service."""

from __future__ import annotations

from isthmus.errors import IsthmusError, ServiceError, TooLargeError
from isthmus.links import Link
from isthmus_gcp.clients.errors import code_of, core_error

REQUEST_LIMIT = 10 * 1024 * 1024
"""The most bytes of one request: https://cloud.google.com/firestore/quotas#writes_and_transactions."""

_TOO_LARGE = ("payload size exceeds", "transaction too big", "exceeds the maximum allowed size")


def translated(error: Exception, link: Link, verb: str, function: str) -> IsthmusError | None:
    """Return the core's error for one of Google's; None where it is none of theirs, and is to pass as it is."""
    ours = core_error(error, link, verb, function)
    if ours is None:
        return None
    said = str(getattr(error, "message", "") or error)
    where = f"table {link.name!r}"
    code = code_of(error)
    if code == "FAILED_PRECONDITION":  # the conditions of a write are looked at elsewhere: an index is missing
        return ServiceError(f"{where}: {said.rstrip('.')} ({code}). Is this stage deployed as it is declared?")
    if code == "ABORTED":
        return ServiceError(f"{where}: others wrote the same items all the time ({code}): try again later")
    if any(words in said.lower() for words in _TOO_LARGE):
        return TooLargeError("what is written at once, at least", REQUEST_LIMIT + 1, REQUEST_LIMIT)
    return ours
