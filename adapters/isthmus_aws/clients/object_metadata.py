"""The metadata of an object as S3 keeps it: the user's, and the envelope of what wrote it."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.errors import InvalidValueError
from isthmus.object_info import METADATA_LIMIT, checked_metadata
from isthmus_aws import wire


def checked(metadata: Mapping[Any, Any]) -> dict[str, str]:
    """Return a user's metadata; `InvalidValueError` or `TooLargeError` for what is not kept as it is."""
    known = checked_metadata(metadata)
    if wire.ENVELOPE in known:
        raise InvalidValueError(f"the metadata name {wire.ENVELOPE!r} is reserved; choose another")
    return known


def outgoing(known: Mapping[str, str]) -> dict[str, str]:
    """Return the metadata to store: with the envelope, unless the user's own takes all of the 2 KB that S3 keeps.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
    """
    stored = {**known, wire.ENVELOPE: wire.carried()}
    size = sum(len(name) + len(value) for name, value in stored.items())
    return stored if size <= METADATA_LIMIT else dict(known)


def incoming(stored: Mapping[str, str]) -> dict[str, str]:
    """Return the user's part of stored metadata."""
    return {name: value for name, value in stored.items() if name != wire.ENVELOPE}
