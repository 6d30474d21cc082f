"""The filter of a topic's subscription in Pub/Sub's language.

Pub/Sub's attributes are text alone. A number has, beside the attribute itself, one of ours with its canonical spelling
(`wire.NUMBER`), by which a filter tells 7 from "7", and 7 is 7.0.
https://cloud.google.com/pubsub/docs/subscription-message-filter#filtering_syntax
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from isthmus.declarations.subscription import Filter
from isthmus.shapes import is_list, is_mapping, is_text
from isthmus_gcp import wire

LONGEST = 256
"""Bytes of a filter."""

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?(e[+-]?[0-9]+)?")
_START_OF_NUMBER = re.compile(r"-?[0-9]*\.?[0-9]*(e[+-]?[0-9]*)?")


class NoFilterError(ValueError):
    """Pub/Sub's language cannot say what a filter asks."""


def expression(filter: Filter) -> str:
    """Return a filter as Pub/Sub reads it, "" where everything passes; `NoFilterError` where it cannot be said."""
    parts = [_any_of(name, values) for name, values in filter.items()]
    return joined(parts, "AND") if parts else ""


def size(written: str) -> int:
    """Return the bytes of an expression."""
    return len(written.encode("utf-8", "replace"))


def quoted(text: str) -> str:
    """Return a text as a string of the language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def key(name: str) -> str:
    """Return an attribute's name as it stands behind a colon or in brackets."""
    return name if _PLAIN.fullmatch(name) else quoted(name)


def value(name: str) -> str:
    """Return the value of an attribute."""
    return f"attributes.{key(name)}"


def joined(parts: list[str], word: str) -> str:
    """Return conditions joined by AND or OR, of which each stands in parentheses where it needs to."""
    return parts[0] if len(parts) == 1 else f" {word} ".join(_grouped(part) for part in parts)


def _any_of(name: str, values: Any) -> str:
    said = [_condition(name, asked) for asked in values]
    of_text = [condition for condition, is_of_text in said if is_of_text]
    rest = [condition for condition, is_of_text in said if not is_of_text]
    if of_text:
        rest.append(joined([joined(of_text, "OR"), f"NOT {_marked(name)}"], "AND"))
    return joined(rest, "OR")


def _condition(name: str, asked: Any) -> tuple[str, bool]:
    """Return a condition, and whether a number meets it only because of how it is written."""
    if is_mapping(asked):
        ((operator, operand),) = asked.items()
        return _OPERATORS[str(operator)](name, operand)
    if is_text(asked):
        return f"{value(name)} = {quoted(asked)}", _NUMBER.fullmatch(asked) is not None
    return f"{value(wire.NUMBER + name)} = {quoted(wire.spelt(asked))}", False


def _marked(name: str) -> str:
    """Tell a number."""
    return f"attributes:{key(wire.NUMBER + name)}"


def _prefix(name: str, operand: Any) -> tuple[str, bool]:
    return f"hasPrefix({value(name)}, {quoted(operand)})", _START_OF_NUMBER.fullmatch(operand) is not None


def _exists(name: str, operand: Any) -> tuple[str, bool]:
    return f"attributes:{key(name)}" if operand else f"NOT attributes:{key(name)}", False


def _anything_but(name: str, operand: Any) -> tuple[str, bool]:
    """An attribute that is not there passes nothing, as elsewhere."""
    refused = operand if is_list(operand) else [operand]
    texts = [str(entry) for entry in refused if is_text(entry)]
    numbers = [entry for entry in refused if not is_text(entry)]
    like_numbers = [text for text in texts if _NUMBER.fullmatch(text)]
    said = [f"attributes:{key(name)}"]
    said += [f"{value(name)} != {quoted(text)}" for text in texts if text not in like_numbers]
    if like_numbers:
        others = joined([f"{value(name)} != {quoted(text)}" for text in like_numbers], "AND")
        said.append(_grouped(joined([_marked(name), others], "OR")))
    said += [f"NOT {value(wire.NUMBER + name)} = {quoted(wire.spelt(number))}" for number in numbers]
    return " AND ".join(said), False


def _numeric(_name: str, _operand: Any) -> tuple[str, bool]:
    raise NoFilterError("Pub/Sub's attributes are text, which it does not compare as numbers")


def _grouped(part: str) -> str:
    return f"({part})" if " AND " in part or " OR " in part else part


_OPERATORS: Mapping[str, Callable[[str, Any], tuple[str, bool]]] = {
    "prefix": _prefix,
    "exists": _exists,
    "anything-but": _anything_but,
    "numeric": _numeric,
}
