"""Projects, installed distributions and wheels of a test, made of texts."""

from __future__ import annotations

import base64
import hashlib
import marshal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from isthmus.bundling.build import build
from isthmus.bundling.bundle import Bundle
from isthmus.bundling.cache import Cache
from isthmus.bundling.packing import LIBRARY
from isthmus.bundling.platform import Platform
from isthmus.bundling.start import Start

PLATFORM = Platform(
    entries=("isthmus.serve", "isthmus.handler", "isthmus.resource", "isthmus.linked_values"),
    provided={"supplied": "supplied"},
    left_out=("deployer",),
)
"""A runtime that has `supplied`, as a cloud's has its SDK."""

HANDLER = "def handle(event): ...\n"


class Project:
    """A project in a folder, and the bundles that are built of it."""

    def __init__(self, root: Path, cache: Cache) -> None:
        self.root = root
        self.cache = cache

    def write(self, files: Mapping[str, str | bytes]) -> None:
        for name, content in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    def build(self, *handlers: str, environment: Mapping[str, str] | None = None, **platform: Any) -> Bundle:
        """Return the bundle of one function with these handlers."""
        return self.all({"F": handlers}, environment=environment, **platform)["F"]

    def all(
        self,
        functions: Mapping[str, Sequence[str]],
        environment: Mapping[str, str] | None = None,
        cache: Cache | None = None,
        **platform: Any,
    ) -> Mapping[str, Bundle]:
        starts = {name: Start(tuple(handlers), environment or {}) for name, handlers in functions.items()}
        return build(self.root, starts, replace(PLATFORM, **platform), cache=cache or self.cache)


def names(bundle: Bundle, *, below: str = "") -> list[str]:
    """Return the names of the files of a bundle and of its library, without bytecode that has its source beside it."""
    with ZipFile(bundle.path) as archive:
        found = [name for name in archive.namelist() if name != LIBRARY]
        found += map(file_of, marshal.loads(archive.read(LIBRARY)))
    return [name for name in found if name.startswith(below) and "__pycache__" not in name]


def file_of(module: str) -> str:
    """Return the file of a module that a library names: a package's name ends in a dot."""
    return module.replace(".", "/") + ("__init__.py" if module.endswith(".") else ".py")


def content(bundle: Bundle, name: str) -> bytes:
    with ZipFile(bundle.path) as archive:
        return archive.read(name)


def wheel(
    folder: Path,
    name: str,
    files: Mapping[str, str | bytes],
    *,
    version: str = "1.0",
    tag: str = "py3-none-any",
    requires: Sequence[str] = (),
) -> Path:
    """Make a wheel."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name.replace('-', '_')}-{version}-{tag}.whl"
    with ZipFile(path, "w") as archive:
        for inner, data in _with_metadata(name, files, version, tag, requires).items():
            archive.writestr(inner, data)
    return path


def install(site: Path, name: str, files: Mapping[str, str | bytes], **options: Any) -> None:
    """Put a distribution into a folder as an installer would."""
    made = wheel(site.parent / "made", name, files, **options)
    with ZipFile(made) as archive:
        archive.extractall(site)


def _with_metadata(
    name: str, files: Mapping[str, str | bytes], version: str, tag: str, requires: Sequence[str]
) -> dict[str, bytes]:
    folder = f"{name.replace('-', '_')}-{version}.dist-info"
    required = "".join(f"Requires-Dist: {entry}\n" for entry in requires)
    extras = "".join(f"Provides-Extra: {entry.split()[-1]}\n" for entry in requires if "extra ==" in entry)
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{extras.replace(chr(34), '')}{required}"
    whole: dict[str, str | bytes] = {
        **files,
        f"{folder}/METADATA": metadata,
        f"{folder}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    encoded = {inner: data if isinstance(data, bytes) else data.encode() for inner, data in whole.items()}
    record = "".join(f"{inner},sha256={_sha256(data)},{len(data)}\n" for inner, data in encoded.items())
    return {**encoded, f"{folder}/RECORD": f"{record}{folder}/RECORD,,\n".encode()}


def _sha256(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")


def pyc(name: str) -> str:
    """Return where the bytecode of a module of the project lies in a bundle."""
    folder, _, file = name.rpartition("/")
    return f"{folder}/__pycache__/{file}.{sys.implementation.cache_tag}.pyc"
