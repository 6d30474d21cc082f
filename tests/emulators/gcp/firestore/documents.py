"""The documents of a database: what they are, and what they were within the last hour."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from tests.emulators.gcp.firestore.messages import Message
from tests.emulators.gcp.firestore.names import collection_of
from tests.emulators.gcp.firestore.refusals import precondition

_HOUR = 3600 * 1_000_000
_VERSIONS = 250
"""As many versions of a document are kept; the cloud has no such limit, so an older time is refused, not invented."""

Version = tuple[int, Message | None]


class Documents:
    """Documents by their names; what was stored is never changed, only replaced."""

    def __init__(self) -> None:
        self._collections: dict[str, dict[str, Message]] = {}
        self._history: dict[str, list[Version]] = {}
        self._forgotten: dict[str, int] = {}

    def get(self, name: str, at: int | None = None) -> Message | None:
        """Return a document, as it is or as it was at a time; `None` where there is none."""
        if at is None:
            return self._collections.get(collection_of(name), {}).get(name)
        if at < self._forgotten.get(name, 0):
            raise precondition("The requested snapshot version is too old.")
        return next((found for since, found in reversed(self._history.get(name, ())) if since <= at), None)

    def put(self, name: str, document: Message | None, at: int) -> None:
        """Store a document from a time on; `None` deletes it."""
        collection = collection_of(name)
        if document is not None:
            self._collections.setdefault(collection, {})[name] = document
        elif self._collections.get(collection, {}).pop(name, None) is not None and not self._collections[collection]:
            del self._collections[collection]
        self._remember(name, document, at)

    def _remember(self, name: str, document: Message | None, at: int) -> None:
        versions = self._history.setdefault(name, [])
        versions.append((at, document))
        if len(versions) >= 2 * _VERSIONS or (len(versions) > 1 and versions[1][0] < at - _HOUR):
            keep = next((i for i, (since, _) in enumerate(versions) if since >= at - _HOUR), 0)
            del versions[: max(keep - 1, len(versions) - _VERSIONS, 0)]
            self._forgotten[name] = versions[0][0]

    def within(self, parent: str, collection_id: str, *, deep: bool, at: int | None = None) -> list[Message]:
        """Return the documents of a collection, or `deep` those of all collections of that id (or any) below."""
        if not deep:
            return self._of([f"{parent}/{collection_id}"], at)
        belongs = _below(parent, collection_id)
        return self._of([path for path in self._paths(at) if belongs(path)], at)

    def collections(self) -> Iterable[str]:
        """Return the paths of all collections that have a document."""
        return self._collections.keys()

    def everything(self) -> Iterable[Message]:
        """Return all documents."""
        return [document for collection in self._collections.values() for document in collection.values()]

    def clear(self) -> None:
        """Forget all documents, and that they ever were."""
        self._collections.clear()
        self._history.clear()
        self._forgotten.clear()

    def _paths(self, at: int | None) -> Iterable[str]:
        return self._collections if at is None else {collection_of(name) for name in self._history}

    def _of(self, paths: list[str], at: int | None) -> list[Message]:
        if at is None:
            return [document for path in paths for document in self._collections.get(path, {}).values()]
        wanted = set(paths)
        then = [self.get(name, at) for name in self._history if collection_of(name) in wanted]
        return [document for document in then if document is not None]


def _below(parent: str, collection_id: str) -> Callable[[str], bool]:
    end = f"/{collection_id}" if collection_id else ""
    return lambda path: path.startswith(f"{parent}/") and path.endswith(end)
