"""A form that a browser sent: fields, and files."""

from __future__ import annotations

from isthmus.errors import BadRequestError, PayloadTooLargeError, UnsupportedMediaTypeError
from isthmus.http.body import parameters
from isthmus.http.multi import MultiDict

MAX_PARTS = 1000
"""How many fields and files one form may have."""


class FormFile:
    """An uploaded file: the `name` of its field, the `filename` the browser gave (without its folders), the `body`."""

    __slots__ = ("body", "content_type", "filename", "name")

    def __init__(self, name: str, filename: str, content_type: str, body: bytes) -> None:
        self.name = name
        self.filename = filename
        self.content_type = content_type
        self.body = body

    def __repr__(self) -> str:
        return f"<FormFile {self.name} {self.filename!r}, {len(self.body)} bytes>"


class Form(MultiDict):
    """The text fields by name, as in a query; `files` in order, and `file(name)` the first of a field."""

    __slots__ = ("files",)

    def __init__(self, fields: list[tuple[str, str]], files: list[FormFile]) -> None:
        super().__init__(fields)
        self.files = files

    def file(self, name: str) -> FormFile | None:
        """Return the first file of the field `name`; None where none was sent."""
        return next((file for file in self.files if file.name == name), None)


def read_form(body: bytes, content_type: str) -> Form:
    """Return the form in a body; 415 for another content type, 400 for what is malformed, 413 for too many parts."""
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type == "application/x-www-form-urlencoded":
        return _urlencoded(body)
    if media_type == "multipart/form-data":
        from isthmus.http.multipart import read_multipart

        return read_multipart(body, parameters(content_type).get("boundary", ""))
    said = f"is {media_type[:100]!r}" if media_type else "is missing"
    raise UnsupportedMediaTypeError(f"the content-type {said}; a form was expected")


def _urlencoded(body: bytes) -> Form:
    from isthmus.http.query import parse_query

    if body.count(b"&") >= MAX_PARTS:
        raise PayloadTooLargeError(f"a form may have {MAX_PARTS:,} fields")
    try:
        return Form(parse_query(body.decode()), [])
    except UnicodeDecodeError as error:
        raise BadRequestError(f"the form is not UTF-8: {error.reason} at byte {error.start}") from error
