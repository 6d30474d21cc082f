"""`text`, `json`, `base64`, `hash`, `uuid`.

https://cloud.google.com/workflows/docs/reference/stdlib/text
https://cloud.google.com/workflows/docs/reference/stdlib/json
https://cloud.google.com/workflows/docs/reference/stdlib/base64
https://cloud.google.com/workflows/docs/reference/stdlib/hash
https://cloud.google.com/workflows/docs/reference/stdlib/uuid

Regular expressions are RE2's, of which the leftmost longest match counts; here Python's leftmost one does, and what
RE2 has not (look-around, backreferences) is refused. https://github.com/google/re2/wiki/Syntax
"""

from __future__ import annotations

import base64
import binascii
import codecs
import hashlib
import hmac
import re
import uuid
import warnings
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote

from tests.emulators.gcp.workflows.failures import failure
from tests.emulators.gcp.workflows.library.function import Context, Function, binary, integer, pure, text, wrong
from tests.emulators.gcp.workflows.scopes import LIMIT
from tests.emulators.gcp.workflows.values import decoded, encoded, is_map

_NOT_RE2 = re.compile(r"\\[1-9]|\(\?(?:[=!]|<[=!]|P=|#|>|\()|[*+?}]\+")
_ALGORITHMS = {"MD5": "md5", "SHA1": "sha1", "SHA256": "sha256", "SHA384": "sha384", "SHA512": "sha512"}


def _pattern(regexp: Any) -> re.Pattern[str]:
    given = text("regexp", regexp)
    if _NOT_RE2.search(given.replace("\\\\", "")):
        raise failure("ValueError", f"invalid regular expression: {given}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", FutureWarning)
            return re.compile(given.replace(r"\z", r"\Z"))
    except (re.error, FutureWarning) as error:
        raise failure("ValueError", f"invalid regular expression: {error}") from None


def _found(source: Any, pattern: re.Pattern[str]) -> list[dict[str, Any]]:
    found = pattern.finditer(text("source", source))
    return [{"index": match.start(), "match": match[0]} for match in found]


def _find_all(source: Any, substr: Any) -> list[dict[str, Any]]:
    return _found(source, re.compile(re.escape(text("substr", substr))))


def _find_all_regex(source: Any, regexp: Any) -> list[dict[str, Any]]:
    return _found(source, _pattern(regexp))


def _match_regex(source: Any, regexp: Any) -> bool:
    return _pattern(regexp).search(text("source", source)) is not None


def _replace_all(source: Any, substr: Any, repl: Any) -> str:
    given, by, put = text("source", source), text("substr", substr), text("repl", repl)
    _short(given.count(by) * len(put))
    return given.replace(by, put)


def _replace_all_regex(source: Any, regexp: Any, repl: Any) -> str:
    """Replace; what is put in is plain text, without references to what was matched."""
    put, given, pattern = text("repl", repl), text("source", source), _pattern(regexp)
    _short(sum(1 for _ in pattern.finditer(given)) * len(put))
    return pattern.sub(lambda _: put, given)


def _short(length: int) -> None:
    """Refuse to make a string that no variable could hold."""
    if length > LIMIT:
        raise failure("ResourceLimitError", f"a string of {length} characters is too long")


def _split(source: Any, separator: Any) -> list[str]:
    given, by = text("source", source), text("separator", separator)
    return given.split(by) if by else list(given)


def _substring(source: Any, start: Any, end: Any) -> str:
    """Cut; a negative index counts from the end, and one that is out of the string is moved to its bounds."""
    return text("source", source)[integer("start", start) : integer("end", end)]


def _decode(data: Any, charset: Any) -> str:
    try:
        return binary("data", data).decode(_charset(charset))
    except UnicodeDecodeError:
        raise failure("ValueError", f"the bytes are not {charset}") from None


def _encode(given: Any, charset: Any) -> bytes:
    try:
        return text("text", given).encode(_charset(charset))
    except UnicodeEncodeError:
        raise failure("ValueError", f"the text is not {charset}") from None


def _encode_text(_context: Context, text: Any, charset: Any) -> bytes:
    return _encode(text, charset)


def _charset(name: Any) -> str:
    try:
        return codecs.lookup(text("charset", name)).name
    except LookupError:
        raise failure("ValueError", f"unsupported charset {name!r}") from None


def _url_encode(source: Any) -> str:
    return quote(text("source", source), safe="")


def _url_encode_plus(source: Any) -> str:
    return quote_plus(text("source", source), safe="")


def _url_decode(source: Any) -> str:
    return unquote(text("source", source).replace("+", " "), errors="strict")


def _json_decode(data: Any) -> Any:
    given = _decode(data, "UTF-8") if isinstance(data, bytes) else text("data", data)
    try:
        return decoded(given)
    except (ValueError, RecursionError) as error:
        raise failure("ValueError", f"invalid JSON: {error}") from None


def _json_text(data: Any, indent: Any) -> str:
    """Encode, indented where that is asked for: by `true`, or by a map with `prefix` and `indent`."""
    if indent in (None, False):
        return encoded(data)
    options: Any = {} if indent is True else indent
    if not is_map(options) or set(options) - {"prefix", "indent"}:
        raise wrong("indent", indent, "a boolean, or a map with prefix and indent")
    prefix, by = text("prefix", options.get("prefix", "")), text("indent", options.get("indent", "    "))
    return encoded(data, by).replace("\n", f"\n{prefix}")


def _json_encode(data: Any, indent: Any) -> bytes:
    return _json_text(data, indent).encode()


def _base64_encode(data: Any, padding: Any) -> str:
    told = base64.b64encode(binary("data", data)).decode()
    return told if _flag(padding) else told.rstrip("=")


def _base64_decode(data: Any, padding: Any) -> bytes:
    given = text("data", data)
    try:
        return base64.b64decode(given if _flag(padding) else given + "=" * (-len(given) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise failure("ValueError", f"invalid base64: {error}") from None


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong("padding", value, "a boolean")
    return value


def _checksum(data: Any, algorithm: Any) -> bytes:
    return hashlib.new(_algorithm(algorithm), binary("data", data)).digest()


def _hmac(key: Any, data: Any, algorithm: Any) -> bytes:
    return hmac.new(binary("key", key), binary("data", data), _algorithm(algorithm)).digest()


def _algorithm(name: Any) -> str:
    if text("algorithm", name) not in _ALGORITHMS:
        raise failure("ValueError", f"unsupported algorithm {name!r}")
    return _ALGORITHMS[name]


def _uuid() -> str:
    return str(uuid.uuid4())


def _changed(change: Callable[[str], str]) -> Function:
    def changed(source: Any) -> str:
        return change(text("source", source))

    return pure(changed, "source")


TEXTS: Mapping[str, Function] = {
    "text.find_all": pure(_find_all, "source", "substr"),
    "text.find_all_regex": pure(_find_all_regex, "source", "regexp"),
    "text.match_regex": pure(_match_regex, "source", "regexp"),
    "text.replace_all": pure(_replace_all, "source", "substr", "repl"),
    "text.replace_all_regex": pure(_replace_all_regex, "source", "regexp", "repl"),
    "text.split": pure(_split, "source", "separator"),
    "text.substring": pure(_substring, "source", "start", "end"),
    "text.to_lower": _changed(str.lower),
    "text.to_upper": _changed(str.upper),
    "text.url_encode": pure(_url_encode, "source"),
    "text.url_encode_plus": pure(_url_encode_plus, "source"),
    "text.url_decode": pure(_url_decode, "source"),
    "text.decode": pure(_decode, "data", charset="UTF-8"),
    "text.encode": Function(("text",), {"charset": "UTF-8"}, _encode_text),
    "json.decode": pure(_json_decode, "data"),
    "json.encode": pure(_json_encode, "data", indent=None),
    "json.encode_to_string": pure(_json_text, "data", indent=None),
    "base64.encode": pure(_base64_encode, "data", padding=True),
    "base64.decode": pure(_base64_decode, "data", padding=True),
    "hash.compute_checksum": pure(_checksum, "data", "algorithm"),
    "hash.compute_hmac": pure(_hmac, "key", "data", "algorithm"),
    "uuid.generate": pure(_uuid),
}
