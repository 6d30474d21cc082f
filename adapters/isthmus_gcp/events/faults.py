"""What goes wrong where an event is not what it should be."""

from __future__ import annotations

from isthmus.errors import BadEventError

MISSHAPEN = (BadEventError, LookupError, TypeError, ValueError, AttributeError, RecursionError, OverflowError)
"""What reading a misshapen event raises."""


def bad_event(what: str, error: Exception) -> BadEventError:
    """Return the error that says what could not be read, and why."""
    return BadEventError(f"{what} cannot be read: {reason(error)}")


def reason(error: Exception) -> str:
    """Return what an error says, and its class where it is none of ours."""
    return str(error) if isinstance(error, BadEventError) else f"{type(error).__name__}: {error}"
