from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import InvalidValueError, TooLargeError
from isthmus.table_checks import check_key, check_key_value, check_write
from isthmus.table_writes import Check, Delete, Put, Update, Write


def wrong(value: object) -> Any:
    """Return what a type checker would not have let through."""
    return value


@pytest.mark.parametrize("key", ["a", 1, 1.5, b"x", ("a", 1), (b"", "")], ids=repr)
def test_a_key_is_one_value_or_two(key: Any) -> None:
    assert check_key(key) == key


@pytest.mark.parametrize("value", [None, True, ["a"], {"a": 1}, 2**63, float("nan"), "\ud800"], ids=repr)
def test_what_could_be_no_key_is_refused_wherever_it_stands(value: Any) -> None:
    with pytest.raises(InvalidValueError, match="key"):
        check_key_value(value)
    with pytest.raises(InvalidValueError, match="key"):
        check_key(("a", value))


@pytest.mark.parametrize(
    "write",
    [
        Put({"id": "a"}, if_absent=True),
        Put({"id": "a"}, if_match={"n": 1}),
        Update("a", set={"n": 1}, add={"m": 2.5}, remove=["x"], if_exists=True),
        Update("a", remove=("x", "y"), if_match={"n": 1}),
        Delete(("a", 1)),
        Check("a", if_match={"open": True}),
    ],
    ids=repr,
)
def test_a_sound_write_is_returned(write: Write) -> None:
    assert check_write(write) is write


@pytest.mark.parametrize(
    ("write", "why"),
    [
        (Put({"id": {1, 2}}), "id: set is not kept"),
        (Put({"id": "a"}, if_absent=True, if_match={}), "contradict each other"),
        (Put({"id": "a"}, if_match={"n": wrong(object())}), "object is not kept"),
        (Update(wrong(None), set={"n": 1}), "a key is"),
        (Update("a", set={"n": [1, {2}]}), r"n\[1\]: set is not kept"),
        (Update("a", add={"n": True}), "add.n: a number is needed, not bool"),
        (Update("a", add={"n": wrong("1")}), "add.n: a number is needed, not str"),
        (Update("a", remove="name"), r"remove=\['name'\]"),
        (Update("a", remove=[wrong(7)]), "a list of names"),
        (Update("a", remove=wrong(iter(["x"]))), "a list of names"),
        (Update("a", if_match={}), "if_match is empty"),
        (Delete(wrong(["a"])), "a key is"),
        (Delete("a", if_match={"n": wrong((1,))}), "tuple is not kept"),
        (Check(wrong(None)), "a key is"),
        (Check("a", if_absent=True, if_match={"n": 1}), "contradict each other"),
    ],
)
def test_a_write_that_no_provider_could_do_is_refused_with_the_reason(write: Write, why: str) -> None:
    with pytest.raises(InvalidValueError, match=why):
        check_write(write)


def test_an_item_over_the_limit_is_too_large() -> None:
    with pytest.raises(TooLargeError):
        check_write(Put({"id": "a", "body": b"x" * 400 * 1024}))
