"""Whatever comes, a named error goes."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.aws.events.fuzzing import check, mutated, seeds

SEEDS = seeds()
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
SENDERS = st.sampled_from(["aws:sqs", "aws:sns", "aws:s3", "aws:kinesis", "aws:dynamodb"])


@given(JSON)
def test_arbitrary_json(document: Any) -> None:
    check(document)


@given(st.lists(st.dictionaries(st.text(max_size=5), JSON, max_size=3), max_size=3), SENDERS)
def test_arbitrary_records_that_say_who_sent_them(rows: list[dict[str, Any]], sender: str) -> None:
    named = [
        {"eventSource": sender, "EventSource": sender, "eventSourceARN": "arn:aws:sqs:r:1:a", **row} for row in rows
    ]

    check({"Records": named})


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(SEEDS), st.data())
def test_recorded_events_with_anything_changed(seed: Any, data: st.DataObject) -> None:
    def choose(count: int) -> int:
        return data.draw(st.integers(0, count - 1))

    once = mutated(seed, choose, data.draw(JSON))

    check(once)
