"""Sources of functions, unpacked: each folder of any number of zips once, and each of its files once on the disk."""

from __future__ import annotations

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from io import BytesIO
from pathlib import Path


class Bundles:
    """A folder of unpacked sources, gone when it is closed.

    Functions have most libraries in common, and hundreds of sources of thousands of files take their time to be made
    and to be removed: a folder at the root of a source is a link to the one that all of its kind share.
    """

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="isthmus-bundles-"))
        (self.folder / "files").mkdir()

    def unpacked(self, data: bytes) -> Path:
        """Return the folder that has what is in a zip."""
        folder = self.folder / sha256(data).hexdigest()[:24]
        if not folder.exists():
            made = Path(tempfile.mkdtemp(dir=self.folder))
            with zipfile.ZipFile(BytesIO(data)) as archive:
                for root, inside in _by_root(archive).items():
                    if root:
                        (made / root).symlink_to(self._tree(archive, root, inside), target_is_directory=True)
                    else:
                        self._fill(made, archive, inside)
            _rename(made, folder)
        return folder

    def close(self) -> None:
        """Remove all of it."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _tree(self, archive: zipfile.ZipFile, root: str, inside: Iterable[zipfile.ZipInfo]) -> Path:
        """Return the folder of what a zip has in one, made when it is first needed."""
        told = sorted(map(_identity, inside))
        folder = self.folder / f"tree-{sha256(repr(told).encode()).hexdigest()[:24]}"
        if not folder.exists():
            made = Path(tempfile.mkdtemp(dir=self.folder))
            self._fill(made, archive, inside)
            _rename(made, folder)
        return folder / root

    def _fill(self, made: Path, archive: zipfile.ZipFile, inside: Iterable[zipfile.ZipInfo]) -> None:
        for info in inside:
            self._place(archive, info, _within(made, info.filename))

    def _place(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, where: Path) -> None:
        """Put a file in its place: a link to one of the same contents, where there is any."""
        known = self.folder / "files" / sha256(repr(_identity(info)).encode()).hexdigest()
        if not known.exists():
            part = known.with_name(f"{known.name}-{os.urandom(4).hex()}")
            part.write_bytes(archive.read(info))
            with suppress(FileExistsError):  # another thread was first; what it has made may be linked to right now,
                os.link(part, known)  # and Linux refuses links to a file that is just being replaced
            part.unlink()
        where.parent.mkdir(parents=True, exist_ok=True)
        os.link(known, where)


def _by_root(archive: zipfile.ZipFile) -> dict[str, list[zipfile.ZipInfo]]:
    """Return the files of a zip by the folder at its root that they are in; "" for the root itself."""
    found: dict[str, list[zipfile.ZipInfo]] = {}
    for info in archive.infolist():
        root, slash, _ = info.filename.partition("/")
        if not info.is_dir():
            found.setdefault(root if slash else "", []).append(info)
    return found


def _identity(info: zipfile.ZipInfo) -> tuple[str, int, int]:
    """Return what tells a file, contents and all, without unpacking it."""
    return info.filename, info.CRC, info.file_size


def _rename(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
    except OSError:  # another thread was first
        shutil.rmtree(made, ignore_errors=True)


def _within(folder: Path, name: str) -> Path:
    place = (folder / name).resolve()
    if not place.is_relative_to(folder.resolve()):
        raise ValueError(f"the zip has a file outside of its folder: {name}")
    return place
