"""A message as Pub/Sub carries it: its bytes as they are, and its attributes, a user's and ours alike, natively.

Pub/Sub takes 100 attributes, each a value of up to 1,024 bytes: https://cloud.google.com/pubsub/quotas#resource_limits.
What is longer, or one too many, keeps its first 1,024 bytes where it is (so that filters see it), and the rest travels
in pieces, or before the body.
"""

from __future__ import annotations

import json

from isthmus._typing import Any, Iterator, Mapping
from isthmus.envelope import CONTENT_TYPE, CORRELATION_ID, TRACEPARENT, TRACEPARENT_HEADER, Envelope
from isthmus.envelope import incoming as envelope_in
from isthmus.envelope import outgoing as envelope_out
from isthmus.errors import BadEventError

ID = "isthmus-id"
"""The attribute that holds a message's id, where that had to be known before Pub/Sub had given it one."""

SENT_AT = "isthmus-sent-at"
"""The attribute that holds when a delayed message was sent, in epoch seconds."""

SOURCE = "isthmus-source"
"""The attribute of a message in a function's inbox that names what it was an event of: a name in `identity.sources`."""

UNTRIED = "isthmus-untried"
"""The attribute of one that has been put there as it came, so that its first delivery is its first attempt."""

SOURCE_HEADER = "Isthmus-Source"
"""The header of a call that Scheduler or Cloud Tasks makes: the same."""

DRAIN_HEADER = "Isthmus-Drain"
"""The header of the call that lets a function drain its pull subscriptions."""

CALL_HEADER = "Isthmus-Call"
"""The header of a call whose result is waited for: whatever its body looks like, it is a task's payload.

Its value is the attempt that the caller makes, from 1.
"""

LONG = "isthmus-long"
"""The attribute that says how many bytes before the body are the rests of attributes; `isthmus-long.0` … are pieces."""

NUMBER = "isthmus-number."
"""How the attribute beside one begins that is a number: its rest is the name, its value the number's one spelling."""

RESERVED = ("isthmus", "goog", "aws.", "amazon.")
"""How names begin that a user's attribute may not have."""

ENVELOPE = "isthmus-envelope"
"""What the metadata of an object keeps the envelope of its last write in: see `carried`."""

VALUE_LIMIT = 1024
"""The most bytes of an attribute's value."""

MOST = 100
"""So many attributes a message takes."""

_NAME_LIMIT = 256
_EXACT = 2**63

_ROOM = 4
"""So many are left free, for what a service or a hand-over adds."""


def outgoing(data: bytes, attributes: Mapping[str, Any]) -> tuple[bytes, dict[str, str]]:
    """Return the bytes and the attributes to publish, all of them text."""
    native = {name: value if isinstance(value, str) else repr(value) for name, value in attributes.items()}
    rests = _cut(native)
    if not rests:
        return data, native
    packed = json.dumps(rests, separators=(",", ":"), ensure_ascii=False).encode()
    pieces = list(_split(packed))
    if len(native) + len(pieces) <= MOST - _ROOM:
        native.update((f"{LONG}.{number}", piece) for number, piece in enumerate(pieces))
        return data, native
    native[LONG] = str(len(packed))
    return packed + data, native


def incoming(data: bytes, attributes: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """Return the bytes of a body and its attributes, ours among them; `BadEventError` where ours make no sense."""
    found = {name: value for name, value in attributes.items() if not name.startswith(NUMBER)}
    packed = _pieces(found)
    before = found.pop(LONG, "")
    if before:
        length = _length(before, len(data))
        packed, data = data[:length], data[length:]
    if packed:
        for name, rest in _rests(packed).items():
            found[name] = found.get(name, "") + rest
    return data, found


def numbers(attributes: Mapping[str, Any]) -> dict[str, str]:
    """Return the attributes that mark numbers, which are text on the wire, so that filters tell 7 from "7".

    A name that has no room for the mark is too long for any filter as well.
    """
    marked = {NUMBER + name: spelt(value) for name, value in attributes.items() if not isinstance(value, str)}
    return {name: value for name, value in marked.items() if len(name.encode()) <= _NAME_LIMIT}


def spelt(number: float) -> str:
    """Return the one spelling of a number, which those that are equal share: 7 and 7.0, 0 and -0.0, 1000.0 and 1e3."""
    whole = int(number)
    if -_EXACT < whole < _EXACT:
        return repr(whole) if whole == number else float.__repr__(float(number))
    try:
        return float.__repr__(float(number)) if float(number) == whole else hex(whole)
    except OverflowError:
        return hex(whole)  # equal to no number that an attribute may be


def carried() -> str:
    """Return the envelope of the running invocation as text, for what has no attributes of a message."""
    ours = envelope_out(None, "")
    del ours[CONTENT_TYPE]
    return json.dumps(ours, separators=(",", ":"))


def envelope_of(text: object) -> Envelope:
    """Return the envelope that `carried` wrote; an empty one where there is none that makes sense."""
    try:
        return envelope_in(_rests(text) if isinstance(text, str) else None)[1]
    except BadEventError:
        return Envelope()


def headers() -> dict[str, str]:
    """Return the envelope of the running invocation as the headers of a call to another function."""
    ours = envelope_out(None, "")
    found = {CORRELATION_ID: ours[CORRELATION_ID]}
    if TRACEPARENT in ours:
        found[TRACEPARENT_HEADER] = ours[TRACEPARENT]
    return found


def _cut(native: dict[str, str]) -> dict[str, str]:
    """Take from the attributes what Pub/Sub does not take, and return it by their names."""
    rests: dict[str, str] = {}
    for name in list(native)[MOST - _ROOM - 1 :] if len(native) > MOST - _ROOM else ():
        rests[name] = native.pop(name)
    for name, value in native.items():
        if len(value) * 4 > VALUE_LIMIT and len(encoded := value.encode()) > VALUE_LIMIT:
            native[name] = _beginning(encoded)
            rests[name] = value[len(native[name]) :]
    return rests


def _split(packed: bytes) -> Iterator[str]:
    while packed:
        piece = _beginning(packed)
        packed = packed[len(piece.encode()) :]
        yield piece


def _beginning(encoded: bytes) -> str:
    """Return as much as an attribute's value may be, and no part of a character."""
    return encoded[:VALUE_LIMIT].decode(errors="ignore")


def _pieces(found: dict[str, str]) -> str | bytes:
    number, pieces = 0, list[str]()
    while f"{LONG}.{number}" in found:
        pieces.append(found.pop(f"{LONG}.{number}"))
        number += 1
    return "".join(pieces)


def _length(told: str, most: int) -> int:
    if not told.isascii() or not told.isdecimal() or len(told) > 9 or int(told) > most:
        raise BadEventError(f"the attribute {LONG!r} is not how many bytes are before the body: {told!r:.80}")
    return int(told)


def _rests(packed: str | bytes) -> dict[str, str]:
    try:
        rests: Any = json.loads(packed)
        "".join(rests.values())  # the quickest way to see that each is text
    except (ValueError, RecursionError, AttributeError, TypeError) as error:
        raise BadEventError(f"the attribute {LONG!r} does not hold the JSON object that it should: {error}") from error
    found: dict[str, str] = rests
    return found
