"""What was posted to a function: headers, body, and the Flask request that the functions framework made of them."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.errors import BadEventError
from isthmus.payload import loads

CONTENT_TYPE = "CONTENT_TYPE"
"""The only header of ours that WSGI names without `HTTP_`."""


_UNREAD = object()


class Posted:
    """One request: `headers` by the names that WSGI gives them, `HTTP_CE_ID` for `ce-id`; `raw` is Flask's request."""

    __slots__ = ("_document", "body", "headers", "raw")

    def __init__(self, headers: Mapping[str, Any], body: bytes, raw: Any = None, *, document: Any = _UNREAD) -> None:
        self.headers = headers
        self.body = body
        self.raw = raw
        self._document = document

    def header(self, name: str) -> str:
        """Return a header by WSGI's name; "" where there is none."""
        value: str = self.headers.get(name, "")
        return value

    @property
    def media_type(self) -> str:
        """The media type without its parameters, in lower case; "" where nothing is said."""
        return media_type_of(self.header(CONTENT_TYPE))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was posted at all."""
        return not self.body and self._document is _UNREAD

    def document(self) -> Any:
        """Return the body parsed from JSON; `BadEventError` where it is of another type, or is no JSON."""
        if self._document is _UNREAD:
            if not is_json(self.media_type):
                raise BadEventError(f"the body is {self.media_type}, where JSON is expected (application/json)")
            self._document = parsed(self.body)
        return self._document

    def __repr__(self) -> str:
        return f"<Posted {self.media_type or 'nothing'}, {len(self.body)} bytes>"


def posted(raw: Any) -> Posted:
    """Return what a Flask request holds; `raw` may also be the JSON document of its body."""
    if type(raw) is Posted:
        return raw
    environ = getattr(raw, "environ", None)
    if environ is not None:
        return Posted(environ, raw.get_data(), raw)
    return Posted({}, b"", raw, document=raw)


def media_type_of(header: str) -> str:
    """Return the media type of a `Content-Type`, without its parameters, in lower case."""
    return header.partition(";")[0].strip().lower()


def is_json(media_type: str) -> bool:
    """Tell whether a body of this type is JSON; one that does not tell its type is taken for it."""
    return media_type in ("", "application/json", "text/json") or media_type.endswith("+json")


def parsed(body: bytes) -> Any:
    """Return the JSON of a body; `BadEventError` where it is none."""
    try:
        return loads(body)
    except (ValueError, RecursionError) as error:
        raise BadEventError(f"the body is not JSON: {error}") from error
