"""Whatever comes, a named error goes."""

from __future__ import annotations

from functools import partial
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus_gcp.events.posted import Posted
from tests.gcp.events.fuzzing import check, mutated, posted, seeds
from tests.gcp.events.recorded import headers

SEEDS = seeds()
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
HEADERS = st.sampled_from([told for told, _ in SEEDS])
VALUES = st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=20)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60), HEADERS)
def test_arbitrary_bytes(body: bytes, told: dict[str, str]) -> None:
    check(lambda: Posted(headers(told), body))


@settings(max_examples=200, deadline=None)
@given(JSON, HEADERS)
def test_arbitrary_json(document: Any, told: dict[str, str]) -> None:
    check(lambda: posted(told, document))


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_well_formed_requests_with_a_header_changed(seed: Any, data: st.DataObject) -> None:
    told, document = seed
    name = data.draw(st.sampled_from(sorted(told)))
    changed = {**told, name: data.draw(VALUES)}
    if data.draw(st.booleans()):
        del changed[name]

    check(lambda: posted(changed, document))


@settings(max_examples=500, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_well_formed_requests_with_anything_in_them_changed(seed: Any, data: st.DataObject) -> None:
    def choose(count: int) -> int:
        return data.draw(st.integers(0, count - 1))

    told, document = seed
    once = mutated(document, choose, data.draw(JSON))

    check(lambda: posted(told, once))


def test_the_seeds_are_well_formed() -> None:
    for told, document in SEEDS:
        check(partial(posted, told, document))
