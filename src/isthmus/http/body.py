"""The body of a request as text and as JSON; whatever is wrong with it is told as 400 or 415, never more."""

from __future__ import annotations

from isthmus._typing import Any, NoReturn
from isthmus.errors import BadRequestError, UnsupportedMediaTypeError

CHARSETS = (
    "utf-8",
    "utf8",
    "us-ascii",
    "ascii",
    "iso-8859-",
    "latin",
    "windows-125",
    "utf-16",
    "shift_jis",
    "euc-",
    "gb",
)
"""What a body's charset may start with: text, and nothing of Python's own (`idna`, `unicode_escape`, `zlib`)."""


def read_json(body: bytes | str, content_type: str) -> Any:
    """Return the JSON of a body, which may be text already; raises `UnsupportedMediaTypeError` or `BadRequestError`."""
    is_usual = content_type == "application/json"  # and needs no closer look
    if not is_usual:
        _check_json_type(content_type)
    if not body:
        raise BadRequestError("the body is empty, and JSON was expected")
    try:
        text = body if isinstance(body, str) else str(body, "utf-8") if is_usual else decode_text(body, content_type)
        value = _decode(text, _decoder.kept or _decoder.make())
        if "\\u" in text and ("\\ud" in text or "\\uD" in text):
            _check_surrogates(value)
    except BadRequestError:
        raise
    except (ValueError, RecursionError) as error:
        raise BadRequestError(f"not JSON: {_why(error)}") from error
    return value


def _why(error: ValueError | RecursionError) -> str:
    from json import JSONDecodeError

    if isinstance(error, JSONDecodeError):
        return f"{error.msg} at line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return f"{error.reason} in UTF-8 at byte {error.start}"
    if isinstance(error, UnicodeEncodeError):
        return "half of a surrogate pair is no text"
    return "nested too deeply" if isinstance(error, RecursionError) else "a number has too many digits"


def _check_json_type(content_type: str) -> None:
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type != "application/json" and not (
        media_type.startswith("application/") and media_type.endswith("+json")
    ):
        said = f"is {media_type[:100]!r}" if media_type else "is missing"
        raise UnsupportedMediaTypeError(f"the content-type {said}; application/json was expected")


def decode_text(body: bytes, content_type: str) -> str:
    """Return the text of a body in the charset that its content type names, or UTF-8."""
    charset = parameters(content_type).get("charset", "utf-8").lower()
    if not charset.startswith(CHARSETS):
        raise UnsupportedMediaTypeError(f"the charset {charset[:100]!r} is not read here; use utf-8")
    try:
        return body.decode(charset)
    except LookupError:
        raise UnsupportedMediaTypeError(f"the charset {charset[:100]!r} is not known; use utf-8") from None
    except UnicodeDecodeError as error:
        raise BadRequestError(f"the body is not {charset}: {error.reason} at byte {error.start}") from error


def parameters(header: str) -> dict[str, str]:
    """Return the parameters of a header such as `text/plain; charset="utf-8"`: names in lower case, values unquoted."""
    found: dict[str, str] = {}
    rest = header.partition(";")[2]
    while rest:
        name, _, rest = rest.partition("=")
        name = name.rpartition(";")[2].strip().lower()
        value, rest = _value(rest.lstrip())
        if name:
            found.setdefault(name, value)
    return found


def _value(text: str) -> tuple[str, str]:
    if not text.startswith('"'):
        value, _, rest = text.partition(";")
        return value.strip(), rest
    characters: list[str] = []
    position = 1
    while position < len(text) and text[position] != '"':
        if text[position] == "\\" and text[position + 1 : position + 2] in ('"', "\\"):  # browsers leave others alone
            position += 1
        characters.append(text[position : position + 1])
        position += 1
    return "".join(characters), text[position + 1 :].partition(";")[2]


def _refuse_constant(name: str) -> NoReturn:
    raise BadRequestError(f"not JSON: {name} is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise BadRequestError(f"not JSON: the number {digits[:40]} is too large")
    return number


class _Decoder:
    """What reads a text, made with the first text: a start does not pay for `json`."""

    __slots__ = ("kept",)

    def __init__(self) -> None:
        self.kept: Any = None

    def make(self) -> Any:
        """Make it, and keep it."""
        from json import JSONDecoder

        self.kept = JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite)
        return self.kept


_decoder = _Decoder()


def _check_surrogates(value: Any) -> None:
    """Let half of a surrogate pair fail here: it is no text, and would fail later, wherever it is written."""
    from json import dumps

    dumps(value, ensure_ascii=False).encode()


def _decode(text: str, decoder: Any) -> Any:
    # What `decode` does besides is to look for white space around, at the price of a small body's parsing.
    try:
        value, end = decoder.scan_once(text, 0)
    except StopIteration:  # what comes first is no JSON
        return decoder.decode(text.removeprefix("\ufeff"))
    return value if end == len(text) or not text[end:].strip(" \t\r\n") else decoder.decode(text)
