"""What a message is on its way through Pub/Sub: https://cloud.google.com/pubsub/quotas#resource_limits."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus import context as contexts
from isthmus.errors import BadEventError
from isthmus.testing.factories import context
from isthmus_gcp import wire

SURROGATES = st.characters(codec="utf-8")


def check(attributes: Mapping[str, str]) -> None:
    assert len(attributes) <= 100
    for name, value in attributes.items():
        assert 1 <= len(name.encode()) <= 256
        assert len(value.encode()) <= 1024


def test_what_fits_goes_as_it_is() -> None:
    given_ = {"a": "x" * 1024, "n": 1.5, "isthmus-content-type": "text/plain"}

    assert wire.outgoing(b"\xff", given_) == (b"\xff", {**given_, "n": "1.5"})


@pytest.mark.parametrize("length", [1025, 2000, 60_000, 90_000, 250_000])
@pytest.mark.parametrize("letter", ["x", "é", "😀"])
def test_a_long_value_begins_where_it_is_and_comes_back_whole(letter: str, length: int) -> None:
    attributes = {"a": letter * (length // len(letter.encode())), "b": "short"}
    data, native = wire.outgoing(b"body", attributes)

    check(native)
    assert attributes["a"].startswith(native["a"])
    assert len(native["a"].encode()) > 1000
    assert wire.incoming(data, native) == (b"body", attributes)


def test_more_attributes_than_pubsub_takes_come_back_whole() -> None:
    attributes = {f"name-{number}": "x" * number for number in range(150)}
    data, native = wire.outgoing(b"body", attributes)

    check(native)
    assert wire.incoming(data, native) == (b"body", attributes)


@settings(deadline=None)
@given(
    data=st.binary(max_size=50),
    attributes=st.dictionaries(
        st.text("abc-.", min_size=1, max_size=4),
        st.one_of(st.text(SURROGATES), st.text("é\x00😀", min_size=300)),
        max_size=6,
    ),
)
def test_whatever_is_sent_comes_back(data: bytes, attributes: dict[str, str]) -> None:
    sent, native = wire.outgoing(data, attributes)

    check(native)
    assert wire.incoming(sent, native) == (data, attributes)


@pytest.mark.parametrize(
    ("number", "spelt"),
    [
        *((7, "7"), (7.0, "7"), (1e3, "1000"), (-0.0, "0"), (5.5, "5.5"), (1e300, "1e+300"), (5e-324, "5e-324")),
        *(
            (2**53 + 1, "9007199254740993"),
            (-(2**63), "-9.223372036854776e+18"),
            (-(2.0**63), "-9.223372036854776e+18"),
        ),
    ],
)
def test_a_number_has_a_mark_beside_it_which_equal_numbers_share(number: float, spelt: str) -> None:
    marks = wire.numbers({"n": number, "text": "7"})

    assert marks == {"isthmus-number.n": spelt}


@given(one=st.one_of(st.integers(), st.floats(allow_nan=False, allow_infinity=False)), other=st.integers())
def test_numbers_are_spelt_alike_where_they_are_equal_and_only_there(one: float, other: int) -> None:
    for right in (other, one):
        for kind in (int, float):
            try:
                also = kind(right)
            except OverflowError:
                continue
            assert (wire.spelt(one) == wire.spelt(also)) == (one == also)


def test_a_mark_is_taken_away_again_and_a_name_without_room_for_it_has_none() -> None:
    long = "n" * 256
    marks = wire.numbers({"n": 7, long: 7})
    data, native = wire.outgoing(b"body", {"n": 7, long: 7, **marks})

    check(native)
    assert wire.incoming(data, native) == (b"body", {"n": "7", long: "7"})


HOSTILE: tuple[Mapping[str, str], ...] = (
    {"isthmus-long": "5"},
    {"isthmus-long": "-1"},
    {"isthmus-long": "x"},
    {"isthmus-long": "٣"},
    {"isthmus-long": "9" * 5000},
    {"isthmus-long": "4"},
    {"isthmus-long.0": "[]"},
    {"isthmus-long.0": "null"},
    {"isthmus-long.0": '"text"'},
    {"isthmus-long.0": '{"a":1}'},
    {"isthmus-long.0": '{"a":', "isthmus-long.1": '"x"'},
    {"isthmus-long.0": "[" * 1000},
)


@pytest.mark.parametrize("attributes", HOSTILE, ids=range(len(HOSTILE)))
def test_what_makes_no_sense_is_refused(attributes: Mapping[str, str]) -> None:
    with pytest.raises(BadEventError, match="isthmus-long"):
        wire.incoming(b"body", attributes)


def test_the_envelope_of_an_invocation_goes_along_in_headers_and_in_text() -> None:
    token = contexts.current.set(context(correlation_id="c-1", traceparent=f"00-{'a' * 32}-{'b' * 16}-01"))
    try:
        headers, text = wire.headers(), wire.carried()
    finally:
        contexts.current.reset(token)

    assert headers["isthmus-correlation-id"] == wire.envelope_of(text).correlation_id == "c-1"
    assert headers["traceparent"].startswith(f"00-{'a' * 32}-")
    assert wire.envelope_of(text).traceparent.startswith(f"00-{'a' * 32}-")


@pytest.mark.parametrize("text", [None, "", "{", "[]", 5, '{"a":1}', "[" * 5000])
def test_an_envelope_that_makes_no_sense_is_none(text: object) -> None:
    assert wire.envelope_of(text).correlation_id == ""
