"""Removing metadata from pictures, on pictures made here chunk by chunk."""

from __future__ import annotations

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.pictures import JPEG, PNG, strip_metadata


def chunk(kind: bytes, data: bytes = b"") -> bytes:
    return len(data).to_bytes(4) + kind + data + zlib.crc32(kind + data).to_bytes(4)


def segment(marker: int, data: bytes = b"") -> bytes:
    return bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2) + data


HEADER, DATA, END = chunk(b"IHDR", b"\0" * 13), chunk(b"IDAT", b"pixels"), chunk(b"IEND")
FRAME, SCAN = segment(0xC0, b"frame"), segment(0xDA, b"scan") + b"entropy \xff\x00 coded" + b"\xff\xd9"


def test_a_png_loses_its_texts_and_keeps_its_pixels() -> None:
    picture = PNG + HEADER + chunk(b"tEXt", b"Author\0Ada") + chunk(b"eXIf", b"place") + DATA + END

    assert strip_metadata(picture) == PNG + HEADER + DATA + END


def test_a_jpeg_loses_its_exif_and_comments_and_keeps_its_scan() -> None:
    picture = JPEG + segment(0xE1, b"Exif\0place") + segment(0xFE, b"a comment") + FRAME + SCAN

    assert strip_metadata(picture) == JPEG + FRAME + SCAN


@pytest.mark.parametrize("body", [b"", b"GIF89a...", b"not really a picture"])
def test_what_is_neither_stays_as_it_is(body: bytes) -> None:
    assert strip_metadata(body) == body


@pytest.mark.parametrize(
    "picture",
    [
        PNG + HEADER[:-1],
        PNG + b"\xff\xff\xff\xffIDAT",
        PNG + b"\0",
        JPEG + segment(0xE1, b"Exif")[:-1],
        JPEG + b"no marker",
        JPEG + b"\xff",
        JPEG + b"\xff\xe0\x00\x00",
    ],
)
def test_a_picture_that_is_cut_short_is_refused(picture: bytes) -> None:
    with pytest.raises(ValueError, match="cut short"):
        strip_metadata(picture)


@given(start=st.sampled_from([PNG, JPEG]), rest=st.binary(max_size=200))
def test_whatever_the_bytes_it_ends_and_adds_nothing(start: bytes, rest: bytes) -> None:
    picture = start + rest
    try:
        stripped = strip_metadata(picture)
    except ValueError:
        return

    assert len(stripped) <= len(picture)
    assert strip_metadata(stripped) == stripped
