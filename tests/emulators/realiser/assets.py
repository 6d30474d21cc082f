"""Files that a program hands over, as plain data that survives where Pulumi's own asset types do not.

An engine elides the contents of assets in Diff, Read and Delete, and the SDK then refuses to read them. So an asset
becomes `{"$path" | "$text" | "$files": …, "sha256": …}` as soon as it arrives; the digest is what is compared.
"""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pulumi

DIGEST = "sha256"

_EPOCH = (1980, 1, 1, 0, 0, 0)


def portable(asset: Any, base: Path) -> dict[str, Any]:
    """Return an asset as plain data; paths are seen from `base`, the folder that the program runs in."""
    if isinstance(asset, pulumi.AssetArchive):
        plain: dict[str, Any] = {"$files": {name: portable(inner, base) for name, inner in asset.assets.items()}}
    elif isinstance(asset, pulumi.FileArchive | pulumi.FileAsset):
        plain = {"$path": str((base / asset.path).absolute())}
    elif isinstance(asset, pulumi.StringAsset):
        plain = {"$text": asset.text}
    else:
        raise TypeError(f"an asset of the type {type(asset).__name__} cannot be taken")
    return {**plain, DIGEST: _digest(plain)}


def is_asset(value: Any) -> bool:
    """Whether a plain value is an asset."""
    return isinstance(value, Mapping) and DIGEST in value and any(key in value for key in ("$files", "$path", "$text"))


def zipped(asset: Mapping[str, Any]) -> bytes:
    """Return an archive as the bytes of a zip; one that is a zip already comes as it is."""
    path = asset.get("$path")
    if path and zipfile.is_zipfile(path):
        return Path(path).read_bytes()
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in sorted(contents(asset).items()):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), data)
    return buffer.getvalue()


def contents(asset: Mapping[str, Any], at: str = "") -> dict[str, bytes]:
    """Return the files of an asset by name; a folder or a zip is taken apart."""
    if "$files" in asset:
        inner = [contents(part, os.path.normpath(os.path.join(at, name))) for name, part in asset["$files"].items()]
        return {name: data for part in inner for name, data in part.items()}
    if "$text" in asset:
        return {at: asset["$text"].encode()}
    return _of_path(Path(asset["$path"]), at)


def _of_path(path: Path, at: str) -> dict[str, bytes]:
    if path.is_dir():
        files = (file for file in sorted(path.rglob("*")) if file.is_file() and "__pycache__" not in file.parts)
        return {os.path.normpath(os.path.join(at, file.relative_to(path))): file.read_bytes() for file in files}
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            names = [name for name in archive.namelist() if not name.endswith("/")]
            return {os.path.normpath(os.path.join(at, name)): archive.read(name) for name in names}
    return {at: path.read_bytes()}


def _digest(plain: Mapping[str, Any]) -> str:
    path = plain.get("$path")
    if path and Path(path).is_file():
        return sha256(Path(path).read_bytes()).hexdigest()
    digest = sha256()
    for name, data in sorted(contents(plain).items()):
        digest.update(f"{name}\0{len(data)}\0".encode() + data)
    return digest.hexdigest()
