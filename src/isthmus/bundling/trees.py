"""Third-party distributions with all that they require, installed for the platform, stripped, and packed once."""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from email.parser import HeaderParser
from pathlib import Path
from typing import Any, NamedTuple

from isthmus.bundling.archive import Entry
from isthmus.bundling.cache import Cache
from isthmus.bundling.distributions import normal
from isthmus.bundling.imports import analyse
from isthmus.bundling.installer import install
from isthmus.bundling.lock import Lock
from isthmus.bundling.packing import Packing, digest_of, packed
from isthmus.bundling.platform import Platform

_METADATA_KEPT = ("METADATA", "entry_points.txt", "licenses", "LICENSE", "LICENCE", "NOTICE", "COPYING", "AUTHORS")
_TOOLS = (".pyi", ".pyc", ".pyo", ".typed", ".pth", ".lock")
_TESTED = re.compile(rb"^\s*(?:from|import)\s+[\w.]*\btests?\b", re.MULTILINE)
_DEFLATE = 6  # 9 takes four times as long for a hundredth less


class Tree(NamedTuple):
    """What some requirements come to: the layer that has it, versions, the tags of wheels, what it imports of us."""

    layer: str
    versions: dict[str, str]
    tags: dict[str, list[str]]
    imports: list[str]


class Trees:
    """The trees of one build. `provided` are distributions that stay out, `own` packages that have another way in."""

    def __init__(
        self,
        cache: Cache,
        packing: Packing,
        lock: Callable[[], Lock],
        platform: Platform,
        *,
        root: Path,
        own: Iterable[str],
    ) -> None:
        self._cache = cache
        self._packing = packing
        self._lock = lock
        self._platform = platform
        self._root = root
        self._own = tuple(sorted(own))
        self._trees: dict[str, Tree] = {}

    def of(self, requirements: Sequence[str], *, without: Iterable[str]) -> Tree:
        """Return the tree of some requirements, without some distributions; `InstallError` where there is none."""
        wanted, out = sorted(set(requirements)), sorted({normal(name) for name in without})
        key = digest_of("tree", self._packing.tools, wanted, out, self._own, self._lock().constraints)
        if key not in self._trees:
            self._trees[key] = self._kept(key) or self._make(key, wanted, out)
        return self._trees[key]

    def _kept(self, key: str) -> Tree | None:
        facts = self._cache.read("layers", f"{key}.json")
        return Tree(**json.loads(facts)) if facts and self._packing.has_layer(key) else None

    def _make(self, key: str, wanted: Sequence[str], out: Sequence[str]) -> Tree:
        with tempfile.TemporaryDirectory(prefix="isthmus-install-") as folder:
            target = Path(folder, "installed")
            install(wanted, self._lock().constraints, self._platform, target, root=self._root)
            found = [_Installed(path) for path in sorted(target.glob("*.dist-info"))]
            stay = [one for one in found if one.name not in out]
            gone = {file for one in found if one.name in out for file in one.files()}
            files = dict(_kept_files(target, gone))
            tree = Tree(
                key,
                {one.name: one.version for one in stay},
                {one.name: one.tags for one in stay},
                sorted(set(_imports_of(files.values(), self._own))),
            )
            self._packing.keep_layer(key, _packed(files, self._platform))
        self._cache.write("layers", f"{key}.json", json.dumps(tree._asdict()).encode())
        return tree


class _Installed:
    """An installed distribution, by its metadata's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        headers = HeaderParser().parsestr((folder / "METADATA").read_text(encoding="utf-8"), headersonly=True)
        self.name = normal(str(headers["Name"]))
        self.version = str(headers["Version"])

    @property
    def tags(self) -> list[str]:
        """The tags of the wheel that it is from."""
        headers = HeaderParser().parsestr((self._folder / "WHEEL").read_text(encoding="utf-8"), headersonly=True)
        return [str(tag) for tag in headers.get_all("Tag", [])]

    def files(self) -> Iterator[str]:
        """Yield the names of its files."""
        import csv

        with (self._folder / "RECORD").open(newline="", encoding="utf-8") as record:
            yield from (row[0] for row in csv.reader(record) if row)


def _kept_files(target: Path, gone: set[str]) -> Iterator[tuple[str, Path]]:
    """Yield what a function needs of what is installed: not the tests, nor what is for installers and type checkers."""
    files = {path.relative_to(target).as_posix(): path for path in sorted(target.rglob("*")) if path.is_file()}
    tested = any(_TESTED.search(path.read_bytes()) for name, path in files.items() if _is_code(name))
    for name, path in files.items():
        if name not in gone and _is_kept(name) and (tested or not _is_test(name)):
            yield name, path


def _is_code(name: str) -> bool:
    return name.endswith(".py") and not _is_test(name)


def _is_test(name: str) -> bool:
    return "tests" in name.split("/")[1:-1]


def _is_kept(name: str) -> bool:
    top, _, rest = name.partition("/")
    if top.endswith(".dist-info"):
        return rest.startswith(_METADATA_KEPT)
    return top not in ("bin", "include", "share") and "__pycache__" not in name and not name.endswith(_TOOLS)


def _imports_of(files: Iterable[Path], own: Sequence[str]) -> Iterator[str]:
    """Yield the modules of ours that third-party modules import."""
    for path in files:
        source = path.read_bytes() if path.suffix == ".py" else b""
        if any(name.encode() in source for name in own):
            yield from _imported(source, path, own)


def _imported(source: bytes, path: Path, own: Sequence[str]) -> Iterator[str]:
    try:
        imports: Sequence[Any] = analyse(source, str(path)).imports
    except (SyntaxError, ValueError, RecursionError):
        return
    for found in imports:
        if found.module.partition(".")[0] in own and not found.level:
            yield f"{found.module}:{found.name}"


def _packed(files: dict[str, Path], platform: Platform) -> Iterator[Entry]:
    for name, path in files.items():
        yield from packed(name, path.read_bytes(), platform, level=_DEFLATE)
