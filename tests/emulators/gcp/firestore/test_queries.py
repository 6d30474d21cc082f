from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.emulators.gcp.firestore.conftest import PROJECT
from tests.emulators.gcp.firestore.library import (
    ASCENDING,
    CONTAINS,
    DESCENDING,
    And,
    Or,
    Where,
    ids,
    library,
)
from tests.emulators.gcp.firestore.process import Firestore

ROWS = (("a", 1, "x"), ("b", 3, "x"), ("c", 2, "y"), ("d", 5, "y"), ("e", 4, "z"))

INDEXES = (
    [("g", ASCENDING), ("n", ASCENDING)],
    [("g", DESCENDING), ("n", ASCENDING)],
    [("t", CONTAINS), ("n", DESCENDING)],
    [("__name__", DESCENDING)],
)


@pytest.fixture(scope="module")
def rows(firestore: Firestore, name: str, db: Any) -> Any:
    collection = db.collection("rows")
    for identity, n, g in ROWS:
        collection.document(identity).set({"n": n, "g": g, "t": [g, identity], "m": {"k": n}})
    for fields in INDEXES:
        firestore.create_index(name, "rows", fields)
    return collection


CASES: dict[str, tuple[Callable[[Any], Any], str]] = {
    "all in the order of their names": (lambda c: c, "abcde"),
    "equal": (lambda c: c.where(filter=Where("g", "==", "x")), "ab"),
    "not equal": (lambda c: c.where(filter=Where("g", "!=", "x")), "cde"),
    "less": (lambda c: c.where(filter=Where("n", "<", 3)), "ac"),
    "a range": (lambda c: c.where(filter=Where("n", ">=", 2)).where(filter=Where("n", "<=", 4)), "cbe"),
    "an inequality orders": (lambda c: c.where(filter=Where("n", ">", 0)), "acbed"),
    "one of some values": (lambda c: c.where(filter=Where("g", "in", ["x", "z"])), "abe"),
    "none of some values": (lambda c: c.where(filter=Where("g", "not-in", ["x", "z"])), "cd"),
    "none of some values and null": (lambda c: c.where(filter=Where("g", "not-in", ["x", None])), ""),
    "an element": (lambda c: c.where(filter=Where("t", "array_contains", "y")), "cd"),
    "any of some elements": (lambda c: c.where(filter=Where("t", "array_contains_any", ["z", "a"])), "ae"),
    "an element, ordered": (
        lambda c: c.where(filter=Where("t", "array_contains", "y")).order_by("n", DESCENDING),
        "dc",
    ),
    "a field of a map": (lambda c: c.where(filter=Where("m.k", "==", 5)), "d"),
    "a whole map": (lambda c: c.where(filter=Where("m", "==", {"k": 5})), "d"),
    "or": (lambda c: c.where(filter=Or([Where("n", "==", 1), Where("g", "==", "z")])), "ae"),
    "and": (lambda c: c.where(filter=And([Where("g", "==", "y"), Where("n", ">", 2)])), "d"),
    "or of ands": (
        lambda c: c.where(filter=Or([And([Where("g", "==", "y"), Where("n", ">", 2)]), Where("n", "==", 1)])),
        "ad",
    ),
    "and of ors": (
        lambda c: c.where(
            filter=And(
                [Or([Where("n", "==", 1), Where("n", "==", 2)]), Or([Where("g", "==", "x"), Where("n", "==", 4)])]
            )
        ),
        "a",
    ),
    "ascending": (lambda c: c.order_by("n"), "acbed"),
    "descending": (lambda c: c.order_by("n", direction=DESCENDING), "debca"),
    "descending with ties by name, descending too": (lambda c: c.order_by("g", direction=DESCENDING), "edcba"),
    "two orders": (lambda c: c.order_by("g", direction=DESCENDING).order_by("n"), "ecdab"),
    "names descending": (lambda c: c.order_by("__name__", direction=DESCENDING), "edcba"),
    "a limit": (lambda c: c.order_by("n").limit(2), "ac"),
    "an offset": (lambda c: c.order_by("n").offset(2).limit(2), "be"),
    "an offset past the end": (lambda c: c.offset(9), ""),
    "after a value": (lambda c: c.order_by("n").start_after({"n": 2}), "bed"),
    "from a value on": (lambda c: c.order_by("n").start_at({"n": 2}), "cbed"),
    "from between two values on": (lambda c: c.order_by("n").start_at({"n": 2.5}), "bed"),
    "before a value": (lambda c: c.order_by("n").end_before({"n": 4}), "acb"),
    "to a value": (lambda c: c.order_by("n").end_at({"n": 4}), "acbe"),
    "descending from a value on": (lambda c: c.order_by("n", direction=DESCENDING).start_at({"n": 3}), "bca"),
    "after a document among equals": (lambda c: c.order_by("g").start_after(c.document("a").get()), "bcde"),
    "after two values": (lambda c: c.order_by("g").order_by("n").start_after({"g": "x", "n": 1}), "bcde"),
    "after a prefix of the order": (lambda c: c.order_by("g").order_by("n").start_after({"g": "x"}), "cde"),
    "after a document by name": (lambda c: c.start_after(c.document("b").get()), "cde"),
    "a name": (lambda c: c.where(filter=Where("__name__", "==", c.document("b"))), "b"),
    "names in a range": (
        lambda c: c.where(filter=Where("__name__", ">=", c.document("b"))).where(
            filter=Where("__name__", "<", c.document("d"))
        ),
        "bc",
    ),
    "some names": (lambda c: c.where(filter=Where("__name__", "in", [c.document("b"), c.document("d")])), "bd"),
}


@pytest.mark.parametrize(("query", "found"), CASES.values(), ids=CASES)
def test_a_query_finds_in_order(rows: Any, query: Callable[[Any], Any], found: str) -> None:
    assert "".join(ids(query(rows))) == found


def test_a_limit_to_the_last_gives_the_last_in_order(rows: Any) -> None:
    assert [found.id for found in rows.order_by("n").limit_to_last(2).get()] == ["e", "d"]


def test_a_projection_gives_some_fields(rows: Any) -> None:
    query = rows.where(filter=Where("n", "==", 1)).select(["m.k", "g"])

    assert [found.to_dict() for found in query.stream()] == [{"m": {"k": 1}, "g": "x"}]


def test_a_projection_on_nothing_gives_names(rows: Any) -> None:
    assert [(found.id, found.to_dict()) for found in rows.select([]).limit(1).stream()] == [("a", {})]


def test_an_order_leaves_out_documents_without_the_field(letters: Any) -> None:
    letters.document("with").set({"n": 1})
    letters.document("without").set({})

    assert ids(letters.order_by("n")) == ["with"]


def test_null_is_found_by_equality_and_comes_first_but_is_in_no_range(letters: Any) -> None:
    letters.document("null").set({"n": None})
    letters.document("one").set({"n": 1})

    assert ids(letters.order_by("n")) == ["null", "one"]
    assert ids(letters.where(filter=Where("n", "==", None))) == ["null"]
    assert ids(letters.where(filter=Where("n", "!=", 5))) == ["one"]
    assert ids(letters.where(filter=Where("n", "<", 2))) == ["one"]


def test_types_are_ordered_among_themselves(db: Any, letters: Any) -> None:
    values = [
        None,
        False,
        True,
        math.nan,
        -math.inf,
        3,
        3.5,
        datetime(2020, 1, 1, tzinfo=UTC),
        "a",
        "b",
        b"a",
        db.document("a/b"),
        library.GeoPoint(1, 2),
        [1],
        [1, 0],
        {"a": 1},
        {"a": 2},
        {"b": 0},
    ]
    for place, value in reversed(list(enumerate(values))):
        letters.document(f"{place:02}").set({"v": value})

    assert ids(letters.order_by("v")) == [f"{place:02}" for place in range(len(values))]


def test_a_range_finds_values_of_its_own_type(letters: Any) -> None:
    letters.document("integer").set({"v": 5})
    letters.document("string").set({"v": "z"})
    letters.document("double").set({"v": 5.0})

    assert ids(letters.where(filter=Where("v", ">", 1))) == ["double", "integer"]


def test_numbers_of_both_types_are_equal(letters: Any) -> None:
    letters.document("integer").set({"v": 5})
    letters.document("double").set({"v": 5.0})

    assert ids(letters.where(filter=Where("v", "==", 5))) == ["double", "integer"]
    assert ids(letters.where(filter=Where("v", "in", [5.0]))) == ["double", "integer"]


def test_both_zeros_are_equal(letters: Any) -> None:
    letters.document("minus").set({"v": -0.0})
    letters.document("plus").set({"v": 0})

    assert ids(letters.where(filter=Where("v", "==", 0.0))) == ["minus", "plus"]


def test_nan_is_equal_to_itself(letters: Any) -> None:
    letters.document("nan").set({"v": math.nan})
    letters.document("one").set({"v": 1})

    assert ids(letters.where(filter=Where("v", "==", math.nan))) == ["nan"]
    assert ids(letters.where(filter=Where("v", "!=", math.nan))) == ["one"]


def test_large_integers_are_not_compared_as_doubles(letters: Any) -> None:
    letters.document("a").set({"v": 2**53})
    letters.document("b").set({"v": 2**53 + 1})

    assert ids(letters.where(filter=Where("v", ">", float(2**53)))) == ["b"]


def test_strings_are_ordered_by_their_utf_8_bytes(letters: Any) -> None:
    words = ["", "A", "Z", "a", "é", "中", "\uffff", "🐎"]  # in UTF-16 the horse would come before \uffff
    for place, word in reversed(list(enumerate(words))):
        letters.document(str(place)).set({"v": word})

    assert ids(letters.order_by("v")) == list("01234567")


def test_names_are_ordered_by_their_utf_8_bytes(letters: Any) -> None:
    for word in ("🐎", "\uffff", "a", "Z"):
        letters.document(word).set({})

    assert ids(letters) == ["Z", "a", "\uffff", "🐎"]


def test_a_prefix_is_found_by_a_range(letters: Any) -> None:
    for word in ("a#", "a#1", "a#\U0010ffff", "a$", "b"):
        letters.document(word).set({"v": word})

    found = ids(letters.where(filter=Where("v", ">=", "a#")).where(filter=Where("v", "<", "a$")))

    assert found == ["a#", "a#1", "a#\U0010ffff"]


def test_a_range_of_times_is_exact_to_the_microsecond(letters: Any) -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    for number in range(5):
        letters.document(str(number)).set({"t": start + timedelta(microseconds=number)})

    assert ids(letters.where(filter=Where("t", ">=", start + timedelta(microseconds=2)))) == ["2", "3", "4"]


def test_a_collection_group_is_every_collection_of_its_name(firestore: Firestore, own: str, own_db: Any) -> None:
    own_db.document("x/1/deep/a").set({"n": 1})
    own_db.document("x/2/deep/b").set({"n": 2})
    own_db.document("deep/c").set({"n": 3})
    own_db.document("x/1/deeper/d").set({"n": 4})

    assert sorted(ids(own_db.collection_group("deep"))) == ["a", "b", "c"]


def test_a_collection_knows_nothing_of_those_below(letters: Any) -> None:
    letters.document("a").set({"n": 1})
    letters.document("a").collection("s").document("b").set({"n": 2})

    assert ids(letters) == ["a"]
    assert ids(letters.document("a").collection("s")) == ["b"]


def test_a_query_of_nothing_finds_nothing(letters: Any) -> None:
    assert ids(letters) == []


def test_a_collection_group_can_be_cut_into_partitions(db: Any, letters: Any) -> None:
    letters.document("a").set({})

    (partition,) = db.collection_group(letters.id).get_partitions(2)

    assert ids(partition.query()) == ["a"]


def test_projects_are_apart(firestore: Firestore, db: Any, letter: Any) -> None:
    firestore.create_database("elsewhere")
    letter.set({})

    assert PROJECT != "elsewhere"
    assert not firestore.client("elsewhere").document(letter.path).get().exists
