"""What the integrations of queues and topics have in common: attributes with their types, bodies of text or JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from isthmus.shapes import is_mapping, shown
from isthmus.workflows.integrations.refusals import RefusedError, mapping, required


def body(arguments: Mapping[str, Any], name: str, *, sdk: bool) -> Any:
    """Return the body of a message: text, or JSON where the form of the integration takes it."""
    value = required(arguments, name)
    if sdk and not isinstance(value, str):
        raise RefusedError(f"{name} is text in this form of the integration, not {shown(value)}")
    return value


def text_of(value: Any) -> str:
    """Return a body as the text that is on its way."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def attributes(arguments: Mapping[str, Any], *, numbers: bool) -> dict[str, Any]:
    """Return a message's attributes, by their names: text, and numbers where those may be."""
    given = mapping(arguments, "MessageAttributes")
    return {str(name): _attribute(str(name), held, numbers=numbers) for name, held in given.items()}


def _attribute(name: str, held: Any, *, numbers: bool) -> Any:
    kind = held.get("DataType") if is_mapping(held) else None
    value = held.get("StringValue") if is_mapping(held) else None
    if kind not in ("String", "Number") or not isinstance(value, str | int | float):
        raise RefusedError(f"MessageAttributes.{name} is a String or a Number with a StringValue, not {shown(held)}")
    return _number(name, value) if kind == "Number" and numbers else str(value)


def _number(name: str, value: str | int | float) -> int | float:
    try:
        number = json.loads(str(value))
    except ValueError:
        number = None
    if isinstance(number, bool) or not isinstance(number, int | float):
        raise RefusedError(f"MessageAttributes.{name} is no number: {shown(value)}")
    return number
