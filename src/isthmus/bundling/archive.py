"""Zips whose bytes depend on their contents alone, and whose files are deflated once for however many zips.

The standard library's `zipfile` reads them, but takes no bytes that are deflated already: so they are written here,
after https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.
"""

from __future__ import annotations

import mmap
import struct
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, NamedTuple
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_VERSION = 20
_UNIX = 3 << 8
_UTF8 = 0x800
_MIDNIGHT, _FIRST_DAY = 0, (1 << 5) | 1
"""1980-01-01 00:00, the first moment that a zip can tell: what is packed has no time of its own."""

_MODE = 0o100644 << 16
"""Every file can be read by everybody, as the function's user is not the owner."""

_MOST = 0xFFFF
"""The most files of a zip without the 64-bit extension."""


class Entry(NamedTuple):
    """A file of a zip: its name, the checksum and the number of its bytes, and these bytes as they are packed."""

    name: str
    crc: int
    size: int
    method: int
    data: bytes | memoryview


def entry(name: str, data: bytes, *, level: int = 9) -> Entry:
    """Return `data`, deflated where that makes it smaller."""
    packer = zlib.compressobj(level, zlib.DEFLATED, -zlib.MAX_WBITS, 9)
    packed = packer.compress(data) + packer.flush()
    if len(packed) < len(data):
        return Entry(name, zlib.crc32(data), len(data), ZIP_DEFLATED, packed)
    return Entry(name, zlib.crc32(data), len(data), ZIP_STORED, data)


def write(entries: Iterable[Entry], file: BinaryIO) -> None:
    """Write a zip of the entries, in the order of their names."""
    directory: list[bytes] = []
    at = 0
    for one in sorted(entries):
        name = one.name.encode()
        flags = 0 if one.name.isascii() else _UTF8
        facts = (flags, one.method, _MIDNIGHT, _FIRST_DAY, one.crc, len(one.data), one.size, len(name), 0)
        file.write(_LOCAL.pack(b"PK\3\4", _VERSION, *facts) + name)
        file.write(one.data)
        directory.append(_CENTRAL.pack(b"PK\1\2", _UNIX | _VERSION, _VERSION, *facts, 0, 0, 0, _MODE, at) + name)
        at += _LOCAL.size + len(name) + len(one.data)
    if len(directory) > _MOST:
        raise ValueError(f"{len(directory):,} files are more than the {_MOST:,} that a zip can hold")
    listing = b"".join(directory)
    file.write(listing + _END.pack(b"PK\5\6", 0, 0, len(directory), len(directory), len(listing), at, 0))


def read(path: Path) -> list[Entry]:
    """Return the entries of a zip that `write` has written; their bytes stay in the file until they are asked for."""
    with ZipFile(path) as archive, path.open("rb") as file:
        infos = archive.infolist()
        if not infos:
            return []
        view = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    return [_of_info(info, view) for info in infos]


def _of_info(info: ZipInfo, view: memoryview) -> Entry:
    start = info.header_offset + _LOCAL.size + len(info.filename.encode())
    return Entry(info.filename, info.CRC, info.file_size, info.compress_type, view[start : start + info.compress_size])
