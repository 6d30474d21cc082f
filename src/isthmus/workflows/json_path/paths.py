"""Reads paths: `$.order.items[0]`, `$$.Execution.Name`, `$variable.name`.

https://states-language.net/spec.html#path
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from isthmus.workflows.json_path.cursor import BLANKS, Cursor, ExpressionError
from isthmus.workflows.json_path.filters import Reader
from isthmus.workflows.json_path.segments import (
    Descend,
    Filter,
    Function,
    Index,
    Indexes,
    Key,
    Keys,
    Operand,
    Path,
    Segment,
    Slice,
    Wildcard,
)

LONGEST_KEPT = 1_000
"""Longer texts are read anew each time: the cache must not keep megabytes."""

FUNCTIONS = (
    *("length", "size", "keys", "min", "max", "avg", "sum", "stddev"),
    *("concat", "append", "first", "last", "index"),
)
"""The functions that may end a path: `$.items.length()`."""

_NUMBER = re.compile(r"-?[0-9]+")


def parse(text: str) -> Path:
    """Return the path that a text is; `ExpressionError` says why it is none."""
    return _parsed(text) if len(text) <= LONGEST_KEPT else _read(text)


def _read(text: str) -> Path:
    cursor = Cursor(text.strip(BLANKS), "path")
    if not cursor.accept("$"):
        cursor.fail("it does not begin with '$'")
    try:
        return _path(cursor, "$$" if cursor.accept("$") else cursor.word() or "$", "")
    except RecursionError:
        raise ExpressionError("the path is nested too deep") from None


_parsed = lru_cache(maxsize=4096)(_read)


def _path(cursor: Cursor, base: str, ends: str) -> Path:
    """Read what follows a base, up to one of the characters `ends`, or to the end of the text."""
    prefix = {"$": "$", "$$": "$$", "@": "@"}.get(base, f"${base}")
    start = cursor.position
    segments = tuple(_segments(cursor, ends))
    return Path(prefix + cursor.text[start : cursor.position], base, segments)


def _segments(cursor: Cursor, ends: str) -> Iterator[Segment]:
    while not cursor.done and cursor.next not in ends:
        if cursor.accept(".."):
            yield Descend()
            yield _bracketed(cursor) if cursor.next == "[" else _named(cursor, ends)
        elif cursor.accept("."):
            yield _bracketed(cursor) if cursor.next == "[" else _named(cursor, ends)
        elif cursor.next == "[":
            yield _bracketed(cursor)
        else:
            cursor.fail("'.' or '[' is expected")


def _named(cursor: Cursor, ends: str) -> Segment:
    if cursor.accept("*"):
        return Wildcard()
    name = _name(cursor, ends)
    if not name:
        cursor.fail("a name is missing")
    return _function(cursor, name) if cursor.accept("(") else Key(name)


def _name(cursor: Cursor, ends: str) -> str:
    stops = f".[(\\{BLANKS}{ends}"
    name = cursor.take_until(stops)
    while cursor.accept("\\"):
        name += cursor.take() + cursor.take_until(stops)
    if cursor.next and cursor.next in BLANKS and cursor.next not in ends:
        cursor.fail("a name with blanks in it has to stand in brackets and quotes: ['my name']")
    return name


def _function(cursor: Cursor, name: str) -> Function:
    if name not in FUNCTIONS:
        cursor.fail(f"there is no function {name!r}; there are {', '.join(FUNCTIONS)}")
    arguments: list[Operand] = []
    cursor.skip_blanks()
    while not cursor.accept(")"):
        if arguments:
            cursor.expect(",")
        arguments.append(Reader(cursor, _path).operand())
        cursor.skip_blanks()
    return Function(name, tuple(arguments))


def _bracketed(cursor: Cursor) -> Segment:
    cursor.take()
    cursor.skip_blanks()
    if cursor.accept("*"):
        found: Segment = Wildcard()
    elif cursor.accept("?"):
        found = _filter(cursor)
    elif cursor.next and cursor.next in "'\"":
        found = _keys(cursor)
    else:
        found = _positions(cursor)
    cursor.expect("]")
    return found


def _filter(cursor: Cursor) -> Filter:
    cursor.expect("(")
    condition = Reader(cursor, _path).condition()
    cursor.expect(")")
    return Filter(condition)


def _keys(cursor: Cursor) -> Key | Keys:
    names = [cursor.quoted()]
    cursor.skip_blanks()
    while cursor.accept(","):
        cursor.skip_blanks()
        if not cursor.next or cursor.next not in "'\"":
            cursor.fail("a name in quotes is missing")
        names.append(cursor.quoted())
        cursor.skip_blanks()
    return Key(names[0]) if len(names) == 1 else Keys(tuple(names))


def _positions(cursor: Cursor) -> Segment:
    text = cursor.take_while("-0123456789,: ")
    numbers = [number.strip() for number in re.split("[,:]", text)]
    if ":" in text and "," not in text and len(numbers) == 2 and any(numbers):
        start, stop = (_number(cursor, number) if number else None for number in numbers)
        return Slice(start, stop)
    if ":" in text:
        cursor.fail("a slice is [1:3], [1:] or [:3], without a step")
    indexes = tuple(_number(cursor, number) for number in numbers)
    return Index(indexes[0]) if len(indexes) == 1 else Indexes(indexes)


def _number(cursor: Cursor, text: str) -> int:
    if not _NUMBER.fullmatch(text) or len(text) > 10:
        cursor.fail("a name in quotes, a number, '*' or '?' is expected in the brackets")
    return int(text)
