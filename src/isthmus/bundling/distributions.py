"""Which installed distribution a module comes from."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, distribution, packages_distributions, requires

from isthmus.bundling.cache import Cache
from isthmus.bundling.packing import digest_of

_REQUIREMENT = re.compile(r"\s*([A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?")


def normal(name: str) -> str:
    """Return a distribution's name as the packaging standards compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def requirement(text: str) -> tuple[str, frozenset[str]]:
    """Return the name and the extras of a requirement such as `psycopg[binary,pool]>=3`; ("", …) where it is none."""
    match = _REQUIREMENT.match(text)
    if match is None:
        return "", frozenset()
    extras = (match[2] or "").split(",")
    return normal(match[1]), frozenset(extra.strip() for extra in extras if extra.strip())


def required_by(name: str) -> list[str]:
    """Return the requirements of an installed distribution, those of its extras too; none where it is not installed."""
    try:
        return requires(name) or []
    except PackageNotFoundError:
        return []


class Distributions:
    """What is installed where the app is built, by the modules that it brings."""

    def __init__(self, cache: Cache, path: list[str]) -> None:
        self._cache = cache
        self._path = path
        self._tops: dict[str, list[str]] | None = None
        self._modules: dict[str, frozenset[str]] = {}

    def of(self, module: str) -> str:
        """Return the distribution that an installed module comes from; "" where none says that it does."""
        names = list(dict.fromkeys(self._by_top().get(module.partition(".")[0], [])))
        if len(names) < 2:
            return normal(names[0]) if names else ""
        return normal(next((name for name in names if self._has(name, module)), ""))

    def _by_top(self) -> dict[str, list[str]]:
        """Return the distributions of each top-level module: reading them all takes long, so it is remembered."""
        if self._tops is None:
            self._tops = self._read()
        return self._tops

    def _has(self, name: str, module: str) -> bool:
        """Tell whether a distribution has a module of a namespace that several share."""
        if name not in self._modules:
            self._modules[name] = frozenset(_modules(name))
        return module in self._modules[name]

    def _read(self) -> dict[str, list[str]]:
        name = f"{digest_of(sorted(_metadata(self._path)))}.json"
        kept = self._cache.read("distributions", name)
        tops: dict[str, list[str]] = json.loads(kept) if kept else {**packages_distributions()}
        if not kept:
            self._cache.write("distributions", name, json.dumps(tops).encode())
        return tops


def _modules(name: str) -> Iterator[str]:
    """Yield the modules and packages of a distribution, and whatever else its files would be called as such."""
    with suppress(PackageNotFoundError):
        for file in distribution(name).files or ():
            folders = file.parts[:-1]
            yield from (".".join(folders[: depth + 1]) for depth in range(len(folders)))
            yield ".".join((*folders, file.parts[-1].partition(".")[0]))


def _metadata(path: list[str]) -> Iterator[tuple[str, int]]:
    for folder in path:
        with suppress(OSError), os.scandir(folder) as entries:
            for found in entries:
                if found.name.endswith((".dist-info", ".egg-info")):
                    yield found.path, found.stat().st_mtime_ns
