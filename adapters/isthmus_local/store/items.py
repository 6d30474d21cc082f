"""Items at rest: JSON text, with bytes tagged so that no item of a user's can be mistaken for them.

Bytes are `{"\\u0000b": "<base64>"}`; a user's own name that begins with NUL gets one more in front. Both are rare, so
an item is walked in Python only where its text shows a NUL at the start of a string, or may hold -0.0 (kept as 0).
"""

from __future__ import annotations

import json
from binascii import a2b_base64, b2a_base64

from isthmus._typing import Any, Item

_TAG = "\0b"
_MARK = '"\\u0000'  # how JSON writes a string that begins with NUL


def encode(item: Item) -> str:
    """Return the text of a checked item."""
    text = _TEXT.encode(item)
    if _MARK in text or "-0.0" in text:
        return _TEXT.encode(_escape(item))
    return text


def decode(text: str) -> Item:
    """Return the item that `encode` was given."""
    item: Item = json.loads(text, object_hook=_restore) if _MARK in text else json.loads(text)
    return item


def _tag(value: bytes) -> dict[str, str]:
    return {_TAG: b2a_base64(value, newline=False).decode()}


def _escape(value: Any) -> Any:
    kind = value.__class__
    if kind is dict:
        return {"\0" + name if name[0] == "\0" else name: _escape(entry) for name, entry in value.items()}
    if kind is list:
        return [_escape(entry) for entry in value]
    return value or 0 if kind is float else value


def _restore(members: dict[str, Any]) -> Any:
    if _TAG in members:
        return a2b_base64(members[_TAG])
    return {name[1:] if name[0] == "\0" else name: entry for name, entry in members.items()}


_TEXT = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False, default=_tag)
