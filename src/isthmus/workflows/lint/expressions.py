"""The seam to the two query languages: why a path, an intrinsic function or an expression cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from isthmus.errors import IsthmusError
from isthmus.shapes import shown
from isthmus.workflows.json_path import intrinsics, paths, reference
from isthmus.workflows.jsonata.expressions import syntax

MEMBERS = ("input", "result", "errorOutput", "context")
"""What `$states` has in an expression, though not everywhere."""

_QUOTED = re.compile(r"\"(?:[^\"\\]|\\.)*\"?|'(?:[^'\\]|\\.)*'?|`[^`]*`?|/\*.*?(?:\*/|\Z)", re.DOTALL)
"""What is in quotes, or a comment; the closing mark may be missing, so that no text is read again and again."""

_MEMBER = re.compile(r"\$states\s*\.\s*(\w+)")


def path_fault(text: str) -> str:
    """Return why a text is no path; "" where it is one."""
    return _fault(paths.parse, text)


def reference_fault(text: str) -> str:
    """Return why a text is no reference path, which names one value alone; "" where it is one."""
    return _fault(reference.parse, text)


def intrinsic_fault(text: str) -> str:
    """Return why a text is no call of an intrinsic function; "" where it is one."""
    return _fault(intrinsics.parse, text)


def jsonata_faults(text: str, sees: frozenset[str]) -> Iterator[str]:
    """Yield what is wrong with an expression of JSONata where `$states` has the members that `sees` has."""
    try:
        fault = syntax(text.strip())
    except IsthmusError as error:  # the library is an extra
        fault = str(error)
    if fault:
        yield f"{shown(text.strip())} is no expression of JSONata: {fault}"
    for member in dict.fromkeys(_MEMBER.findall(_QUOTED.sub("''", text))):
        if member in MEMBERS and member not in sees:
            here = ", ".join(known for known in MEMBERS if known in sees)
            yield f"'$states.{member}' is not there for this field: $states has {here} here"


def _fault(parse: Callable[[str], object], text: str) -> str:
    try:
        parse(text)
    except ValueError as error:
        return str(error)
    except RecursionError:
        return f"{shown(text)} is nested too deeply"
    return ""
