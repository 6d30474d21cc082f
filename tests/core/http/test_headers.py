from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus.errors import InvalidValueError
from isthmus.http.headers import Headers
from isthmus.http.multi import MultiDict

PAIRS = [("Accept", "text/html"), ("x-tag", "a"), ("ACCEPT", "*/*"), ("X-Tag", "b")]


def test_a_header_is_found_whatever_its_case() -> None:
    headers = Headers(PAIRS)

    assert headers["accept"] == headers["ACCEPT"] == headers.get("Accept") == "text/html"
    assert "aCCEPT" in headers
    assert 1 not in headers


def test_each_value_of_a_repeated_header_is_kept_in_order() -> None:
    headers = Headers(PAIRS)

    assert headers.get_all("X-TAG") == ["a", "b"]
    assert headers.items() == PAIRS
    assert list(headers) == headers.keys() == ["Accept", "x-tag"]
    assert len(headers) == 2
    assert headers.to_dict() == {"Accept": "text/html", "x-tag": "a"}
    assert headers.to_lists() == {"Accept": ["text/html", "*/*"], "x-tag": ["a", "b"]}


def test_a_header_that_did_not_come_is_none_the_default_or_a_key_error() -> None:
    headers = Headers({"a": "b"})

    assert headers.get("c") is None
    assert headers.get("c", "d") == "d"
    assert headers.get_all("c") == []
    with pytest.raises(KeyError, match="c"):
        headers["c"]


def test_what_get_all_and_items_return_is_the_callers_own() -> None:
    headers = Headers(PAIRS)

    headers.get_all("accept").clear()
    headers.items().clear()

    assert headers.get_all("accept") == ["text/html", "*/*"]
    assert headers.items() == PAIRS


def test_setting_replaces_each_value_and_adding_none() -> None:
    headers = Headers(PAIRS)

    headers["Accept"] = "text/plain"
    headers.add("x-tag", "c")

    assert headers.get_all("accept") == ["text/plain"]
    assert headers.get_all("x-tag") == ["a", "b", "c"]


def test_removing_takes_every_case_away_and_minds_no_absence() -> None:
    headers = Headers(PAIRS)

    del headers["accept"]
    headers.remove("accept")

    assert headers.items() == [("x-tag", "a"), ("X-Tag", "b")]


@pytest.mark.parametrize("value", ["a\r\nset-cookie: b=c", "a\nb", "a\rb", "a\0b", "a\x7fb", "\u0100", "a\r\n b"])
def test_a_value_that_would_break_out_of_its_line_is_refused(value: str) -> None:
    headers = Headers()

    with pytest.raises(InvalidValueError, match="cannot hold"):
        headers.add("x-note", value)
    with pytest.raises(InvalidValueError, match="cannot hold"):
        headers["x-note"] = value
    assert headers.items() == []


@pytest.mark.parametrize("name", ["", "a b", "a:b", "a\r\nb", "caf\xe9", "a\tb", "(a)"])
def test_a_name_that_is_no_token_is_refused(name: str) -> None:
    with pytest.raises(InvalidValueError, match="name of a header"):
        Headers().add(name, "value")


@pytest.mark.parametrize("name", ["x", "X-Y", "-", "a_b", "!#$%&'*+-.^_`|~9"])
def test_every_token_is_a_name(name: str) -> None:
    headers = Headers()
    headers.add(name, "value")

    assert headers[name.upper()] == "value"


@pytest.mark.parametrize("value", ["", "a\tb", "caf\xe9", '"quoted"; q=1', "\xa0"])
def test_latin_1_and_tabs_are_fine_in_a_value(value: str) -> None:
    headers = Headers()
    headers.add("x-note", value)

    assert headers["x-note"] == value


def test_a_repr_tells_names_and_no_values() -> None:
    assert repr(Headers([("authorization", "Bearer secret")])) == "<Headers authorization>"


@given(st.lists(st.tuples(st.sampled_from(["a", "A", "b"]), st.text())))
def test_headers_and_multi_values_agree_but_for_the_case(pairs: list[tuple[str, str]]) -> None:
    headers, exact = Headers(pairs), MultiDict(pairs)

    assert headers.items() == exact.items() == pairs
    assert sorted(headers.get_all("a")) == sorted(exact.get_all("a") + exact.get_all("A"))


@given(st.text(), st.text())
def test_whatever_is_accepted_fits_on_one_line_of_latin_1(name: str, value: str) -> None:
    headers = Headers()
    try:
        headers.add(name, value)
    except InvalidValueError:
        return

    line = f"{name}: {value}".encode("latin-1")
    assert not {b"\r", b"\n", b"\0"} & {line[at : at + 1] for at in range(len(line))}
    assert name.strip() == name != ""
