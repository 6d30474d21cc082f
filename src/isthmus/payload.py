"""What the body of a message is on its way: bytes, and the content type that says how to read them."""

from __future__ import annotations

from isthmus._typing import Any, Callable
from isthmus.errors import InvalidValueError

BYTES = "application/octet-stream"
TEXT = "text/plain; charset=utf-8"
JSON = "application/json"


def encode(body: Any) -> tuple[bytes, str]:
    """Return `body` (bytes, str, or what JSON can say) as bytes and their content type.

    `InvalidValueError` names the path to what JSON cannot say: `$.lines[2].price is a Decimal`. Tuples become lists,
    and keys that are numbers become text, as in `json.dumps`.
    """
    if isinstance(body, bytes):
        return body, BYTES
    if isinstance(body, str):
        return _utf8(body), TEXT
    if isinstance(body, bytearray):
        return bytes(body), BYTES
    return dumps(body), JSON


def dumps(value: Any) -> bytes:
    """Return `value` as compact JSON in UTF-8; `InvalidValueError` where it is not JSON."""
    import json

    try:
        return json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as error:
        from isthmus.json_faults import fault

        raise InvalidValueError(fault(value) or f"the body is not JSON: {error}") from error


def loads(body: bytes) -> Any:
    """Return the JSON of a body in any encoding that `json.loads` knows; `ValueError` where it is none."""
    try:
        return loads_text(str(body, "utf-8"))
    except ValueError:
        import json

        return json.loads(body)  # which looks for other encodings


def loads_text(text: str) -> Any:
    """Return the JSON of a text; `ValueError` where it is none."""
    scan = _scanner.scan or _scanner.make()
    try:
        value, end = scan(text, 0)
        if end == len(text):
            return value
    except (StopIteration, ValueError):
        pass
    import json

    return json.loads(text)  # which also takes white space around, and says what is wrong


class _Scanner:
    """What reads a text that begins with JSON, made with the first: a start does not pay for `json`.

    `json.loads` looks for an encoding and for white space besides, which takes longer than a small body itself.
    """

    __slots__ = ("scan",)

    def __init__(self) -> None:
        self.scan: Callable[[str, int], tuple[Any, int]] | None = None

    def make(self) -> Callable[[str, int], tuple[Any, int]]:
        """Make it, and keep it."""
        from json import JSONDecoder

        decoder: Any = JSONDecoder()  # whose type does not tell of this one
        scan: Callable[[str, int], tuple[Any, int]] = decoder.scan_once
        self.scan = scan
        return scan


_scanner = _Scanner()


def _utf8(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise InvalidValueError(
            f"the body is a str with half of a surrogate pair, which is no text: {error}"
        ) from error
