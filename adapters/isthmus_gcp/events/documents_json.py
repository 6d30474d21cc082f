"""Documents in JSON: `DocumentEventData` by protobuf's mapping, as events of the first generation hold it.

https://protobuf.dev/programming-guides/json/
"""

from __future__ import annotations

from isthmus._typing import Any, Callable, Mapping
from isthmus.errors import BadEventError
from isthmus_gcp.documents import nested
from isthmus_gcp.events.documents import DEPTH_LIMIT, Document
from isthmus_gcp.events.instant import epoch
from isthmus_gcp.events.shape import is_list, is_object, text


def images(data: Any) -> tuple[Document | None, Document | None]:
    """Return the document as it was and as it is; None where there was, or is, none."""
    if not is_object(data):
        raise BadEventError("the data of an event of Firestore is an object")
    return _document(data.get("oldValue")), _document(data.get("value"))


def _document(data: Any) -> Document | None:
    """Return a document; in events of the first generation an empty one stands for none."""
    if data is None or (is_object(data) and not data.get("name")):
        return None
    stored = {name: _value(value, 0) for name, value in _members(data.get("fields")).items()}
    updated = data.get("updateTime")
    return Document(text(data["name"]), stored, round(epoch(text(updated)) * 1_000_000) if updated else 0)


def _members(data: Any) -> Mapping[str, Any]:
    if data is None:
        return {}
    if not is_object(data):
        raise BadEventError("the fields of a document are an object")
    members: Mapping[str, Any] = data
    return members


def _value(data: Any, depth: int) -> Any:
    if depth > DEPTH_LIMIT:
        raise BadEventError(f"a value is nested deeper than {DEPTH_LIMIT} levels")
    ((kind, value),) = _members(data).items()
    if kind not in _READERS:
        raise BadEventError(f"{kind!r:.80} is no kind of value")
    return _READERS[kind](value, depth)


def _map(data: Any, depth: int) -> Any:
    return nested({name: _value(value, depth + 1) for name, value in _members(_members(data).get("fields")).items()})


def _array(data: Any, depth: int) -> list[Any]:
    entries: Any = _members(data).get("values", [])
    if not is_list(entries):
        raise BadEventError("the values of an array are a list")
    return [_value(entry, depth + 1) for entry in entries]


def _bytes(data: Any, _depth: int) -> bytes:
    from binascii import a2b_base64

    plain = text(data).replace("-", "+").replace("_", "/")
    return a2b_base64(plain + "=" * (-len(plain) % 4), strict_mode=True)


def _boolean(data: Any, _depth: int) -> bool:
    if type(data) is not bool:
        raise BadEventError(f"{data!r:.80} is neither true nor false")
    return data


def _integer(data: Any, _depth: int) -> int:
    if type(data) in (str, int):
        return int(data)
    raise BadEventError(f"{data!r:.80} is no whole number")


def _double(data: Any, _depth: int) -> float:
    if type(data) in (str, int, float):
        return float(data)
    raise BadEventError(f"{data!r:.80} is no number")


def _place(data: Any, _depth: int) -> dict[str, float]:
    members = _members(data)
    return {name: _double(members.get(name, 0.0), 0) for name in ("latitude", "longitude")}


_READERS: Mapping[str, Callable[[Any, int], Any]] = {
    "nullValue": lambda _value, _depth: None,
    "booleanValue": _boolean,
    "integerValue": _integer,
    "doubleValue": _double,
    "timestampValue": lambda value, _depth: epoch(text(value)),
    "stringValue": lambda value, _depth: text(value),
    "bytesValue": _bytes,
    "referenceValue": lambda value, _depth: text(value),
    "geoPointValue": _place,
    "arrayValue": _array,
    "mapValue": _map,
}
"""Kind of value to what reads it."""
