"""Evaluates intrinsic functions: what each of the eighteen returns.

Each is called with its arguments and raises `ValueError` with what is wrong, which becomes `States.IntrinsicFailure`.
https://states-language.net/spec.html#appendix-b
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import math
import random
import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from isthmus.shapes import is_number
from isthmus.workflows.json_path.intrinsics import template_parts
from isthmus.workflows.json_path.values import equal, format_text, is_array, is_object, json_text

LONGEST = 10_000
"""How many characters may be encoded, decoded or hashed."""

LONGEST_RANGE = 1_000
"""How many elements `States.ArrayRange` makes."""

LEAST, GREATEST = -(2**31), 2**31 - 1
"""What `States.MathAdd` adds."""

ALGORITHMS = {"MD5": "md5", "SHA-1": "sha1", "SHA-256": "sha256", "SHA-384": "sha384", "SHA-512": "sha512"}


def format_parts(parts: Sequence[str], *values: Any) -> str:
    """Return the parts of a template with the values between them."""
    if len(parts) - 1 != len(values):
        raise ValueError(f"the template has {len(parts) - 1} times {{}}, and there are {len(values)} values")
    texts = [text for pair in zip(parts, [*map(format_text, values), ""], strict=True) for text in pair]
    return "".join(texts)


def _format(template: Any, *values: Any) -> str:
    return format_parts(template_parts(_string(template)), *values)


def _string_to_json(text: Any) -> Any:
    """Return what a text is as JSON; one without any is null, as the recordings show."""
    try:
        found = json.loads(_string(text), parse_constant=_no_constant) if _string(text).strip() else None
        json_text(found)  # a number may have been too large to be finite
    except RecursionError:
        raise ValueError("the text is nested too deep") from None
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is no JSON")


def _array(*values: Any) -> list[Any]:
    return list(values)


def _partition(values: Any, size: Any) -> list[list[Any]]:
    array, step = _list(values), _integer(size)
    if step <= 0:
        raise ValueError("the size of a chunk has to be positive")
    return [array[start : start + step] for start in range(0, len(array), step)]


def _contains(values: Any, wanted: Any) -> bool:
    return any(equal(value, wanted) for value in _list(values))


def _range(first: Any, last: Any, step: Any) -> list[int]:
    start, end, increment = _integer(first), _integer(last), _integer(step)
    if increment == 0:
        raise ValueError("the increment must not be 0")
    found = range(start, end + (1 if increment > 0 else -1), increment)
    if (abs(end - start) // abs(increment)) + 1 > LONGEST_RANGE and found:
        raise ValueError(f"the array would have more than {LONGEST_RANGE:,} elements")
    return list(found)


def _get_item(values: Any, index: Any) -> Any:
    array, position = _list(values), _integer(index)
    if not 0 <= position < len(array):
        raise ValueError(f"there is no element {position} in an array of {len(array)}")
    return array[position]


def _length(values: Any) -> int:
    return len(_list(values))


def _unique(values: Any) -> list[Any]:
    """Return each value once. Values are kept by what they are as JSON, since lists and objects have no hash."""
    kept: dict[str, Any] = {}
    for value in _list(values):
        kept.setdefault(_identity(value), value)
    return list(kept.values())


def _identity(value: Any) -> str:
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any) -> Any:
    """Return a value in which 1.0 is 1, as it is for `equal`."""
    if is_object(value):
        return {name: _plain(inner) for name, inner in value.items()}
    if is_array(value):
        return [_plain(inner) for inner in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _encode(text: Any) -> str:
    return base64.b64encode(_short(text).encode("utf-8", "surrogatepass")).decode()


def _decode(text: Any) -> str:
    written = re.sub(r"[\r\n]", "", _short(text))
    try:
        return base64.b64decode(written, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise ValueError("this is no text in Base64") from None


def _hash(data: Any, algorithm: Any) -> str:
    name = ALGORITHMS.get(_string(algorithm))
    if name is None:
        raise ValueError(f"there is no algorithm {algorithm[:20]!r}; there are {', '.join(ALGORITHMS)}")
    text = data if isinstance(data, str) else json_text(data)
    return hashlib.new(name, _short(text).encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()


def _merge(first: Any, second: Any, deep: Any) -> dict[str, Any]:
    """Return two objects as one. The service merges no deeper than this, and refuses to be asked to."""
    if not is_object(first) or not is_object(second):
        raise ValueError("only objects can be merged")
    if deep is not False:
        raise ValueError("the third argument has to be false: only a shallow merge is there")
    return {**first, **second}


def _random(start: Any, end: Any, seed: Any = None) -> int:
    """Return an integer from `start`, and below `end`; the same one each time for the same seed."""
    first, last = _integer(start), _integer(end)
    if first >= last:
        raise ValueError(f"there is no number from {first} that is below {last}")
    chance = random.Random(None if seed is None else _integer(seed))
    return first + int(chance.random() * (last - first))


def _add(one: Any, other: Any) -> int:
    numbers = [_integer(one), _integer(other)]
    if not all(LEAST <= number <= GREATEST for number in numbers):
        raise ValueError(f"a number is out of the range from {LEAST} to {GREATEST}")
    return sum(numbers)


def _split(text: Any, delimiters: Any) -> list[str]:
    """Return the parts of a text between any of the delimiting characters; none is empty."""
    characters = _string(delimiters)
    parts = re.split(f"[{re.escape(characters)}]", _string(text)) if characters else [_string(text)]
    return [part for part in parts if part]


def _uuid() -> str:
    return str(uuid.uuid4())


def _integer(value: Any) -> int:
    """Return a number, rounded as Java's Math.round does: a half goes up."""
    if not is_number(value):
        raise ValueError("a number is expected")
    return value if isinstance(value, int) else math.floor(value + 0.5)


def _string(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is expected")  # noqa: TRY004 - what is wrong with the data, not with the code
    return value


def _short(value: Any) -> str:
    if len(_string(value)) > LONGEST:
        raise ValueError(f"a text of at most {LONGEST:,} characters is expected")
    return _string(value)


def _list(value: Any) -> list[Any]:
    if not is_array(value):
        raise ValueError("an array is expected")
    return value


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "States.Format": _format,
    "States.StringToJson": _string_to_json,
    "States.JsonToString": json_text,
    "States.Array": _array,
    "States.ArrayPartition": _partition,
    "States.ArrayContains": _contains,
    "States.ArrayRange": _range,
    "States.ArrayGetItem": _get_item,
    "States.ArrayLength": _length,
    "States.ArrayUnique": _unique,
    "States.Base64Encode": _encode,
    "States.Base64Decode": _decode,
    "States.Hash": _hash,
    "States.JsonMerge": _merge,
    "States.MathRandom": _random,
    "States.MathAdd": _add,
    "States.StringSplit": _split,
    "States.UUID": _uuid,
}
"""What each function computes."""
