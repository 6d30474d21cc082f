"""Regular expressions of filters. One may take longer than the world will last, so each gives up after a while."""

from __future__ import annotations

import re
from importlib import import_module
from time import monotonic
from typing import Any

from isthmus.errors import MissingExtraError
from isthmus.workflows.json_path.segments import Pattern
from isthmus.workflows.states_error import RUNTIME, StatesError

FLAGS = "dixmsuU"
"""What may follow a regular expression."""

SECONDS = 1.0
"""How long the matches of one expression may take together, in one evaluation of its path."""

_BRACE = re.compile(r"(\\.)|\{(?!(?:\d+(?:,\d*)?|,\d*)\})", re.DOTALL)
"""A brace that stands for itself, since no count follows; or what is escaped, which may be a brace."""

_KNOWN = {"i": "IGNORECASE", "m": "MULTILINE", "s": "DOTALL", "x": "VERBOSE"}


def check(pattern: Pattern) -> None:
    """Refuse what is no regular expression: `ValueError` says what is wrong with it."""
    try:
        _compiled(re, pattern.text, pattern.flags)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"/{pattern.text[:60]}/ is no regular expression: {error}") from None


class Search:
    """One regular expression in one evaluation; `re` itself cannot be told to give up."""

    __slots__ = ("_left", "_regex", "_said")

    def __init__(self, pattern: Pattern) -> None:
        self._said = pattern.text[:60]
        plain = _BRACE.sub(
            lambda found: found[1] or r"\{", pattern.text
        )  # {e<3} would be a fuzzy match for the library
        self._regex = _compiled(_library(), plain, pattern.flags)
        self._left = SECONDS

    def matches(self, text: str) -> bool:
        """Tell whether the whole of a text matches; `StatesError` where that takes too long."""
        began = monotonic()
        try:
            return self._regex.fullmatch(text, timeout=max(0.0, self._left), concurrent=True) is not None
        except TimeoutError:
            raise StatesError(RUNTIME, f"/{self._said}/ takes more than {SECONDS:g} s to match") from None
        finally:
            self._left -= monotonic() - began


def _compiled(library: Any, text: str, letters: str) -> Any:
    flags = 0
    for letter in letters:
        flags |= getattr(library, _KNOWN[letter]) if letter in _KNOWN else 0
    return library.compile(text, flags)


def _library() -> Any:
    try:
        return import_module("regex")
    except ImportError as error:
        raise MissingExtraError("regex", "jsonata") from error
