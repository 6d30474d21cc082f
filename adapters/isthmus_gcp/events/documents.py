"""A document as an event holds it, whichever way it was written: its name, when it was written, and its fields."""

from __future__ import annotations

from isthmus._typing import Any, Mapping

DEPTH_LIMIT = 64
"""How deep values may be nested: Firestore takes 20 levels, and what is deeper is no document."""


class Document:
    """One image of a document: `fields` are as `isthmus_gcp.documents.item` takes them; `updated` in microseconds."""

    __slots__ = ("fields", "name", "updated")

    def __init__(self, name: str, fields: Mapping[str, Any], updated: int) -> None:
        self.name = name
        self.fields = fields
        self.updated = updated

    @property
    def id(self) -> str:
        """The last part of its name."""
        return self.name.rpartition("/")[2]

    def __repr__(self) -> str:
        return f"<Document {self.name}>"
