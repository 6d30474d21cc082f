"""The path patterns of routes, such as `/orders/{id}` and `/files/{path+}`."""

from __future__ import annotations

from isthmus._typing import Iterator

_LITERAL = frozenset("-._~!$&'()*+,;=:@0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_NAME = frozenset("_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")


def split_pattern(pattern: str) -> list[tuple[str, str]]:
    """Return each segment as (kind, text): "literal" and itself, or "parameter" or "greedy" and its name."""
    return [_split(segment) for segment in pattern[1:].split("/")]


def _split(segment: str) -> tuple[str, str]:
    if not (segment.startswith("{") and segment.endswith("}")):
        return "literal", segment
    if segment.endswith("+}"):
        return "greedy", segment[1:-2]
    return "parameter", segment[1:-1]


def faults_of(pattern: str) -> list[str]:
    """Return what is wrong with a pattern; an empty list where nothing is."""
    if not pattern.startswith("/"):
        return ["a path begins with a slash"]
    segments = split_pattern(pattern)
    names = [name for kind, name in segments if kind != "literal"]
    faults = [fault for kind, text in segments for fault in _segment_faults(kind, text)]
    if any(kind == "greedy" for kind, _ in segments[:-1]):
        faults.append("a greedy parameter such as {path+} can only be the last segment")
    faults += [
        f"two parameters are named {name!r}" for name in sorted({name for name in names if names.count(name) > 1})
    ]
    if any(segment == ("literal", "") for segment in segments[:-1]):
        faults.append("an empty segment (//) matches no request")
    return faults


def _segment_faults(kind: str, text: str) -> Iterator[str]:
    if kind != "literal":
        if not text:
            yield "a parameter needs a name, such as {id}"
        elif text[0].isdigit() or not _NAME.issuperset(text):
            yield f"{text!r} cannot be a parameter's name: letters, digits and _, not beginning with a digit"
    elif text in (".", ".."):
        yield f"the segment {text!r} matches no request"
    elif "{" in text or "}" in text:
        yield f"the segment {text!r} must be a parameter as a whole, such as {{id}}"
    elif not _LITERAL.issuperset(text):
        bad = "".join(sorted(set(text) - _LITERAL))
        yield f"the segment {text!r} holds {bad!r}: letters, digits and -._~ are safe"


def shape(pattern: str) -> str:
    """Return a pattern without the names of its parameters: two routes of one shape, no request could tell apart."""
    blanks = {"parameter": "{}", "greedy": "{+}"}
    return "/".join(blanks.get(kind, text) for kind, text in split_pattern(pattern))
