"""Where modules are (of the project, installed, of the standard library), found as Python finds them, unimported."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from importlib.machinery import (
    BYTECODE_SUFFIXES,
    EXTENSION_SUFFIXES,
    SOURCE_SUFFIXES,
    BuiltinImporter,
    ExtensionFileLoader,
    FileFinder,
    FrozenImporter,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from pathlib import Path
from typing import Any, Literal, NamedTuple

Place = Literal["source", "installed", "standard", "missing"]
"""Whose a module is: its source goes into a bundle, its distribution does, it is there anyway, or it is nowhere."""

_LOADERS: tuple[Any, ...] = (
    (ExtensionFileLoader, [*EXTENSION_SUFFIXES, ".so", ".pyd"]),
    (SourceFileLoader, SOURCE_SUFFIXES),
    (SourcelessFileLoader, BYTECODE_SUFFIXES),
)
_BUILT_IN: tuple[Any, ...] = (BuiltinImporter, FrozenImporter, PathFinder)
_SITES = ("site-packages", "dist-packages")


class Module(NamedTuple):
    """A module: its full name, its place, its file (None: a namespace), and the folders of its submodules."""

    name: str
    place: Place
    file: Path | None = None
    folders: tuple[str, ...] = ()

    @property
    def is_namespace(self) -> bool:
        """Whether it is a package without a file, which several distributions may share."""
        return self.file is None and bool(self.folders)

    @property
    def package(self) -> str:
        """What a relative import within it starts from."""
        return self.name if self.folders else self.name.rpartition(".")[0]


class Modules:
    """The modules that the project at `root` can import: its own first, then what is on `path`.

    `own` are top-level packages that are taken as sources wherever they are installed.
    """

    def __init__(self, root: Path, path: Iterable[str] | None = None, *, own: Iterable[str] = ()) -> None:
        self.root = root
        self._own = frozenset(own)
        self._path = tuple(dict.fromkeys([str(root), *(str(Path(p).absolute()) for p in path or sys.path)]))
        self._listed: dict[str, frozenset[str]] = {}
        self._finders: dict[str, FileFinder] = {}
        self._known: dict[str, Module] = {}

    def find(self, name: str) -> Module:
        """Return the module of that full name; its place is "missing" where there is none."""
        if name not in self._known:
            self._known[name] = self._find(name)
        return self._known[name]

    def _find(self, name: str) -> Module:
        parent, _, _ = name.rpartition(".")
        if not parent:
            return self._top(name)
        package = self.find(parent)
        if package.place in ("standard", "missing"):
            return Module(name, package.place)
        return self._module(name, self._spec(name, package.folders))

    def _top(self, name: str) -> Module:
        """Return a top-level module; a file of the project goes before the standard library, as it does for Python."""
        if name in sys.builtin_module_names:
            return Module(name, "standard")
        own = self._spec(name, self._path[:1])
        if own and own.loader:
            return self._module(name, own)
        if name in sys.stdlib_module_names:
            return Module(name, "standard")
        return self._module(name, self._spec(name, self._path) or _hooked(name))

    def _spec(self, name: str, folders: Sequence[str]) -> ModuleSpec | None:
        """Return what is found in the folders, as the import system would: a namespace only where nothing else is."""
        portions: list[str] = []
        last = name.rpartition(".")[2]
        for folder in folders:
            if last not in self._stems(folder):  # as most names that a module gives are no modules
                continue
            spec = self._finder(folder).find_spec(name)
            if spec and spec.loader:
                return spec
            portions += spec.submodule_search_locations or () if spec else ()
        if not portions:
            return None
        namespace = ModuleSpec(name, None, is_package=True)
        namespace.submodule_search_locations = portions
        return namespace

    def _stems(self, folder: str) -> frozenset[str]:
        """Return what lies in a folder, without endings: it is looked through once."""
        if folder not in self._listed:
            try:
                self._listed[folder] = frozenset(entry.partition(".")[0] for entry in os.listdir(folder))
            except OSError:
                self._listed[folder] = frozenset()
        return self._listed[folder]

    def _finder(self, folder: str) -> FileFinder:
        if folder not in self._finders:
            self._finders[folder] = FileFinder(folder, *_LOADERS)
        return self._finders[folder]

    def _module(self, name: str, spec: ModuleSpec | None) -> Module:
        if spec is None:
            return Module(name, "missing")
        file = Path(spec.origin) if spec.origin else None
        folders = tuple(spec.submodule_search_locations or ())
        return Module(name, self._place(name, [file] if file else [Path(folder) for folder in folders]), file, folders)

    def _place(self, name: str, lies_in: Sequence[Path]) -> Place:
        """Return whose a module is; a namespace is installed where nothing of it is the project's."""
        installed = bool(lies_in) and all(any(site in path.parts for site in _SITES) for path in lies_in)
        return "installed" if installed and name.partition(".")[0] not in self._own else "source"


def _hooked(name: str) -> ModuleSpec | None:
    """Return what a hook of the environment finds, such as that of an editable install."""
    finders: list[Any] = [finder for finder in sys.meta_path if finder not in _BUILT_IN]
    for finder in finders:
        if hasattr(finder, "find_spec"):
            spec: ModuleSpec | None = finder.find_spec(name, None)
            if spec:
                return spec
    return None
