"""What a dead letter tells besides its message: attributes that are alike on every provider."""

from __future__ import annotations

SOURCE = "dead-letter-source"
"""The declared name of the queue, the stream, or the subscription (`Events>OnOrder`) whose message it was."""

ID = "dead-letter-id"
"""The id that the message had there."""

ATTEMPTS = "dead-letter-attempts"
"""How often it was tried."""

REASON = "dead-letter-reason"
"""Why it failed at last: the exception's class and message."""

_REASON_LIMIT = 1024


def dead_letter_attributes(source: str, identifier: str, attempts: int, reason: str) -> dict[str, str]:
    """Return the attributes that are added to those of a message which is given up."""
    return {SOURCE: source, ID: identifier, ATTEMPTS: str(attempts), REASON: reason[:_REASON_LIMIT]}
