"""Removes what a picture tells besides itself: place, camera, comments. PNG and JPEG; anything else stays as it is."""

from __future__ import annotations

from collections.abc import Iterator

PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8"
_PNG_METADATA = {b"tEXt", b"zTXt", b"iTXt", b"eXIf", b"tIME"}
_JPEG_METADATA = {0xE1, 0xED, 0xFE}  # APP1 (Exif, XMP), APP13 (IPTC), comments
_JPEG_SCAN = 0xDA


def strip_metadata(picture: bytes) -> bytes:
    """Return `picture` without its metadata; `ValueError` where it is cut short."""
    if picture.startswith(PNG):
        return PNG + b"".join(chunk for kind, chunk in _png_chunks(picture) if kind not in _PNG_METADATA)
    if picture.startswith(JPEG):
        return JPEG + b"".join(segment for kind, segment in _jpeg_segments(picture) if kind not in _JPEG_METADATA)
    return picture


def _png_chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield (kind, whole chunk): four bytes of length, four of kind, the data, four of checksum."""
    at = len(PNG)
    while at < len(picture):
        end = at + 12 + int.from_bytes(picture[at : at + 4])
        if end > len(picture):
            raise ValueError("the PNG is cut short")
        yield picture[at + 4 : at + 8], picture[at:end]
        at = end


def _jpeg_segments(picture: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (marker, whole segment); all that follows the start of the first scan is one, up to the end."""
    at = len(JPEG)
    while at < len(picture):
        marker = picture[at + 1] if picture[at] == 0xFF and at + 4 <= len(picture) else None
        end = at + 2 + int.from_bytes(picture[at + 2 : at + 4])
        if marker is None or end > len(picture):
            raise ValueError("the JPEG is cut short")
        if marker == _JPEG_SCAN:
            yield marker, picture[at:]
            return
        yield marker, picture[at:end]
        at = end
