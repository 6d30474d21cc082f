"""Forms with files (`multipart/form-data`, RFC 7578)."""

from __future__ import annotations

from isthmus._typing import Iterator
from isthmus.errors import BadRequestError, PayloadTooLargeError
from isthmus.http.body import decode_text, parameters
from isthmus.http.form import MAX_PARTS, Form, FormFile

MAX_PART_HEADER = 8 * 1024
"""How long the header of one part may be, in bytes."""


def read_multipart(body: bytes, boundary: str) -> Form:
    """Return the form in a multipart body; 400 where it is malformed or ends early, 413 for too many parts."""
    fields: list[tuple[str, str]] = []
    files: list[FormFile] = []
    for header, content in _parts(body, boundary):
        headers = _headers(header)
        names = _disposition(headers.get("content-disposition", ""))
        kind = headers.get("content-type", "")
        if "filename" not in names:
            fields.append((_unescaped(names["name"]), decode_text(content, kind)))
        elif names["filename"] or content:  # both are empty where a file could have been chosen, and none was
            files.append(FormFile(_unescaped(names["name"]), _base_name(names["filename"]), kind, content))
    return Form(fields, files)


def _parts(body: bytes, boundary: str) -> Iterator[tuple[bytes, bytes]]:
    """Return the (header, content) of each part."""
    if not 1 <= len(boundary) <= 70 or not boundary.isascii() or not boundary.isprintable():
        raise BadRequestError("the content-type names no boundary of 1 to 70 characters")
    # The first delimiter may open the body, each other stands on a line of its own.
    chunks = (b"\r\n" + body).split(b"\r\n--" + boundary.encode(), MAX_PARTS + 2)
    for number, chunk in enumerate(chunks[1:]):
        if chunk.startswith(b"--"):
            return
        if number == MAX_PARTS:
            raise PayloadTooLargeError(f"a form may have {MAX_PARTS:,} parts")
        header, blank_line, content = chunk.lstrip(b" \t").partition(b"\r\n\r\n")
        if not blank_line or not (header + blank_line).startswith(b"\r\n"):
            raise BadRequestError("a part of the form has no header")
        yield header, content
    raise BadRequestError("the form ends before its last boundary")


def _headers(header: bytes) -> dict[str, str]:
    if len(header) > MAX_PART_HEADER:
        raise BadRequestError(f"a part of the form has a header of more than {MAX_PART_HEADER:,} bytes")
    try:
        lines = header.decode().split("\r\n")
    except UnicodeDecodeError:
        raise BadRequestError("a part of the form has a header that is not UTF-8") from None
    pairs = (line.partition(":") for line in lines if line)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _disposition(header: str) -> dict[str, str]:
    names = parameters(header)
    if header.partition(";")[0].strip().lower() != "form-data" or "name" not in names:
        raise BadRequestError("a part of the form does not say which field it is")
    return names


def _unescaped(name: str) -> str:
    """Undo what browsers do to a name: they escape just these three."""
    return name.replace("%22", '"').replace("%0D", "\r").replace("%0A", "\n")


def _base_name(filename: str) -> str:
    name = _unescaped(filename).replace("\\", "/").rpartition("/")[2]
    return "" if name in (".", "..") else name
