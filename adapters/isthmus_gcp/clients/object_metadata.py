"""The metadata of an object as Cloud Storage keeps it: the user's, and the envelope of what wrote it."""

from __future__ import annotations

import json

from isthmus._typing import Any, Mapping
from isthmus.errors import InvalidValueError
from isthmus.object_info import checked_metadata
from isthmus_gcp import wire

WRITE = "isthmus-write"
"""The entry of the envelope that tells one write from any other."""


def checked(metadata: Mapping[Any, Any]) -> dict[str, str]:
    """Return a user's metadata; `InvalidValueError` or `TooLargeError` for what is not kept as it is."""
    known = checked_metadata(metadata)
    if wire.ENVELOPE in known:
        raise InvalidValueError(f"the metadata name {wire.ENVELOPE!r} is reserved; choose another")
    return known


def outgoing(known: Mapping[str, str], write: str) -> dict[str, str]:
    """Return the metadata to store: 8 KB fit, of which the user's are 2 KB at most.

    https://cloud.google.com/storage/quotas#objects
    """
    return {**known, wire.ENVELOPE: json.dumps({**json.loads(wire.carried()), WRITE: write}, separators=(",", ":"))}


def incoming(stored: Mapping[str, str] | None) -> dict[str, str]:
    """Return the user's part of stored metadata."""
    return {name: value for name, value in (stored or {}).items() if name != wire.ENVELOPE}


def write_of(stored: Mapping[str, str] | None) -> str:
    """Return which write has stored an object; "" where it was none of ours."""
    try:
        return str(json.loads((stored or {})[wire.ENVELOPE])[WRITE])
    except (KeyError, ValueError, TypeError):
        return ""
