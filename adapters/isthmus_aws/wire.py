"""A message as SQS and SNS carry it: its text, and its attributes.

Both take ten attributes, so what is ours (the envelope, a dead letter's reason) travels in one, `isthmus`, a JSON
object; of a workflow, it is a list with that object in it. A user's attributes are native ones. SQS takes text of
XML 1.0, a character at least: any other body travels as base64.
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
"""

from __future__ import annotations

import json

from isthmus import dead_letters
from isthmus._typing import Any, Mapping
from isthmus.envelope import CONTENT_TYPE, Envelope, is_reserved
from isthmus.envelope import incoming as envelope_in
from isthmus.envelope import outgoing as envelope_out
from isthmus.errors import BadEventError
from isthmus.parts import part
from isthmus.payload import JSON, loads_text
from isthmus_aws.events.shape import is_list, is_object

OURS = "isthmus"
"""The attribute that holds ours."""

BODY = "isthmus-body"
"""How the body travels, where it is not the text itself: "base64" or "empty"."""

WORKFLOW = "isthmus_aws.events.started_by:ours"
"""What reads ours where a workflow has sent it."""

RESERVED = (OURS, "aws.", "amazon.", "goog")
"""How names begin that a user's attribute may not have."""

ENVELOPE = "isthmus-envelope"
"""What an item of a table, or the metadata of an object, keeps the envelope of its last write in: see `carried`."""

_MOST = 10
"""So many attributes a message takes."""

_DEAD_LETTER = (dead_letters.SOURCE, dead_letters.ID, dead_letters.ATTEMPTS, dead_letters.REASON)


def outgoing(data: bytes, attributes: Mapping[str, Any]) -> tuple[str, dict[str, dict[str, str]]]:
    """Return the text of a body and the message attributes, as botocore takes them; numbers stay numbers."""
    text, encoding = as_text(data)
    ours = {name: str(value) for name, value in attributes.items() if _is_ours(name)}
    if encoding:
        ours[BODY] = encoding
    theirs = {name: value for name, value in attributes.items() if not _is_ours(name)}
    for name in list(theirs)[_MOST - 1 :]:  # of a foreign sender, who has used up all ten
        ours[name] = str(theirs.pop(name))
    native = {name: _native(value) for name, value in theirs.items()}
    if ours:
        native[OURS] = _native(json.dumps(ours, separators=(",", ":")))
    return text, native


def incoming(text: str, attributes: Mapping[str, str]) -> tuple[bytes, dict[str, str]]:
    """Return the bytes of a body, and all attributes in one mapping, ours among them.

    `attributes` are the message attributes by name, each as text. `BadEventError` where ours makes no sense.
    """
    found = dict(attributes)
    ours = _ours(found.pop(OURS, ""))
    encoding = ours.pop(BODY, "")
    return _bytes(text, encoding), {**found, **ours}


def carried() -> str:
    """Return the envelope of the running invocation as text, for what has no attributes of a message."""
    ours = envelope_out(None, "")
    del ours[CONTENT_TYPE]
    return json.dumps(ours, separators=(",", ":"))


def envelope_of(text: object) -> Envelope:
    """Return the envelope that `carried` wrote; an empty one where there is none that makes sense."""
    try:
        return envelope_in(_ours(text if isinstance(text, str) else ""))[1]
    except BadEventError:
        return Envelope()


def _is_ours(name: str) -> bool:
    return is_reserved(name) or name in _DEAD_LETTER


def _native(value: Any) -> dict[str, str]:
    if isinstance(value, str):
        return {"DataType": "String", "StringValue": value}
    return {"DataType": "Number", "StringValue": repr(value)}


def _ours(text: str) -> dict[str, str]:
    if not text:
        return {}
    try:
        ours: Any = loads_text(text)
    except (ValueError, RecursionError):
        ours = None
    if is_list(ours):
        ours = _of_workflow(ours)
    if not _is_texts(ours):
        raise BadEventError(f"the message attribute {OURS!r} is not the JSON object that it should be")
    found: dict[str, str] = ours
    return found


def _of_workflow(ours: list[Any]) -> dict[str, str]:
    """Return what is ours of a workflow's message; its type alone where the app has no workflow that sends (any more).

    Then the bundle has nothing that reads the rest, and a batch must not fail for a message that was there before.
    """
    try:
        read = part(WORKFLOW)
    except ImportError:
        return {CONTENT_TYPE: JSON}
    found: dict[str, str] = read(ours)
    return found


def _is_texts(document: Any) -> bool:
    try:
        "".join(document.values())  # the quickest way to see that each is text
    except (AttributeError, TypeError):
        return False
    return is_object(document)


def as_text(data: bytes) -> tuple[str, str]:
    """Return the text that stands for a body, and how it is encoded ("" for not at all)."""
    if not data:
        return "-", "empty"
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return _base64(data), "base64"
    return (text, "") if text.isprintable() or _is_xml(text) else (_base64(data), "base64")


def _base64(data: bytes) -> str:
    from binascii import b2a_base64

    return b2a_base64(data, newline=False).decode()


def _is_xml(text: str) -> bool:
    import re

    return not re.search("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", text)


def _bytes(text: str, encoding: str) -> bytes:
    if not encoding:
        return text.encode()
    if encoding == "empty":
        return b""
    from binascii import Error, a2b_base64

    try:
        return a2b_base64(text, strict_mode=True)
    except (Error, ValueError) as error:
        raise BadEventError(f"a message's body is not the base64 that it says it is: {error}") from error
