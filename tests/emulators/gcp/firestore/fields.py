"""Field paths: how they are written, and how one reads, sets and removes what they name.

A segment is a plain identifier, or anything between backticks:
https://cloud.google.com/firestore/docs/reference/rest/v1/StructuredQuery#FieldReference
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from tests.emulators.gcp.firestore.messages import Document, Message
from tests.emulators.gcp.firestore.refusals import invalid
from tests.emulators.gcp.firestore.values import Key, key, name_key

NAME = "__name__"
"""The path of a document's own name."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z_0-9]*")
_SEGMENT = re.compile(rf"`((?:[^`\\]|\\.)+)`|({_PLAIN.pattern})", re.DOTALL)


@lru_cache(maxsize=10_000)
def segments(path: str) -> tuple[str, ...]:
    """Return the parts of a path, without their backticks."""
    found: list[str] = []
    place = 0
    while match := _SEGMENT.match(path, place):
        found.append(re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else match[2])
        place = match.end() + 1
        if path[match.end() : place] != ".":
            break
    if not found or place != len(path) + 1:
        raise invalid(f'Invalid property path "{path}".')
    return tuple(found)


def path_of(parts: Iterable[str]) -> str:
    """Return the path of some segments, each between backticks where it has to be."""
    return ".".join(part if _PLAIN.fullmatch(part) else _quoted(part) for part in parts)


def _quoted(part: str) -> str:
    escaped = part.replace("\\", "\\\\").replace("`", "\\`")
    return f"`{escaped}`"


def get(fields: Message, parts: tuple[str, ...]) -> Message | None:
    """Return the value at a path below a map of fields, `None` where there is none."""
    for part in parts[:-1]:
        if part not in fields or fields[part].WhichOneof("value_type") != "map_value":
            return None
        fields = fields[part].map_value.fields
    found: Message | None = fields.get(parts[-1])
    return found


def put(fields: Message, parts: tuple[str, ...], value: Message) -> None:
    """Set the value at a path; what stands in its way and is no map becomes one."""
    for part in parts[:-1]:
        if part not in fields or fields[part].WhichOneof("value_type") != "map_value":
            fields[part].map_value.SetInParent()
        fields = fields[part].map_value.fields
    fields[parts[-1]].CopyFrom(value)


def remove(fields: Message, parts: tuple[str, ...]) -> None:
    """Remove the value at a path, if there is one."""
    for part in parts[:-1]:
        if part not in fields or fields[part].WhichOneof("value_type") != "map_value":
            return
        fields = fields[part].map_value.fields
    if parts[-1] in fields:
        del fields[parts[-1]]


def key_at(document: Message, path: str) -> Key | None:
    """Return the key of what a document has at a path, `None` where it has nothing there."""
    if path == NAME:
        return name_key(document.name)
    value = get(document.fields, segments(path))
    return None if value is None else key(value)


def masked(document: Message, paths: Iterable[str] | None) -> Message:
    """Return a document with nothing but the fields at `paths`; with all of them where it is `None`."""
    if paths is None:
        return document
    part = Document(name=document.name, create_time=document.create_time, update_time=document.update_time)
    for path in paths:
        if path != NAME and (value := get(document.fields, segments(path))) is not None:
            put(part.fields, segments(path), value)
    return part


def changed(old: Message, new: Message, above: tuple[str, ...] = ()) -> list[str]:
    """Return the paths at which two maps of fields differ, as deep as both have maps."""
    paths: list[str] = []
    for name in sorted({*old, *new}):
        if name in old and name in new:
            paths += _changed(old[name], new[name], (*above, name))
        else:
            paths.append(path_of((*above, name)))
    return paths


def _changed(old: Message, new: Message, parts: tuple[str, ...]) -> list[str]:
    if old == new:
        return []
    if old.WhichOneof("value_type") == new.WhichOneof("value_type") == "map_value":
        return changed(old.map_value.fields, new.map_value.fields, parts) or [path_of(parts)]
    return [path_of(parts)]
