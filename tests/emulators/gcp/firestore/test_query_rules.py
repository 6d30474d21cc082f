"""https://cloud.google.com/firestore/docs/query-data/queries#limitations"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulators.gcp.firestore.library import And, Or, Where, errors, fails, ids

MANY = [str(number) for number in range(31)]

REFUSED: dict[str, Callable[[Any], Any]] = {
    "no value for in": lambda c: c.where(filter=Where("g", "in", [])),
    "31 values for in": lambda c: c.where(filter=Where("g", "in", MANY)),
    "31 values for array-contains-any": lambda c: c.where(filter=Where("g", "array_contains_any", MANY)),
    "11 values for not-in": lambda c: c.where(filter=Where("g", "not-in", MANY[:11])),
    "more than 30 disjunctions": lambda c: c.where(filter=Where("g", "in", MANY[:6])).where(
        filter=Where("h", "in", MANY[:6])
    ),
    "two array-contains": lambda c: c.where(filter=Where("a", "array_contains", 1)).where(
        filter=Where("b", "array_contains", 1)
    ),
    "array-contains with array-contains-any": lambda c: c.where(filter=Where("a", "array_contains", 1)).where(
        filter=Where("b", "array_contains_any", [1])
    ),
    "not-in with in": lambda c: c.where(filter=Where("a", "not-in", [1])).where(filter=Where("b", "in", [1])),
    "not-in with or": lambda c: c.where(
        filter=And([Where("a", "not-in", [1]), Or([Where("b", "==", 1), Where("c", "==", 1)])])
    ),
    "two not-equal": lambda c: c.where(filter=Where("a", "!=", 1)).where(filter=Where("b", "!=", 1)),
    "a negative offset": lambda c: c.offset(-1),
    "a name that is no reference": lambda c: c.where(filter=Where("__name__", ">", "b")),
    "a path that needs backticks": lambda c: c.order_by("a-b"),
    "the same order twice": lambda c: c.order_by("a").order_by("a"),
}


@pytest.mark.parametrize("query", REFUSED.values(), ids=REFUSED)
def test_a_query_against_the_rules_is_refused(letters: Any, query: Callable[[Any], Any]) -> None:
    with pytest.raises((errors.InvalidArgument, ValueError, TypeError)):
        ids(query(letters))


def test_thirty_values_are_taken(letters: Any) -> None:
    letters.document("a").set({"g": "7"})

    assert ids(letters.where(filter=Where("g", "in", MANY[:30]))) == ["a"]


def test_a_cursor_has_no_more_values_than_the_query_has_orders(db: Any, name: str) -> None:
    query = {
        "from_": [{"collection_id": "c"}],
        "order_by": [{"field": {"field_path": "a"}, "direction": 1}],
        "start_at": {"values": [{"integer_value": 1}, {"integer_value": 2}]},
    }

    with fails(errors.InvalidArgument, "more values"):
        list(db._firestore_api.run_query({"parent": f"{name}/documents", "structured_query": query}))


def test_a_name_in_a_filter_is_refused_unless_it_is_a_reference(db: Any, name: str) -> None:
    where = {"field_filter": {"field": {"field_path": "__name__"}, "op": 5, "value": {"string_value": "a"}}}
    query = {"from_": [{"collection_id": "c"}], "where": where}

    with fails(errors.InvalidArgument, "must be a Key"):
        list(db._firestore_api.run_query({"parent": f"{name}/documents", "structured_query": query}))


def test_a_field_in_a_filter_needs_backticks_where_it_is_no_identifier(letters: Any) -> None:
    letters.document("a").set({"g-h": 1})

    assert ids(letters.where(filter=Where("`g-h`", "==", 1))) == ["a"]
    with pytest.raises((errors.InvalidArgument, ValueError)):
        ids(letters.where(filter=Where("g-h", "==", 1)))
