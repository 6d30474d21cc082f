"""Payload templates: JSON in which fields named `….$` are computed.

https://states-language.net/spec.html#payload-template
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from isthmus.workflows.dataflow import Scope
from isthmus.workflows.json_path.expressions import Expression, expression
from isthmus.workflows.json_path.values import is_array, is_object

SUFFIX = ".$"
"""What the name of a computed field ends with."""


def template(value: Any) -> Expression:
    """Return what computes a template's payload; what is computed nowhere is the very value of the document."""
    return _part(value) or (lambda data, scope: value)


def _part(value: Any) -> Expression | None:
    if is_object(value):
        return _object(value)
    return _list(value) if is_array(value) else None


def _object(fields: Mapping[str, Any]) -> Expression | None:
    parts = {
        name.removesuffix(SUFFIX): expression(value, name) if name.endswith(SUFFIX) else _part(value)
        for name, value in fields.items()
    }
    computed = [(name, part) for name, part in parts.items() if part]
    if not computed:
        return None
    kept = {name.removesuffix(SUFFIX): value for name, value in fields.items()}

    def payload(data: Any, scope: Scope) -> dict[str, Any]:
        found = kept.copy()
        for name, part in computed:
            found[name] = part(data, scope)
        return found

    return payload


def _list(values: Sequence[Any]) -> Expression | None:
    parts = [_part(value) for value in values]
    if not any(parts):
        return None

    def payload(data: Any, scope: Scope) -> list[Any]:
        return [part(data, scope) if part else value for part, value in zip(parts, values, strict=True)]

    return payload
