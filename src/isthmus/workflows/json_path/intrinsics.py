"""Reads intrinsic functions: `States.Format('Order {}', $.id)`.

https://states-language.net/spec.html#intrinsic-functions
"""

from __future__ import annotations

import re
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from isthmus.shapes import shown
from isthmus.workflows.json_path import paths
from isthmus.workflows.json_path.cursor import BLANKS, Cursor
from isthmus.workflows.json_path.segments import Path

DEEPEST = 10
"""How deep functions may be nested."""

MANY = 1_000_000
"""Stands for any number of arguments."""

ARGUMENTS: Mapping[str, tuple[int, int]] = {
    "States.Format": (1, MANY),
    "States.StringToJson": (1, 1),
    "States.JsonToString": (1, 1),
    "States.Array": (0, MANY),
    "States.ArrayPartition": (2, 2),
    "States.ArrayContains": (2, 2),
    "States.ArrayRange": (3, 3),
    "States.ArrayGetItem": (2, 2),
    "States.ArrayLength": (1, 1),
    "States.ArrayUnique": (1, 1),
    "States.Base64Encode": (1, 1),
    "States.Base64Decode": (1, 1),
    "States.Hash": (2, 2),
    "States.JsonMerge": (3, 3),
    "States.MathRandom": (2, 3),
    "States.MathAdd": (2, 2),
    "States.StringSplit": (2, 2),
    "States.UUID": (0, 0),
}
"""The functions that there are, and how many arguments each takes at least and at most."""

_NAME = frozenset(string.ascii_letters + string.digits + "._")
_RESERVED = "'{}\\"
_TOKENS = re.compile(r"\{\}|\\.|[^{\\]+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Text:
    """A text in apostrophes: `value` is what it stands for, `raw` how it is written, escapes and all."""

    value: str
    raw: str


@dataclass(frozen=True, slots=True)
class Value:
    """A number, true, false or null."""

    value: int | float | bool | None


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; `text` is how it is written."""

    function: str
    arguments: tuple[Argument, ...]
    text: str


Argument: TypeAlias = Text | Value | Path | Call


def parse(text: str) -> Call:
    """Return the call that a text is; `ExpressionError` says why it is none."""
    return _parsed(text) if len(text) <= paths.LONGEST_KEPT else _read(text)


def template_parts(raw: str) -> Sequence[str]:
    """Return what stands before, between and after the `{}` of a template of `States.Format`, without its escapes."""
    parts: list[str] = []
    written: list[str] = []
    for token in _TOKENS.findall(raw):
        if token == "{}":
            parts.append("".join(written))
            written = []
        else:
            written.append(token[1:] if token[0] == "\\" and token[1:] in tuple(_RESERVED) else token)
    return [*parts, "".join(written)]


def _read(text: str) -> Call:
    cursor = Cursor(text.strip(BLANKS), "intrinsic function")
    call = _call(cursor, 1)
    cursor.skip_blanks()
    if not cursor.done:
        cursor.fail("nothing may come after it")
    return call


_parsed = lru_cache(maxsize=4096)(_read)


def _call(cursor: Cursor, depth: int) -> Call:
    start = cursor.position
    name = _name(cursor)
    if depth > DEEPEST:
        cursor.fail(f"functions are nested deeper than {DEEPEST}")
    if not cursor.accept("("):
        cursor.fail("'(' has to follow the function's name")
    arguments = tuple(_arguments(cursor, depth))
    call = Call(name, arguments, cursor.text[start : cursor.position])
    fewest, most = ARGUMENTS[name]
    if not fewest <= len(arguments) <= most:
        cursor.fail(f"{name} takes {_many(fewest, most)}, and here are {len(arguments)}")
    return call


def _many(fewest: int, most: int) -> str:
    if most == MANY:
        return f"{fewest} or more arguments"
    return f"{fewest} arguments" if fewest == most else f"{fewest} to {most} arguments"


def _name(cursor: Cursor) -> str:
    start = cursor.position
    while cursor.next in _NAME:
        cursor.position += 1
    name = cursor.text[start : cursor.position]
    if name not in ARGUMENTS:
        cursor.fail(f"there is no function {shown(name)}; there are {', '.join(ARGUMENTS)}")
    return name


def _arguments(cursor: Cursor, depth: int) -> Sequence[Argument]:
    found: list[Argument] = []
    cursor.skip_blanks()
    while not cursor.accept(")"):
        if found:
            cursor.expect(",")
            cursor.skip_blanks()
        found.append(_argument(cursor, depth))
        cursor.skip_blanks()
    return found


def _argument(cursor: Cursor, depth: int) -> Argument:
    if cursor.accept("'"):
        return _text(cursor)
    if cursor.next == "$":
        return paths.parse(_path(cursor))
    if cursor.text.startswith("States.", cursor.position):
        return _call(cursor, depth + 1)
    return Value(cursor.literal("a text in apostrophes, a number, null, true, false, a path or a function"))


def _text(cursor: Cursor) -> Text:
    start = cursor.position
    found: list[str] = []
    while not cursor.done:
        character = cursor.take()
        if character == "'":
            return Text("".join(found), cursor.text[start : cursor.position - 1])
        if character == "\\" and cursor.next not in tuple(_RESERVED):
            cursor.fail(r"a backslash has to escape one of ' { } \ ")
        found.append(cursor.take() if character == "\\" else character)
    return cursor.fail("the closing ' is missing")


def _path(cursor: Cursor) -> str:
    """Read a path: up to the comma or the parenthesis that is in no brackets, parentheses or quotes of its own."""
    start = cursor.position
    depth = 0
    while not cursor.done:
        character = cursor.next
        if depth and character in "'\"":
            cursor.quoted()
            continue
        if not depth and character in ",)":
            break
        depth += (character in "[(") - (character in "])")
        cursor.position += 2 if character == "\\" else 1
    return cursor.text[start : cursor.position].strip(BLANKS)
