"""The filter of a subscription in Pub/Sub's language: as long as it may be, escaped, and refused where it cannot be."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from isthmus import filters
from isthmus.declarations.app import App
from isthmus_gcp import wire
from isthmus_gcp.rules.filter_language import LONGEST, expression, quoted
from tests.gcp.rules.planning import HANDLERS, problems

WORDS = st.sampled_from(["", "a", "ab", "order.placed", 'say "hi"', "back\\slash", "ä", "new\nline", "NOT b"])
KEYS = st.sampled_from(["type", "kind-of", "iana.org/lang", 'q"k', "NOT", "1st"])
TEXTS = st.one_of(WORDS, st.sampled_from(["7", "7.0", "-7", "1e+16", "1e", "-", "0", "0x7", "70", "1 AND 2", "7 "]))
WHOLE = st.sampled_from([0, 7, -7, 70, 2**53 + 1, -(2**63), 2**63 - 1, 10**16])
NUMBERS = st.one_of(
    *(WHOLE, st.integers(-100, 100), st.sampled_from([0.0, -0.0, 7.0, 2.0**53, -(2.0**63), 1e16, 1e22, 5e-324, 1e308])),
    st.floats(-100, 100).map(lambda number: round(number, 3)),
)
ASKED = st.one_of(TEXTS, NUMBERS, st.sampled_from([10**22, 10**30, int(1e300)]))
CONDITIONS = st.one_of(
    ASKED,
    st.fixed_dictionaries({"prefix": TEXTS.filter(bool)}),
    st.fixed_dictionaries({"anything-but": st.one_of(ASKED, st.lists(ASKED, min_size=1, max_size=3))}),
    st.fixed_dictionaries({"exists": st.booleans()}),
)
FILTERS = st.dictionaries(KEYS, st.lists(CONDITIONS, min_size=1, max_size=3), min_size=1, max_size=3)
ATTRIBUTES = st.dictionaries(KEYS, st.one_of(TEXTS, NUMBERS), max_size=4)


def reads(written: str, attributes: Mapping[str, str]) -> bool:
    """Evaluate an expression as Pub/Sub's page describes the language, independently of what wrote it."""
    tokens = re.findall(r'"(?:\\.|[^"\\])*"|!=|[=:().,]|[A-Za-z_][A-Za-z0-9_-]*', written)
    assert "".join(tokens) == re.sub(r'("(?:\\.|[^"\\])*")|\s', lambda found: found[1] or "", written)
    value, rest = _or(tokens, attributes)
    assert rest == []
    return value


def _or(tokens: list[str], attributes: Mapping[str, str]) -> tuple[bool, list[str]]:
    value, rest = _term(tokens, attributes)
    word = rest[0] if rest else ""
    while rest and rest[0] in ("AND", "OR"):
        assert rest[0] == word, "AND and OR side by side need parentheses"
        other, rest = _term(rest[1:], attributes)
        value = (value and other) if word == "AND" else (value or other)
    return value, rest


def _term(tokens: list[str], attributes: Mapping[str, str]) -> tuple[bool, list[str]]:
    if tokens[0] == "NOT":
        value, rest = _term(tokens[1:], attributes)
        return not value, rest
    if tokens[0] == "(":
        value, rest = _or(tokens[1:], attributes)
        assert rest[0] == ")"
        return value, rest[1:]
    if tokens[0] == "hasPrefix":
        assert tokens[1:4] == ["(", "attributes", "."]
        assert (tokens[5], tokens[7]) == (",", ")")
        found = attributes.get(_text(tokens[4]))
        return found is not None and found.startswith(_text(tokens[6])), tokens[8:]
    assert tokens[0] == "attributes"
    key = _text(tokens[2])
    if tokens[1] == ":":
        return key in attributes, tokens[3:]
    same = attributes.get(key) == _text(tokens[4])
    return same if tokens[3] == "=" else not same, tokens[5:]


def _text(token: str) -> str:
    if not token.startswith('"'):
        return token
    return re.sub(r"\\(.)", lambda found: {"n": "\n", "r": "\r", "t": "\t"}.get(found[1], found[1]), token[1:-1])


def on_the_wire(attributes: Mapping[str, Any]) -> Mapping[str, str]:
    return wire.outgoing(b"", {**attributes, **wire.numbers(attributes)})[1]


@given(filter=FILTERS, attributes=ATTRIBUTES)
def test_what_passes_on_the_laptop_passes_there_and_nothing_else(
    filter: dict[str, list[Any]], attributes: dict[str, Any]
) -> None:
    assert reads(expression(filter), on_the_wire(attributes)) == filters.matches(filter, attributes)


@pytest.mark.parametrize(
    ("asked", "written"),
    [
        ("order.placed", 'attributes.k = "order.placed"'),
        ("7", 'attributes.k = "7" AND NOT attributes:"isthmus-number.k"'),
        (7.0, 'attributes."isthmus-number.k" = "7"'),
        (1e3, 'attributes."isthmus-number.k" = "1000"'),
        ({"prefix": "order."}, 'hasPrefix(attributes.k, "order.")'),
        ({"prefix": "1"}, 'hasPrefix(attributes.k, "1") AND NOT attributes:"isthmus-number.k"'),
        ({"anything-but": ["7"]}, 'attributes:k AND (attributes:"isthmus-number.k" OR attributes.k != "7")'),
    ],
)
def test_the_kind_is_asked_for_only_where_a_number_could_look_like_it(asked: Any, written: str) -> None:
    assert expression({"k": [asked]}) == written


def test_a_filter_that_asks_nothing_is_none() -> None:
    assert expression({}) == ""


@pytest.mark.parametrize(("text", "written"), [('a"b', '"a\\"b"'), ("a\\b", '"a\\\\b"'), ("a\nb", '"a\\nb"')])
def test_a_text_is_escaped(text: str, written: str) -> None:
    assert quoted(text) == written


def listening(filter: Any) -> Callable[[App], object]:
    def declare(app: App) -> object:
        return app.topic("T").subscribe(f"{HANDLERS}.message", filter=filter)

    return declare


def test_a_filter_is_refused_where_pubsub_has_no_room_for_it() -> None:
    rest = LONGEST - len('attributes.type = ""')

    assert problems(listening({"type": ["x" * rest]})) == []
    (what,) = problems(listening({"type": ["x" * (rest + 1)]}))
    assert f"comes to {LONGEST + 1} bytes" in what


def test_room_is_counted_in_bytes() -> None:
    assert "bytes in Pub/Sub's language" in problems(listening({"type": ["ä" * 130]}))[0]


def test_a_queue_that_delays_cannot_hear_a_topic() -> None:
    def declare(app: App) -> None:
        app.topic("T").subscribe(app.queue("Q", delay=5), filter={"type": ["a"]})

    (what,) = problems(declare)
    assert "would not wait" in what


def test_a_topic_does_not_deliver_into_its_own_dead_letters() -> None:
    def declare(app: App) -> None:
        topic = app.topic("T")
        topic.subscribe(f"{HANDLERS}.message")
        assert topic.dead_letters is not None
        topic.dead_letters.subscribe(f"{HANDLERS}.anything", name="Bury")
        topic.subscribe(topic.dead_letters)

    assert any("take another queue" in what for what in problems(declare))
