"""The name that an object has for its key: the key itself, but for the two characters that Cloud Storage refuses.

A line feed or a carriage return may not be in a name: https://cloud.google.com/storage/docs/objects#naming. Each is
written as the character before it and U+0002, and that character itself, where it is in a key, as itself and U+0001:
so names are in the order of their keys, and begin alike where their keys do.
"""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.errors import InvalidValueError
from isthmus.object_info import KEY_LIMIT

_NAMES: Mapping[str, str] = {"\t": "\t\x01", "\n": "\t\x02", "\x0c": "\x0c\x01", "\r": "\x0c\x02"}
_TABLE = str.maketrans(dict(_NAMES))
_KEYS = {name: key for key, name in _NAMES.items()}
_CHALLENGE = ".well-known/acme-challenge/"


def object_name(key: str) -> str:
    """Return the name of an object by its key (a checked one), or the beginning of names by that of keys."""
    return key.translate(_TABLE) if not key.isprintable() else key


def checked_name(key: str) -> str:
    """Return the name of an object by its key (a checked one); `InvalidValueError` for what Cloud Storage refuses."""
    name = object_name(key)
    if key == "." or key.startswith(_CHALLENGE):
        raise InvalidValueError(
            f"an object's key on Google is not '.', and does not begin with {_CHALLENGE!r}: {key!r:.80}"
        )
    size = len(name.encode())
    if size > KEY_LIMIT:
        raise InvalidValueError(
            f"an object's key on Google is at most {KEY_LIMIT:,} bytes, of which a tab, a form feed and a line break "
            f"count two; this one is {size:,}"
        )
    return name


def object_key(name: str) -> str:
    """Return the key of an object by its name."""
    if name.isprintable():
        return name
    import re

    return re.sub("[\t\x0c][\x01\x02]", _read, name)


def _read(found: Any) -> str:
    return _KEYS[found[0]]
