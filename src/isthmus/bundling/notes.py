"""What builds of a project note for its later ones: by key, the newest kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from isthmus.bundling.cache import Cache
from isthmus.shapes import is_mapping

_REMEMBERED = 10_000
"""How many notes of one kind a project has: the oldest go first."""


class Notes:
    """The notes of one kind of one project: whoever writes last wins, and what is lost is found out again."""

    def __init__(self, cache: Cache, kind: str, project: str) -> None:
        self._cache = cache
        self._kind = kind
        self._file = f"{project}.json"
        self._kept = _read(cache, kind, self._file)
        self._new: dict[str, Any] = {}

    def get(self, key: str) -> Any:
        """Return what is noted; None where nothing is."""
        return self._new.get(key, self._kept.get(key))

    def add(self, key: str, note: Any) -> None:
        """Note something, for `keep` to write."""
        self._new[key] = note

    def keep(self) -> None:
        """Write the notes, where there is a new one."""
        if self._new:
            notes = list({**self._kept, **self._new}.items())[-_REMEMBERED:]
            self._cache.write(self._kind, self._file, json.dumps(dict(notes)).encode())


def _read(cache: Cache, kind: str, file: str) -> Mapping[str, Any]:
    try:
        kept: object = json.loads(cache.read(kind, file) or b"{}")
    except ValueError:
        return {}  # whatever wrote it, it was no build
    return kept if is_mapping(kept) else {}
