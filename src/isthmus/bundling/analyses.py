"""What sources import, remembered between builds by the digest of the source."""

from __future__ import annotations

import hashlib
import json
import sys

from isthmus.bundling.cache import Cache
from isthmus.bundling.imports import Analysis, Import, analyse

_FILE = f"{sys.implementation.cache_tag}.json"  # another version of Python reads other sources, and as other trees


class Analyses:
    """The analyses of one build: those of an earlier one as far as they hold, and new ones."""

    def __init__(self, cache: Cache, project: str) -> None:
        self._cache = cache
        self._name = f"{hashlib.sha256(project.encode()).hexdigest()[:16]}.{_FILE}"
        self._earlier = _read(cache, self._name)
        self._now: dict[str, Analysis] = {}

    def __call__(self, source: bytes, file: str) -> Analysis:
        """Return the analysis of a source; `SyntaxError` or `ValueError` where it is none."""
        digest = hashlib.sha256(source).hexdigest()
        if digest not in self._now:
            self._now[digest] = self._earlier.get(digest) or analyse(source, file)
        return self._now[digest]

    def keep(self) -> None:
        """Keep what this build has used for the next one, where it is any other than before."""
        if self._now.keys() != self._earlier.keys():
            self._cache.write("imports", self._name, json.dumps(self._now).encode())


def _read(cache: Cache, name: str) -> dict[str, Analysis]:
    try:
        kept = json.loads(cache.read("imports", name) or b"{}")
        return {
            digest: Analysis(tuple(Import(*row) for row in rows), lazy, calm)
            for digest, (rows, lazy, calm) in kept.items()
        }
    except (ValueError, TypeError, AttributeError):
        return {}  # whatever wrote it, it was no build
