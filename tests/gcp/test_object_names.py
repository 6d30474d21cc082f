"""The names that Cloud Storage has for keys: https://cloud.google.com/storage/docs/objects#naming."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import InvalidValueError
from isthmus_gcp.object_names import checked_name, object_key, object_name

KEYS = st.text(st.sampled_from("a\t\n\x0b\x0c\r\x0e\x01\x02é"), max_size=8) | st.text(
    st.characters(codec="utf-8"), max_size=8
)


@given(KEYS)
def test_a_key_comes_back_and_its_name_has_no_line_break(key: str) -> None:
    name = object_name(key)

    assert object_key(name) == key
    assert not set(name) & {"\n", "\r"}


@given(KEYS, KEYS)
def test_names_are_in_the_order_of_their_keys_and_begin_as_they_do(one: str, other: str) -> None:
    names = object_name(one).encode(), object_name(other).encode()

    assert (names[0] < names[1]) == (one.encode() < other.encode())
    assert names[0].startswith(names[1]) == one.startswith(other)


def test_an_ordinary_key_is_its_own_name() -> None:
    assert object_name("a/b é?#%") == "a/b é?#%"


@pytest.mark.parametrize("name", ["a\tb", "\t", "\t\x03", "\x0c"])
def test_a_name_that_somebody_else_gave_stays_as_it_is(name: str) -> None:
    assert object_key(name) == name


@pytest.mark.parametrize("key", [".", ".well-known/acme-challenge/x", "\n" * 513])
def test_what_cloud_storage_refuses_is_refused(key: str) -> None:
    with pytest.raises(InvalidValueError):
        checked_name(key)
