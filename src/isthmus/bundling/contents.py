"""The files that modules come to in a bundle: their sources, and the data of their packages."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from isthmus.bundling.modules import Module

_OF_TOOLS = (".py", ".pyc", ".pyo", ".pyi", ".typed")
"""Endings of what is no data: code has its own way into a bundle, and nobody checks types in a function."""


class Files:
    """The files of modules, for one build: the folder of a package is looked through once."""

    def __init__(self) -> None:
        self._data: dict[str, dict[str, Path]] = {}

    def of(self, modules: Iterable[Module]) -> dict[str, Path]:
        """Return the files of some modules and the data of their packages, by their names in a bundle.

        Data is what lies in a package's folder, and in its folders without Python files, besides code and hidden files.
        """
        files: dict[str, Path] = {}
        for module in modules:
            if module.file:
                files[name_of(module)] = module.file
            if module.folders:
                files |= self._of_package(module)
        return files

    def _of_package(self, module: Module) -> dict[str, Path]:
        if module.name not in self._data:
            self._data[module.name] = {
                f"{module.name.replace('.', '/')}/{name}": path
                for folder in module.folders
                for name, path in _below(Path(folder), (os.path.realpath(folder),))
            }
        return self._data[module.name]


def name_of(module: Module) -> str:
    """Return where the file of a module lies in a bundle."""
    assert module.file is not None
    parents = module.name.split(".")[: None if module.folders else -1]
    return "/".join([*parents, module.file.name])


def _below(folder: Path, above: tuple[str, ...]) -> Iterator[tuple[str, Path]]:
    """Yield the data below a folder; a link that leads back to a folder above is not followed."""
    for found in sorted(folder.iterdir()):
        if found.name.startswith(".") or found.name == "__pycache__":
            continue
        if not found.is_dir():
            if found.suffix not in _OF_TOOLS and found.is_file() and not _is_extension(found):
                yield found.name, found
            continue
        real = os.path.realpath(found)
        if real not in above and not _is_package(found):
            yield from ((f"{found.name}/{name}", path) for name, path in _below(found, (*above, real)))


def _is_extension(path: Path) -> bool:
    return path.suffix in (".so", ".pyd", ".dylib")


def _is_package(folder: Path) -> bool:
    return any(path.suffix == ".py" for path in folder.iterdir())
