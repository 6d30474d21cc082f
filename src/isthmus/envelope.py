"""What rides with every hop beside the body: correlation id, W3C trace context, content type."""

from __future__ import annotations

import os

from isthmus import context
from isthmus._typing import Any, Mapping, Sequence
from isthmus.errors import InvalidValueError
from isthmus.http.multi import MultiDict

PREFIX = "isthmus-"
"""Attribute names that start so are ours; a user's attribute may not."""
CORRELATION_ID = "isthmus-correlation-id"
TRACEPARENT = "isthmus-traceparent"
CONTENT_TYPE = "isthmus-content-type"

CORRELATION_HEADER = "x-correlation-id"
"""The HTTP header that carries the correlation id, in a request and in every response."""
TRACEPARENT_HEADER = "traceparent"

_LONGEST_VALUE = 128


class Envelope:
    """What rode with an event: each is "" where there was none, or none that is valid."""

    __slots__ = ("content_type", "correlation_id", "traceparent")

    def __init__(self, *, correlation_id: str = "", traceparent: str = "", content_type: str = "") -> None:
        self.correlation_id = correlation_id
        self.traceparent = traceparent
        self.content_type = content_type

    def __repr__(self) -> str:
        return f"<Envelope {self.correlation_id or '(no id)'} {self.content_type}>"


def new_id() -> str:
    """Return a new random id of 32 hexadecimal digits, for a request or a correlation."""
    return os.urandom(16).hex()


def outgoing(attributes: Mapping[str, Any] | None, content_type: str) -> dict[str, Any]:
    """Return a message's attributes with the envelope of the running invocation added.

    `InvalidValueError` where an attribute has a reserved name.
    """
    out = dict(attributes) if attributes else {}
    for name in out:
        if is_reserved(name):
            raise InvalidValueError(
                f"attribute {name!r}: names that start with {PREFIX!r} are reserved; choose another"
            )
    running = context.current.get()
    out[CORRELATION_ID] = (running.correlation_id if running else "") or new_id()
    if running and (traceparent := child(running.traceparent)):
        out[TRACEPARENT] = traceparent
    out[CONTENT_TYPE] = content_type
    return out


def incoming(attributes: Mapping[str, Any] | None) -> tuple[dict[str, Any], Envelope]:
    """Return a message's attributes as the sender gave them, and the envelope that rode with them."""
    if not attributes:
        return {}, Envelope()
    envelope = Envelope(
        correlation_id=valid_correlation_id(attributes.get(CORRELATION_ID)),
        traceparent=valid_traceparent(attributes.get(TRACEPARENT)),
        content_type=_sane(attributes.get(CONTENT_TYPE)),
    )
    return {name: value for name, value in attributes.items() if not is_reserved(name)}, envelope


def from_headers(headers: MultiDict) -> Envelope:
    """Return what an HTTP request brings of an envelope: a trace context and a correlation id, if they are valid.

    A header that came several times is not taken.
    """
    return Envelope(
        correlation_id=valid_correlation_id(_only(headers.get_all(CORRELATION_HEADER))),
        traceparent=valid_traceparent(_only(headers.get_all(TRACEPARENT_HEADER))),
    )


def _only(values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else ""


def is_reserved(name: str) -> bool:
    """Tell whether an attribute's name is ours."""
    return name[: len(PREFIX)].lower() == PREFIX


def valid_correlation_id(value: object) -> str:
    """Return `value` if it is sane: 1 to 128 characters of visible ASCII; otherwise ""."""
    if isinstance(value, str) and value.isascii() and value.isprintable() and " " not in value:
        return value if len(value) <= _LONGEST_VALUE else ""
    return ""


def valid_traceparent(value: object) -> str:
    """Return `value`, reduced to what version 00 knows, if it is a valid W3C traceparent; otherwise ""."""
    if not isinstance(value, str) or not (len(value) == 55 or (value[55:56] == "-" and value[:2] != "00")):
        return ""
    version, trace, span, flags = (*value[:55].split("-"), "", "", "", "")[:4]
    if version == "ff" or not (_hex(version, 2) and _hex(trace, 32) and _hex(span, 16) and _hex(flags, 2)):
        return ""
    return f"00-{trace}-{span}-{flags}" if trace.strip("0") and span.strip("0") else ""


def child(traceparent: str) -> str:
    """Return the traceparent to hand on: the same trace and flags, a new span; "" where there is none to hand on."""
    if not valid_traceparent(traceparent):
        return ""
    return f"{traceparent[:36]}{os.urandom(8).hex()}{traceparent[52:]}"


def _hex(text: str, length: int) -> bool:
    return len(text) == length and not text.strip("0123456789abcdef")


def _sane(value: object) -> str:
    if not isinstance(value, str) or len(value) > _LONGEST_VALUE:
        return ""
    return value if value.isascii() and value.isprintable() else ""
