"""The functions that the States Language adds to JSONata, and those of the library that could take for ever."""

from __future__ import annotations

import hashlib
import json
import math
import random as dice
import uuid as identifiers
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from isthmus.shapes import is_list, is_mapping
from isthmus.workflows.jsonata import library
from isthmus.workflows.jsonata.limits import TEXT, TooMuchError, check_size

ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}
"""What `$hash` knows, and what the standard library calls it."""

FORBIDDEN = ("eval",)
"""Functions of JSONata that a state machine may not use."""


@cache
def frame() -> Any:
    """Return the names that every expression sees: the library's functions, with ours before them."""
    jsonata = library.jsonata()
    own = jsonata.Frame(jsonata.static_frame)
    for name, (signature, call) in _FUNCTIONS.items():
        own.bind(name, _function(jsonata, name, signature, call))
    return own


def _function(jsonata: Any, name: str, signature: str, call: Callable[..., Any]) -> Any:
    function = jsonata.JFunction(jsonata.JLambda(call), signature)
    count = call.__code__.co_argcount
    function.function_name = name
    function.get_number_of_args = lambda: count  # the library asks where a function is applied in part
    return function


def partition(array: list[Any] | None, size: float | None = None) -> list[Any] | None:
    """Cut an array into arrays of `size` entries; the last one may be shorter."""
    if array is None or size is None:
        return None
    step = math.floor(size + 0.5)
    if step < 1:
        raise ValueError("$partition: the size must be a positive number")
    entries = list(array)
    return [entries[start : start + step] for start in range(0, len(entries), step)]


def arithmetic_range(first: float | None, last: float | None = None, step: float | None = None) -> list[Any] | None:
    """Return the numbers from `first` to `last`, both inclusive where the step fits."""
    if first is None or last is None or step is None:
        return None
    if not all(float(number).is_integer() for number in (first, last, step)):
        raise ValueError("$range takes integers")
    if step == 0:
        raise ValueError("$range: the step must not be 0")
    numbers = range(int(first), int(last) + (1 if step > 0 else -1), int(step))
    check_size(numbers)
    return list(numbers)


def digest(text: str | None, algorithm: str | None = None) -> str | None:
    """Return a hash in hexadecimal digits."""
    if text is None or algorithm is None:
        return None
    if algorithm not in ALGORITHMS:
        raise ValueError(f"$hash knows {', '.join(ALGORITHMS)}")
    return hashlib.new(ALGORITHMS[algorithm], text.encode(), usedforsecurity=False).hexdigest()


def random(seed: float | None = None) -> float:
    """Return a number from 0 up to 1, the same one for the same seed."""
    return dice.random() if seed is None else dice.Random(seed).random()


def uuid() -> str:
    """Return a random UUID."""
    return str(identifiers.uuid4())


def parse(text: str | None = None) -> Any:
    """Return what a text of JSON says."""
    return None if text is None else with_nulls(json.loads(text, parse_constant=_refused))


def pad(text: str | None = None, width: float | None = None, fill: str | None = None) -> str | None:
    """Pad a text to a width, on the left where that is negative."""
    if width is not None and abs(width) > TEXT:
        raise TooMuchError(f"$pad to {int(abs(width)):,} characters")
    return _text(library.functions().pad(text, width, fill))


def join(texts: list[str] | None, separator: str | None = None) -> str | None:
    """Join texts, with the separator between them."""
    if texts is None:
        return None
    if sum(map(len, texts)) + len(separator or "") * len(texts) > TEXT:
        raise TooMuchError("the text that $join makes")
    return (separator or "").join(texts)


def replace(
    text: str | None = None, pattern: Any = None, replacement: Any = None, limit: float | None = None
) -> str | None:
    """Replace what a pattern matches, by a text (`$0`, `$1`, …) or by what a function makes of each match."""
    if text is None:
        return None
    if pattern == "":
        raise library.failure("D3010", "")
    if limit is not None and limit < 0:
        raise library.failure("D3011", limit)
    parts: list[str] = []
    position = size = 0
    for count, (start, end, groups) in enumerate(_matches(text, pattern)):
        if limit is not None and count >= limit:
            break
        parts += (text[position:start], _replaced(replacement, groups))
        position = end
        size += len(parts[-1])
        if size > TEXT:
            raise TooMuchError("the text that $replace makes")
    return "".join((*parts, text[position:]))


def distinct(array: Any = None) -> Any:
    """Return an array without the values that came before."""
    if not is_list(array):
        return array
    seen: dict[str, Any] = {}
    for entry in array:
        seen.setdefault(_identity(entry), entry)
    return library.utils().create_sequence_from_iter(seen.values())


def spread(value: Any = None) -> Any:
    """Return an object for each member of an object, or of each object of an array."""
    if is_mapping(value):
        return library.utils().create_sequence_from_iter({key: held} for key, held in value.items())
    if not is_list(value):
        return value
    found: list[Any] = []
    for entry in value:
        inner = spread(entry)
        found += inner if is_list(inner) else [inner]
    return library.utils().create_sequence_from_iter(found)


def to_millis(text: str | None = None, picture: str | None = None) -> Any:
    """Return a time in milliseconds since 1970: one of ISO 8601, or of the form that a picture shows."""
    if text is None or picture is None:
        return library.functions().datetime_to_millis(text, None)
    return library.time_parser()(text, picture)


def forbidden(*_arguments: Any) -> Any:
    """Refuse what a state machine may not use."""
    raise ValueError("$eval is not supported here; $parse reads JSON")


def with_nulls(value: Any) -> Any:
    """Return a copy of JSON with the library's own null in it: what Python calls None is undefined there."""
    if value is None:
        return library.utils().NULL_VALUE
    if is_mapping(value):
        return {key: with_nulls(held) for key, held in value.items()}
    if is_list(value):
        return [with_nulls(entry) for entry in value]
    return value


def _matches(text: str, pattern: Any) -> Iterator[tuple[int, int, list[str]]]:
    """Yield where a pattern matches, from where to where, with its groups: the first is all of it."""
    if isinstance(pattern, str):
        start = text.find(pattern)
        while start >= 0:
            yield start, start + len(pattern), [pattern]
            start = text.find(pattern, start + len(pattern))
        return
    for match in pattern.finditer(text):
        if not match.group():
            raise library.failure("D1004")
        yield match.start(), match.end(), [match.group(), *(group or "" for group in match.groups())]


def _replaced(replacement: Any, groups: list[str]) -> str:
    if isinstance(replacement, str):
        return _filled(replacement, groups) if "$" in replacement else replacement
    made = library.functions().func_apply(replacement, [{"match": groups[0], "groups": groups[1:]}])
    if not isinstance(made, str):
        raise library.failure("D3012", made)
    return made


def _filled(template: str, groups: list[str]) -> str:
    """Return a replacement with the groups that it names; "$$" is a dollar, as is one that names nothing."""
    first, *rest = template.split("$")
    parts, literal = [first], False
    for part in rest:
        if literal:
            parts.append(part)
            literal = False
        elif not part and not literal:
            parts.append("$")
            literal = True
        else:
            parts.append(_group(part, groups))
    return "".join(parts)


def _group(part: str, groups: list[str]) -> str:
    """Return what follows a dollar with the group that it names: of as many digits as there are groups for."""
    for length in range(len(str(len(groups) - 1)), 0, -1):
        digits = part[:length]
        if digits.isdecimal() and int(digits) < len(groups):
            return groups[int(digits)] + part[length:]
    return part[1:] if part[:1].isdecimal() else f"${part}"


def _identity(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=repr)


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _refused(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


_FUNCTIONS: dict[str, tuple[str, Callable[..., Any]]] = {
    "partition": ("<an:a>", partition),
    "range": ("<nnn:a>", arithmetic_range),
    "hash": ("<ss:s>", digest),
    "random": ("<n?:n>", random),
    "uuid": ("<:s>", uuid),
    "parse": ("<s-:x>", parse),
    "pad": ("<s-ns?:s>", pad),
    "join": ("<a<s>s?:s>", join),
    "replace": ("<s-(sf)(sf)n?:s>", replace),
    "distinct": ("<x:x>", distinct),
    "spread": ("<x-:a<o>>", spread),
    "toMillis": ("<s-s?:n>", to_millis),
    "eval": ("<xx?:x>", forbidden),
}
"""Each function of ours with its signature, as JSONata writes it."""
