"""https://cloud.google.com/firestore/docs/query-data/index-overview"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.emulators.gcp.firestore.library import ASCENDING, CONTAINS, DESCENDING, And, Or, Where, errors, fails, ids
from tests.emulators.gcp.firestore.process import ControlError, Firestore

Query = Callable[[Any], Any]

FREE: dict[str, Query] = {
    "equalities alone": lambda c: c.where(filter=Where("a", "==", 1)).where(filter=Where("b", "==", 2)),
    "equalities with array-contains": lambda c: c.where(filter=Where("a", "==", 1)).where(
        filter=Where("t", "array_contains", 2)
    ),
    "an or of equalities": lambda c: c.where(filter=Or([Where("a", "==", 1), Where("b", "==", 2)])),
    "one inequality": lambda c: c.where(filter=Where("a", ">", 1)),
    "a range with its own order": lambda c: c.where(filter=Where("a", ">", 1)).order_by("a", direction=DESCENDING),
    "one order": lambda c: c.order_by("a", direction=DESCENDING),
    "an order by a field that is equal": lambda c: c.where(filter=Where("a", "==", 1)).order_by("a"),
    "an in with its own order": lambda c: c.where(filter=Where("a", "in", [1, 2])).order_by("a"),
    "a field of a map": lambda c: c.where(filter=Where("m.a", "==", 1)).where(filter=Where("b", "==", 1)),
    "equality with a range of names": lambda c: c.where(filter=Where("a", "==", 1)).where(
        filter=Where("__name__", ">", c.document("x"))
    ),
}

COMPOSITE: dict[str, tuple[Query, list[tuple[str, str]]]] = {
    "equality and order": (
        lambda c: c.where(filter=Where("a", "==", 1)).order_by("b"),
        [("a", ASCENDING), ("b", ASCENDING)],
    ),
    "equality and order, the equality descending": (
        lambda c: c.where(filter=Where("a", "==", 1)).order_by("b"),
        [("a", DESCENDING), ("b", ASCENDING)],
    ),
    "equality and descending order": (
        lambda c: c.where(filter=Where("a", "==", 1)).order_by("b", direction=DESCENDING),
        [("a", ASCENDING), ("b", DESCENDING)],
    ),
    "equality and inequality": (
        lambda c: c.where(filter=Where("a", "==", 1)).where(filter=Where("b", ">", 1)),
        [("a", ASCENDING), ("b", ASCENDING)],
    ),
    "in and order": (
        lambda c: c.where(filter=Where("a", "in", [1, 2])).order_by("b"),
        [("a", ASCENDING), ("b", ASCENDING)],
    ),
    "array-contains and order": (
        lambda c: c.where(filter=Where("t", "array_contains", 1)).order_by("b"),
        [("t", CONTAINS), ("b", ASCENDING)],
    ),
    "two orders": (lambda c: c.order_by("a").order_by("b"), [("a", ASCENDING), ("b", ASCENDING)]),
    "two inequalities": (
        lambda c: c.where(filter=Where("b", ">", 1)).where(filter=Where("a", ">", 1)),
        [("a", ASCENDING), ("b", ASCENDING)],
    ),
    "equalities in any order before the rest": (
        lambda c: c.where(filter=And([Where("a", "==", 1), Where("b", "==", 1)])).order_by("d"),
        [("b", ASCENDING), ("a", ASCENDING), ("d", ASCENDING)],
    ),
    "names descending": (lambda c: c.order_by("__name__", direction=DESCENDING), [("__name__", DESCENDING)]),
    "equality and names descending": (
        lambda c: c.where(filter=Where("a", "==", 1)).order_by("__name__", direction=DESCENDING),
        [("a", ASCENDING), ("__name__", DESCENDING)],
    ),
    "order and names the other way round": (
        lambda c: c.order_by("a").order_by("__name__", direction=DESCENDING),
        [("a", ASCENDING), ("__name__", DESCENDING)],
    ),
}

NOT_SERVED: dict[str, tuple[Query, list[tuple[str, str]]]] = {
    "the other direction": (
        lambda c: c.where(filter=Where("a", "==", 1)).order_by("b", direction=DESCENDING),
        [("a", ASCENDING), ("b", ASCENDING)],
    ),
    "both directions turned round": (
        lambda c: c.order_by("a", direction=DESCENDING).order_by("b", direction=DESCENDING),
        [("a", ASCENDING), ("b", ASCENDING)],
    ),
    "the order before the equality": (
        lambda c: c.where(filter=Where("a", "==", 1)).order_by("b"),
        [("b", ASCENDING), ("a", ASCENDING)],
    ),
    "more fields than the query has": (
        lambda c: c.where(filter=Where("a", "==", 1)).order_by("b"),
        [("a", ASCENDING), ("d", ASCENDING), ("b", ASCENDING)],
    ),
    "an array's field for an equality": (
        lambda c: c.where(filter=Where("a", "==", [1])).order_by("b"),
        [("a", CONTAINS), ("b", ASCENDING)],
    ),
    "an index for the other half of an or": (
        lambda c: c.where(filter=Or([Where("a", "==", 1), Where("d", "==", 1)])).order_by("b"),
        [("a", ASCENDING), ("b", ASCENDING)],
    ),
}


@pytest.mark.parametrize("query", FREE.values(), ids=FREE)
def test_the_automatic_indexes_serve(letters: Any, query: Query) -> None:
    assert ids(query(letters)) == []


@pytest.mark.parametrize(("query", "fields"), COMPOSITE.values(), ids=COMPOSITE)
def test_a_composite_index_is_needed_and_serves(
    firestore: Firestore, name: str, letters: Any, query: Query, fields: list[tuple[str, str]]
) -> None:
    with fails(errors.FailedPrecondition, "The query requires an index. You can create it here: https://"):
        ids(query(letters))

    firestore.create_index(name, letters.id, fields)

    assert ids(query(letters)) == []


@pytest.mark.parametrize(("query", "fields"), NOT_SERVED.values(), ids=NOT_SERVED)
def test_another_index_does_not_serve(
    firestore: Firestore, name: str, letters: Any, query: Query, fields: list[tuple[str, str]]
) -> None:
    firestore.create_index(name, letters.id, fields)

    with fails(errors.FailedPrecondition, "requires an index"):
        ids(query(letters))


def test_two_indexes_with_the_same_end_are_merged(firestore: Firestore, name: str, letters: Any) -> None:
    # https://cloud.google.com/firestore/docs/query-data/index-overview#taking_advantage_of_index_merging
    letters.document("x").set({"a": 1, "b": 1, "s": 1})
    query = letters.where(filter=Where("a", "==", 1)).where(filter=Where("b", "==", 1)).order_by("s")
    firestore.create_index(name, letters.id, [("a", ASCENDING), ("s", ASCENDING)])
    with fails(errors.FailedPrecondition):
        ids(query)

    firestore.create_index(name, letters.id, [("b", ASCENDING), ("s", ASCENDING)])

    assert ids(query) == ["x"]


def test_an_index_more_does_no_harm(firestore: Firestore, name: str, letters: Any) -> None:
    for path in ("a", "other"):
        firestore.create_index(name, letters.id, [(path, ASCENDING), ("s", ASCENDING)])

    assert ids(letters.where(filter=Where("a", "==", 1)).order_by("s")) == []


def test_an_index_of_another_collection_does_not_serve(firestore: Firestore, name: str, letters: Any) -> None:
    firestore.create_index(name, "another", [("a", ASCENDING), ("b", ASCENDING)])

    with fails(errors.FailedPrecondition):
        ids(letters.where(filter=Where("a", "==", 1)).order_by("b"))


def test_an_index_serves_no_more_once_it_is_deleted(firestore: Firestore, name: str, letters: Any) -> None:
    index = firestore.create_index(name, letters.id, [("a", ASCENDING), ("b", ASCENDING)])
    firestore.delete_index(name, index)

    with fails(errors.FailedPrecondition):
        ids(letters.order_by("a").order_by("b"))


def test_the_message_names_the_index_that_is_missing(letters: Any) -> None:
    with fails(errors.FailedPrecondition, f"COLLECTION/{letters.id}:a:ASCENDING,b:DESCENDING,__name__:DESCENDING"):
        ids(letters.where(filter=Where("a", "==", 1)).order_by("b", direction=DESCENDING))


def test_a_collection_group_by_itself_needs_no_index(db: Any, letters: Any) -> None:
    letters.document("x").set({})

    assert ids(db.collection_group(letters.id)) == ["x"]


def test_a_filter_on_a_collection_group_needs_an_index_of_its_scope(
    firestore: Firestore, name: str, db: Any, letters: Any
) -> None:
    letters.document("x").set({"a": 1})
    query = db.collection_group(letters.id).where(filter=Where("a", "==", 1))
    with fails(errors.FailedPrecondition):
        ids(query)

    firestore.set_field(name, letters.id, "a", indexes=[("COLLECTION_GROUP", ASCENDING)])

    assert ids(query) == ["x"]


def test_a_composite_index_serves_its_own_scope_alone(firestore: Firestore, name: str, db: Any, letters: Any) -> None:
    fields = [("a", ASCENDING), ("b", ASCENDING)]
    firestore.create_index(name, letters.id, fields, scope="COLLECTION_GROUP")

    assert ids(db.collection_group(letters.id).order_by("a").order_by("b")) == []
    with fails(errors.FailedPrecondition):
        ids(letters.order_by("a").order_by("b"))


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ([("a", ASCENDING)], "not necessary"),
        ([("a", CONTAINS)], "not necessary"),
        ([], "needs fields"),
        ([("a", ASCENDING), ("a", DESCENDING)], "a field once"),
        ([("a", CONTAINS), ("b", CONTAINS)], "one array-contains"),
        ([("a", ASCENDING), ("b", "SIDEWAYS")], "known mode"),
        ([("a-b", ASCENDING), ("c", ASCENDING)], "Invalid property path"),
    ],
)
def test_an_index_that_makes_no_sense_is_refused(
    firestore: Firestore, name: str, fields: list[tuple[str, str]], words: str
) -> None:
    with pytest.raises(ControlError, match=words):
        firestore.create_index(name, "c", fields)


def test_the_same_index_twice_is_refused(firestore: Firestore, own: str) -> None:
    firestore.create_index(own, "c", [("a", ASCENDING), ("b", DESCENDING)])

    with pytest.raises(ControlError) as caught:
        firestore.create_index(own, "c", [("a", ASCENDING), ("b", DESCENDING), ("__name__", DESCENDING)])
    assert caught.value.status == "ALREADY_EXISTS"


def test_indexes_are_listed(firestore: Firestore, own: str) -> None:
    index = firestore.create_index(own, "c", [("a", ASCENDING), ("b", DESCENDING)])

    assert firestore.indexes(own) == [
        {
            "index": index,
            "collection": "c",
            "scope": "COLLECTION",
            "fields": [["a", ASCENDING], ["b", DESCENDING], ["__name__", DESCENDING]],
        }
    ]
