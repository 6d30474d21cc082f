"""Which files of a project have changed, as they change."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import watchfiles
from watchfiles import Change, DefaultFilter

_SUFFIXES = (".py", ".json", ".toml", ".yaml", ".yml")
_UNWATCHED = (*DefaultFilter.ignore_dirs, ".isthmus", "tests", "docs", "build", "dist")


class _Filter(DefaultFilter):
    """The sources of an app, without what tools and the app itself write."""

    ignore_dirs = _UNWATCHED

    def __call__(self, change: Change, path: str) -> bool:
        return path.endswith(_SUFFIXES) and super().__call__(change, path)


async def changes(root: Path, stop: asyncio.Event) -> AsyncIterator[set[Path]]:
    """Yield the files that changed together, until `stop` is set."""
    async for changed in watchfiles.awatch(root, watch_filter=_Filter(), stop_event=stop, step=50, debounce=400):  # pyright: ignore[reportUnknownMemberType]
        yield {Path(path).resolve() for _, path in changed}
