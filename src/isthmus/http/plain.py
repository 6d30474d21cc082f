"""What JSON does not know, turned into what it knows. Imported only once such a value turns up."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, cast
from uuid import UUID


def plain(value: Any) -> Any:
    """Return what JSON holds in place of `value`, one level deep; `TypeError` where there is nothing of the kind."""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (UUID, Decimal)):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    fields = _fields(value)
    if fields is None:
        raise TypeError(f"{type(value).__name__} is not JSON")
    return {name: getattr(value, name) for name in fields}


def _fields(value: Any) -> list[str] | None:
    kind = cast("Any", type(value))
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind)]
    names = getattr(kind, "__struct_fields__", None) or getattr(kind, "model_fields", None)  # msgspec, pydantic
    return None if names is None else list(names)
