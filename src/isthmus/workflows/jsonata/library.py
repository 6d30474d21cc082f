"""The library that parses and evaluates JSONata, loaded when a first expression needs it.

Importing it takes about 0.1 s, and raises the process's recursion limit to 10,000: that is taken back here.
"""

from __future__ import annotations

import re
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from types import FunctionType
from typing import Any

from isthmus.errors import MissingExtraError
from isthmus.workflows.jsonata.limits import ENTRIES, TooMuchError
from isthmus.workflows.tape import seconds_left

DEEP = 4000
"""How deep Python may call while an expression is evaluated; `evaluation.DEPTH` ends before."""

REGEX_SECONDS = 1.0
"""How long one regular expression may search: those that go back a lot take more than a lifetime."""


@cache
def jsonata() -> Any:
    """Return the class `Jsonata` of the library."""
    with _deep_lock:
        before = sys.getrecursionlimit()
        try:
            return import_module("jsonata.jsonata").Jsonata
        except ImportError as error:
            raise MissingExtraError("jsonata-python", "jsonata") from error
        finally:
            sys.setrecursionlimit(before)


@cache
def functions() -> Any:
    """Return the library's built-in functions."""
    jsonata()
    return import_module("jsonata.functions").Functions


@cache
def utils() -> Any:
    """Return what the library knows of values: its null, its lists."""
    jsonata()
    return import_module("jsonata.utils").Utils


def parse(expression: str) -> Any:
    """Return an expression, parsed, for `evaluation`; whatever is raised says what is wrong with it."""
    library = jsonata()
    with deep():
        return library.jsonata(expression, regex_engine=_pattern)


@cache
def time_parser() -> Any:
    """Return the library's function that reads a time by its picture, with a regular expression that gives up."""
    jsonata()
    own = import_module("jsonata.datetimeutils").DateTimeUtils.parse_datetime
    return FunctionType(own.__code__, {**own.__globals__, "re": _Timed})


def failure(code: str, *details: Any) -> Exception:
    """Return an error of the library's, by its code."""
    error: Exception = import_module("jsonata.jexception").JException(code, -1, *details)
    return error


_deep_users = 0
_deep_lock = threading.Lock()


@contextmanager
def deep() -> Generator[None]:
    """Let Python call deeper than it usually may, as long as anybody is in here."""
    global _deep_users, _shallow  # noqa: PLW0603 - the limit is the process's, and so is who needs it
    with _deep_lock:
        if not _deep_users:
            _shallow = sys.getrecursionlimit()
            sys.setrecursionlimit(max(_shallow, DEEP))
        _deep_users += 1
    try:
        yield
    finally:
        with _deep_lock:
            _deep_users -= 1
            if not _deep_users:
                sys.setrecursionlimit(_shallow)


_shallow = sys.getrecursionlimit()


def _patience() -> float:
    return seconds_left(REGEX_SECONDS)


class _Pattern:
    """A regular expression that gives up after a while, and lets other threads run as long as it searches."""

    def __init__(self, pattern: Any) -> None:
        self._pattern = pattern

    def search(self, text: str) -> Any:
        return self._pattern.search(text, timeout=_patience(), concurrent=True)

    def finditer(self, text: str) -> Any:
        for count, match in enumerate(self._pattern.finditer(text, timeout=_patience(), concurrent=True)):
            if count >= ENTRIES:
                raise TooMuchError(f"{count:,} matches")
            yield match

    def sub(self, replacement: Any, text: str, count: int = 0) -> Any:
        return self._pattern.sub(replacement, text, count, timeout=_patience(), concurrent=True)

    def split(self, text: str, maxsplit: int = 0) -> Any:
        return self._pattern.split(text, maxsplit, timeout=_patience(), concurrent=True)


class _Timed:
    """What the library's times need of the module `re`."""

    IGNORECASE = re.IGNORECASE

    @staticmethod
    def compile(source: str, flags: Any) -> _Pattern:
        return _Pattern(_regex().compile(source, int(flags)))


def _regex() -> Any:
    try:
        return import_module("regex")
    except ImportError as error:
        raise MissingExtraError("regex", "jsonata") from error


def _pattern(source: str, flags: Any) -> _Pattern:
    regex = _regex()
    chosen = (regex.IGNORECASE if flags.case_insensitive else 0) | (regex.MULTILINE if flags.multiline else 0)
    return _Pattern(regex.compile(source, chosen))
