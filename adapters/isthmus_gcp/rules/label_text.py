"""Labels: tags as Google takes them.

https://cloud.google.com/resource-manager/docs/labels-overview#requirements
"""

from __future__ import annotations

import re
from collections.abc import Mapping

LONGEST = 63


def labels(tags: Mapping[str, str]) -> dict[str, str]:
    """Return tags in lower case, with a hyphen for whatever no label may hold, such as the colon of `isthmus:app`."""
    return {_label(name): _label(value) for name, value in tags.items()}


def _label(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]", "-", text.lower())[:LONGEST]
