from __future__ import annotations

from typing import Any

import pytest

from isthmus.errors import InvalidValueError, TooLargeError
from isthmus.object_info import ObjectInfo, checked_content_type, checked_key, checked_metadata, utf8


class Path(str):
    __slots__ = ()


def test_an_object_is_shown_by_its_key_size_and_type() -> None:
    info = ObjectInfo("a/b", 3, "e", "text/plain", 1.0, {"by": "me"})

    assert repr(info) == "<ObjectInfo 'a/b', 3 bytes, text/plain>"
    assert (info.etag, info.modified, info.metadata) == ("e", 1.0, {"by": "me"})


@pytest.mark.parametrize("key", ["a", "é" * 512, "d/../x", "/a", "a//b", " ", "a\nb", "x" * 1024])
def test_a_key_is_any_text_of_up_to_1024_bytes(key: str) -> None:
    assert checked_key(key) == key


def test_a_key_is_a_plain_str() -> None:
    assert type(checked_key(Path("a"))) is str


@pytest.mark.parametrize("key", ["", "x" * 1025, "é" * 513, "\ud800", b"a", None, 7], ids=repr)
def test_a_key_that_no_bucket_keeps_is_refused(key: Any) -> None:
    with pytest.raises(InvalidValueError):
        checked_key(key)


@pytest.mark.parametrize("value", ["", " text/plain", "text/plain\r\n", "téxt/plain", "x" * 257, None, b"text/plain"])
def test_a_content_type_that_could_be_no_header_is_refused(value: Any) -> None:
    with pytest.raises(InvalidValueError, match="a content type is"):
        checked_content_type(value)


def test_metadata_is_copied() -> None:
    given = {"taken-by": "me", "n_1": ""}
    checked = checked_metadata(given)

    assert checked == given
    assert checked is not given


@pytest.mark.parametrize(
    "metadata",
    [{"": "x"}, {"By": "x"}, {"a b": "x"}, {7: "x"}, {"a": 7}, {"a": "é"}, {"a": " x"}, {"a": "x\n"}],
    ids=repr,
)
def test_metadata_that_not_every_provider_keeps_is_refused(metadata: Any) -> None:
    with pytest.raises(InvalidValueError, match="metadata"):
        checked_metadata(metadata)


def test_metadata_has_at_most_2048_bytes() -> None:
    checked_metadata({"a": "x" * 2047})

    with pytest.raises(TooLargeError):
        checked_metadata({"a": "x" * 2048})


def test_text_that_is_no_unicode_is_refused_by_its_name() -> None:
    with pytest.raises(InvalidValueError, match="a prefix is not valid Unicode"):
        utf8("a prefix", "\udfff")


@pytest.mark.parametrize("key", ["..", "../x", "a/../../x", "a//../../x", "./../x", "a/b/../../../c"])
def test_a_key_may_not_climb_above_its_bucket(key: str) -> None:
    with pytest.raises(InvalidValueError, match="climb above"):
        checked_key(key)


@pytest.mark.parametrize("key", ["a/..", "a/../b", "a/b/../../c", "...", "a..b", "..a/b", "a/.../.."])
def test_dots_that_stay_within_the_bucket_are_a_key(key: str) -> None:
    assert checked_key(key) == key
