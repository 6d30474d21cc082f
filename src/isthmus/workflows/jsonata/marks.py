"""The marks of an expression of JSONata: `{% … %}`, all of a text. What reads them needs no library."""

from __future__ import annotations


def expression_of(text: object) -> str | None:
    """Return the expression within a text; None where it has none, or has more around it."""
    if isinstance(text, str) and text.startswith("{%") and text.endswith("%}") and len(text) >= len("{%%}"):
        return text[2:-2].strip()
    return None
