"""CloudEvents 1.0 over HTTP, by the specification: in binary mode (headers and a body) or structured (one JSON object).

https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md and
https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
"""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.errors import BadEventError
from isthmus.payload import loads
from isthmus_gcp.events.posted import Posted, is_json, media_type_of
from isthmus_gcp.events.shape import is_object

STRUCTURED = "application/cloudevents+json"
"""The media type of the structured mode."""

BATCHED = "application/cloudevents-batch+json"
"""The media type of several events at once, which no service of Google sends."""

PREFIX = "HTTP_CE_"
"""How the headers of the binary mode begin, as WSGI names them."""

_VERSION = "1.0"
_REQUIRED = ("id", "source", "type")
_DATA = ("data", "data_base64")
_CONTENT_TYPE = "datacontenttype"


class CloudEvent:
    """One event: `attributes` are the context attributes by name, extensions among them, each as text.

    `data` is bytes (binary mode, or `data_base64`), or what a structured event's JSON holds; `json` reads either.
    `id`, `source` and `type` are never empty; `subject` and `time` are "" where nothing is said.
    """

    __slots__ = ("attributes", "data", "id", "raw", "source", "type")

    def __init__(self, attributes: Mapping[str, str], data: Any, raw: Any = None) -> None:
        self.attributes = attributes
        self.data = data
        self.id = attributes["id"]
        self.source = attributes["source"]
        self.type = attributes["type"]
        self.raw = raw

    @property
    def subject(self) -> str:
        """What of the source the event is about."""
        return self.attributes.get("subject", "")

    @property
    def time(self) -> str:
        """When it happened, by RFC 3339."""
        return self.attributes.get("time", "")

    @property
    def media_type(self) -> str:
        """The media type of the data, without parameters; "" where nothing is said."""
        return media_type_of(self.attributes.get(_CONTENT_TYPE, ""))

    def json(self) -> Any:
        """Return the data as JSON; `BadEventError` where it is of another type, or is none."""
        if not is_json(self.media_type):
            raise BadEventError(f"the data of event {self.id} is {self.media_type}, where JSON is expected")
        if type(self.data) is not bytes:
            return self.data
        try:
            return loads(self.data)
        except (ValueError, RecursionError) as error:
            raise BadEventError(f"the data of event {self.id} is not JSON: {error}") from error

    def document(self) -> dict[str, Any]:
        """Return the event as the JSON object of the structured mode."""
        if type(self.data) is not bytes:
            return {**self.attributes, **({} if self.data is None else {"data": self.data})}
        if self.media_type and is_json(self.media_type):
            return {**self.attributes, "data": self.json()}
        from binascii import b2a_base64

        return {**self.attributes, "data_base64": b2a_base64(self.data, newline=False).decode()}

    def __repr__(self) -> str:
        return f"<CloudEvent {self.type} {self.id}>"


def is_cloud_event(request: Posted) -> bool:
    """Tell whether a request is a CloudEvent, or half of one."""
    headers = request.headers
    if "HTTP_CE_SPECVERSION" in headers or "HTTP_CE_TYPE" in headers or "HTTP_CE_ID" in headers:
        return True
    return request.header("CONTENT_TYPE").lstrip()[:23].lower() == "application/cloudevents" or (
        "HTTP_CE_SOURCE" in headers
    )


def cloud_event(request: Posted) -> CloudEvent:
    """Return the event of a request; `BadEventError` says what of it is missing or wrong."""
    media_type = request.media_type
    if media_type.startswith("application/cloudevents"):
        if media_type != STRUCTURED:
            raise BadEventError(f"a CloudEvent comes as {STRUCTURED} or in binary mode, not as {media_type}")
        return structured(request.document(), request.raw)
    return _binary(request)


def structured(document: Any, raw: Any = None) -> CloudEvent:
    """Return the event of the structured mode's JSON object."""
    if not is_object(document):
        raise BadEventError(f"a CloudEvent is an object, not {type(document).__name__}")
    attributes: dict[str, str] = {}
    for name, value in document.items():
        if type(value) is str:
            attributes[name] = value
        elif name not in _DATA and value is not None:
            attributes[name] = _text(name, value)
    _check(attributes)
    if "data_base64" not in document:
        attributes.pop("data", None)
        return CloudEvent(attributes, document.get("data"), raw)
    if "data" in document:
        raise BadEventError("a CloudEvent has data or data_base64, not both")
    return CloudEvent(attributes, _bytes(attributes.pop("data_base64", None)), raw)


def of_attributes(attributes: Mapping[str, str], data: bytes, raw: Any = None) -> CloudEvent:
    """Return the event of context attributes that travelled beside its data."""
    _check(attributes)
    return CloudEvent(attributes, data, raw)


def _binary(request: Posted) -> CloudEvent:
    attributes: dict[str, str] = {}
    for name, value in request.headers.items():
        if name[:8] == PREFIX:
            attributes[name[8:].lower()] = value if "%" not in value and '"' not in value else _decoded(value)
    content_type = request.header("CONTENT_TYPE")
    if content_type:
        attributes[_CONTENT_TYPE] = content_type
    _check(attributes)
    return CloudEvent(attributes, request.body, request.raw)


def _check(attributes: Mapping[str, str]) -> None:
    """Refuse half a CloudEvent: every attribute that is required is there, and is not empty."""
    if attributes.get("specversion") != _VERSION:
        told = attributes.get("specversion")
        raise BadEventError(f"a CloudEvent has the specversion {_VERSION!r}, not {told!r:.80}")
    if not (attributes.get("id") and attributes.get("source") and attributes.get("type")):
        missing = [name for name in _REQUIRED if not attributes.get(name)]
        raise BadEventError(f"a CloudEvent needs {', '.join(missing)}")


def _text(name: str, value: Any) -> str:
    """Return the text of an attribute that is a JSON boolean or a whole number."""
    if type(value) is bool:
        return "true" if value else "false"
    if type(value) is int:
        return str(value)
    raise BadEventError(f"the attribute {name!r:.80} of a CloudEvent is text, a boolean or a whole number")


def _bytes(encoded: str | None) -> bytes:
    from binascii import Error, a2b_base64

    if encoded is None:
        raise BadEventError("the data_base64 of a CloudEvent is no text")
    try:
        return a2b_base64(encoded, strict_mode=True)
    except (Error, ValueError) as error:
        raise BadEventError(f"the data_base64 of a CloudEvent is not base64: {error}") from error


def _decoded(value: str) -> str:
    """Return a header's value as it was: section 3.1.3.2 of the binding has quotes and percent-encoding."""
    from urllib.parse import unquote_to_bytes

    if len(value) > 1 and value[0] == value[-1] == '"':
        import re

        value = re.sub(r"\\(.)", r"\1", value[1:-1])
    try:
        return unquote_to_bytes(value.encode("latin-1")).decode()
    except UnicodeError as error:
        raise BadEventError(f"a header of a CloudEvent is not UTF-8: {error}") from error
