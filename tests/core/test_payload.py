from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import InvalidValueError
from isthmus.payload import encode, loads, loads_text

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=12,
)


def test_bytes_and_text_travel_as_they_are() -> None:
    assert encode(b"\x00\xff") == (b"\x00\xff", "application/octet-stream")
    assert encode(bytearray(b"ab")) == (b"ab", "application/octet-stream")
    assert encode("né") == ("né".encode(), "text/plain; charset=utf-8")


def test_json_is_compact_utf8() -> None:
    assert encode({"name": "né", "lines": [1, 2.5, None, True]}) == (
        '{"name":"né","lines":[1,2.5,null,true]}'.encode(),
        "application/json",
    )
    assert encode(None) == (b"null", "application/json")
    assert encode((1, 2)) == (b"[1,2]", "application/json")


@given(JSON.filter(lambda value: not isinstance(value, str)))
def test_every_json_value_comes_back(value: Any) -> None:
    body, content_type = encode(value)

    assert content_type == "application/json"
    assert json.loads(body) == value


LOOP: list[Any] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ({"lines": [{}, {"price": Decimal("1.5")}]}, r"\$\.lines\[1\]\.price is a Decimal"),
        ({"a": b"x"}, r"\$\.a is a bytes"),
        ([float("nan")], r"\$\[0\] is nan"),
        ([1.0, float("inf")], r"\$\[1\] is inf"),
        ({(1, 2): 3}, r"\$ has a key that is a tuple"),
        ({float("nan"): 3}, r"a key of \$ is nan"),
        ({"a": "\ud800"}, r"\$\.a holds half of a surrogate pair"),
        ({"\ud800": 1}, r"a key of \$ holds half"),
        ("\ud800", "half of a surrogate pair"),
        (LOOP, "contains itself"),
        ({1, 2}, r"\$ is a set"),
        (object(), r"\$ is a object"),
    ],
)
def test_what_is_not_json_is_refused_with_the_path(body: Any, what: str) -> None:
    with pytest.raises(InvalidValueError, match=what):
        encode(body)


def test_what_is_nested_too_deeply_is_refused() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]

    with pytest.raises(InvalidValueError, match="200 levels deep"):
        encode(deep)


def test_an_integer_too_long_to_write_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="not JSON"):
        encode([10**5000])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_json_is_read_in_any_encoding_of_unicode(encoding: str) -> None:
    assert loads('{"name": "n\u00e9"}'.encode(encoding)) == {"name": "n\u00e9"}


@pytest.mark.parametrize("text", [' {"a": 1}', '{"a": 1}\n', '\t{"a": 1} '])
def test_white_space_around_json_means_nothing(text: str) -> None:
    assert loads(text.encode()) == loads_text(text) == {"a": 1}


@pytest.mark.parametrize("text", ["", "{", "1 2", "no", "[1,]", '{"a": 1}}'])
def test_what_is_no_json_is_told_as_json_tells_it(text: str) -> None:
    with pytest.raises(json.JSONDecodeError) as expected:
        json.loads(text)

    with pytest.raises(json.JSONDecodeError, match=f"^{re.escape(str(expected.value))}$"):
        loads_text(text)
    with pytest.raises(json.JSONDecodeError):
        loads(text.encode())


def test_bytes_that_are_no_text_are_no_json() -> None:
    with pytest.raises(UnicodeDecodeError):
        loads(b"\xff\xfe\xff")


@given(JSON)
def test_json_is_read_as_json_reads_it(value: Any) -> None:
    text = json.dumps(value)

    assert loads_text(text) == loads(text.encode()) == json.loads(text)
