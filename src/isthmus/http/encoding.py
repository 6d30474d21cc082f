"""JSON as responses hold it: compact, UTF-8, and nothing that another reader could not take."""

from __future__ import annotations

from isthmus._typing import Any, Callable
from isthmus.errors import HandlerResultError


def encode_json(value: Any) -> bytes:
    """Return `value` as JSON; `HandlerResultError` names the path and the type of what JSON cannot hold.

    Besides what `json` writes: dates and times (ISO 8601), UUID and Decimal (as text), enum members (their value),
    dataclasses, msgspec structs and pydantic models (their fields).
    """
    encode = _encoder.encode or _encoder.make()
    try:
        return encode(value).encode()
    except UnicodeEncodeError:  # half of a surrogate pair: JSON can escape it, UTF-8 cannot hold it
        import json

        return json.dumps(value, separators=(",", ":"), allow_nan=False, default=_plain).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise HandlerResultError(f"cannot be written as JSON: {_why(value, error)}") from error


def _plain(value: Any) -> Any:
    from isthmus.http.plain import plain

    return plain(value)


def _why(value: Any, error: Exception) -> str:
    from isthmus.json_faults import fault

    return fault(value, _plain) or str(error)


class _Encoder:
    """What writes a value as text, made with the first value: a start does not pay for `json`."""

    __slots__ = ("encode",)

    def __init__(self) -> None:
        self.encode: Callable[[Any], str] | None = None

    def make(self) -> Callable[[Any], str]:
        """Make it, and keep it."""
        self.encode = make_encoder()
        return self.encode


def make_encoder() -> Callable[[Any], str]:
    """Return what writes a value as text.

    `JSONEncoder.encode` builds its C encoder anew for every value, which costs more than the writing does: where the
    interpreter has one, it is kept.
    """
    import json

    whole = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_plain).encode
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    quote = json.encoder.encode_basestring
    if make is None:
        return whole
    chunks = make(None, _plain, quote, None, ":", ",", False, False, False)
    return lambda value: "".join(chunks(value, 0))


_encoder = _Encoder()
