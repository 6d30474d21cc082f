"""From modules and data to the entries of a zip: each compiled and deflated once in a build."""

from __future__ import annotations

import hashlib
import json
import marshal
import sys
import zlib
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from isthmus.bundling.archive import Entry, entry, read, write
from isthmus.bundling.bundle import Bundle
from isthmus.bundling.bytecode import CODE, WITHOUT_REFERENCES, bytecode, bytecode_name
from isthmus.bundling.cache import Cache
from isthmus.bundling.notes import Notes
from isthmus.bundling.platform import Platform

Files = Mapping[str, bytes]
"""Files of a bundle: name to bytes."""


def digest_of(*facts: Any) -> str:
    """Return the digest of anything that JSON can hold, as the name of what is made of it."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


LIBRARY = "isthmus.library"
"""The file of a bundle that has what is ours; the platform's own files let `importer` read it."""

IMPORTER = Path(__file__).with_name("importer.py")
"""The module that reads it."""


class Library(NamedTuple):
    """Modules of ours, packed: the key of the layer that has them, and the file that they are imported from."""

    layer: str
    path: Path


class Packing:
    """Makes bundles and keeps them: what was packed before, in this build or an earlier one, is not packed again."""

    def __init__(self, cache: Cache, platform: Platform, notes: Notes) -> None:
        self._notes = notes
        self._cache = cache
        self._platform = platform
        self._made: dict[tuple[str, str], list[Entry]] = {}
        self._compiled: dict[tuple[str, str], tuple[str, bytes | str]] = {}
        self._layers: dict[str, list[Entry]] = {}
        self._digests: dict[int, tuple[bytes, str]] = {}
        # Other versions of these compile and deflate to other bytes.
        self.tools = digest_of(sys.version, getattr(zlib, "ZLIB_RUNTIME_VERSION", ""), platform.facts())

    def library(self, lean: Files, whole: Files) -> Library:
        """Pack modules of ours, which many bundles have in common, into the one file that `importer` reads.

        As one stream they take a third less than each by itself. `whole` are an app's modules that are in a package of
        ours: nothing is taken from them.
        """
        key = digest_of("library", self._key(lean), self._key(whole))
        path = self._cache.find("libraries", key)
        if not path or not self.has_layer(key):
            files = [(*one, True) for one in lean.items()] + [(*one, False) for one in whole.items()]
            modules = dict(self._module(name, data, lean=slim) for name, data, slim in sorted(files))
            path = self._cache.write("libraries", key, marshal.dumps(modules, WITHOUT_REFERENCES))
            self.keep_layer(key, [entry(LIBRARY, path.read_bytes())])
        return Library(key, path)

    def keep_layer(self, key: str, entries: Iterable[Entry]) -> None:
        """Keep entries that many bundles have in common, under a key that says what they are made of."""
        self._cache.make("layers", f"{key}.zip", _writer(entries))

    def has_layer(self, key: str) -> bool:
        """Whether an earlier build has kept it."""
        return self._cache.find("layers", f"{key}.zip") is not None

    def entries(self, key: str) -> list[Entry]:
        """Return what is in a layer."""
        if key not in self._layers:
            self._layers[key] = read(self._cache.path("layers", f"{key}.zip"))
        return self._layers[key]

    def bundle(self, layers: Iterable[str], files: Files) -> Bundle:
        """Return the bundle of some layers and of files of its own, which go before a layer's of the same name."""
        layers = [*layers]
        key = digest_of(layers, self._key(files))
        path, facts = self._cache.find("bundles", f"{key}.zip"), self._notes.get(key)
        if path and facts:
            return Bundle(path, **facts)
        own = [one for name, data in files.items() for one in self._entries(name, data)]
        own += [self._start(name, data) for name, data in self._platform.files.items()]
        shared = [one for layer in layers for one in self.entries(layer)]
        return self._write(key, {one.name: one for one in (*shared, *own)})

    def _write(self, key: str, entries: Mapping[str, Entry]) -> Bundle:
        path = self._cache.make("bundles", f"{key}.zip", _writer(entries.values()))
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        unpacked = sum(one.size for one in entries.values())
        facts: dict[str, Any] = {
            "digest": digest,
            "size": path.stat().st_size,
            "parts": parts(entries.values()),
            "unpacked": unpacked,
            "compiled": any(is_compiled(name) for name in entries),
        }
        self._notes.add(key, facts)
        return Bundle(path, **facts)

    def _key(self, files: Files) -> str:
        return digest_of(self.tools, sorted((name, self._digest(data)) for name, data in files.items()))

    def _digest(self, data: bytes) -> str:
        """Return the digest of bytes that this build has read: once, since functions share modules."""
        if id(data) not in self._digests:
            self._digests[id(data)] = (data, hashlib.sha256(data).hexdigest())  # the bytes too, so that the id stays
        return self._digests[id(data)][1]

    def _entries(self, name: str, data: bytes) -> list[Entry]:
        """Return a file, and its bytecode where the function's interpreter understands ours."""
        key = (name, self._digest(data))
        if key not in self._made:
            self._made[key] = packed(name, data, self._platform)
        return self._made[key]

    def _start(self, name: str, data: bytes) -> Entry:
        """Return a file of the platform's at the top of a bundle: its bytecode alone, where there is any and it may."""
        if (name, "") not in self._made:
            read = name in self._platform.sources
            compiled = None if read else _compiled(name, data, self._platform, lean=True)
            self._made[name, ""] = [entry(name, data) if compiled is None else entry(f"{name}c", compiled)]
        return self._made[name, ""][0]

    def _module(self, name: str, data: bytes, *, lean: bool) -> tuple[str, bytes | str]:
        """Return a module's name and code as `importer` has them; its source where its code is not understood."""
        key = (name, self._digest(data))
        if key not in self._compiled:
            compiled = _compiled(name, data, self._platform, lean=lean)
            code = data.decode() if compiled is None else compiled[CODE:]
            self._compiled[key] = (name.removesuffix(".py").removesuffix("__init__").replace("/", "."), code)
        return self._compiled[key]


def packed(name: str, data: bytes, platform: Platform, *, level: int = 9) -> list[Entry]:
    """Return the entries of one file: itself, and its bytecode where it is a module that this interpreter compiles."""
    compiled = _compiled(name, data, platform)
    if compiled is None:
        return [entry(name, data, level=level)]
    return [entry(name, data, level=level), entry(bytecode_name(name), compiled, level=level)]


def _compiled(name: str, data: bytes, platform: Platform, *, lean: bool = False) -> bytes | None:
    """Return the bytecode of a file; None where it is no module, or where the function's interpreter reads no other."""
    if not name.endswith(".py") or not platform.has_our_bytecode:
        return None
    try:
        return bytecode(data, name, lean=lean)
    except (SyntaxError, ValueError, RecursionError):
        return None  # a template, or for another version: whoever imports it is told


def parts(entries: Iterable[Entry]) -> dict[str, int]:
    """Return the deflated bytes of each top-level package, the largest first."""
    sizes: dict[str, int] = {}
    for one in entries:
        name = part_of(one.name)
        sizes[name] = sizes.get(name, 0) + len(one.data)
    return dict(sorted(sizes.items(), key=lambda item: (-item[1], item[0])))


def is_compiled(name: str) -> bool:
    """Tell whether a file of a bundle is made for one kind of processor."""
    return name.endswith((".so", ".pyd", ".dylib")) or ".so." in name.rpartition("/")[2]


def part_of(name: str) -> str:
    """Return the package that a file of a bundle belongs to; a distribution's metadata is a part of it."""
    top, _, rest = name.partition("/")
    if top == "__pycache__":
        return rest.partition(".")[0]
    return top.partition("-")[0].lower() if top.endswith(".dist-info") else top.partition(".")[0]


def _writer(entries: Iterable[Entry]) -> Callable[[Path], None]:
    def fill(path: Path) -> None:
        with path.open("wb") as file:
            write(entries, file)

    return fill
