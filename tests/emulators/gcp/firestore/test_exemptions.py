"""https://cloud.google.com/firestore/docs/query-data/index-overview#single-field_index_exemptions"""

from __future__ import annotations

from typing import Any

from tests.emulators.gcp.firestore.library import ASCENDING, CONTAINS, DESCENDING, Where, errors, fails, ids
from tests.emulators.gcp.firestore.process import Firestore


def equal(letters: Any, path: str) -> list[str]:
    return ids(letters.where(filter=Where(path, "==", 1)))


def test_an_exempted_field_is_not_found_by(firestore: Firestore, name: str, letters: Any) -> None:
    firestore.set_field(name, letters.id, "a", indexes=[])

    with fails(errors.FailedPrecondition, "requires an index"):
        equal(letters, "a")
    assert equal(letters, "b") == []


def test_an_exemption_counts_from_the_moment_it_is_made(firestore: Firestore, name: str, letters: Any) -> None:
    assert equal(letters, "a") == []
    firestore.set_field(name, letters.id, "a", indexes=[])

    with fails(errors.FailedPrecondition):
        equal(letters, "a")


def test_an_exempted_field_can_be_in_a_composite_index(firestore: Firestore, name: str, letters: Any) -> None:
    firestore.set_field(name, letters.id, "a", indexes=[])
    firestore.create_index(name, letters.id, [("a", ASCENDING), ("b", ASCENDING)])

    assert ids(letters.where(filter=Where("a", "==", 1)).order_by("b")) == []


def test_a_field_has_the_single_indexes_that_it_was_given(firestore: Firestore, name: str, letters: Any) -> None:
    firestore.set_field(name, letters.id, "a", indexes=[("COLLECTION", DESCENDING)])

    assert ids(letters.order_by("a", direction=DESCENDING)) == []
    with fails(errors.FailedPrecondition):
        ids(letters.order_by("a"))
    with fails(errors.FailedPrecondition):
        ids(letters.where(filter=Where("a", "array_contains", 1)))


def test_a_star_stands_for_all_fields_of_the_collection_group(firestore: Firestore, name: str, letters: Any) -> None:
    firestore.set_field(name, letters.id, "*", indexes=[])

    with fails(errors.FailedPrecondition):
        equal(letters, "anything")
    with fails(errors.FailedPrecondition):
        equal(letters, "m.deep")


def test_a_field_of_its_own_goes_before_the_star(firestore: Firestore, name: str, letters: Any) -> None:
    firestore.set_field(name, letters.id, "*", indexes=[])
    firestore.set_field(name, letters.id, "a", indexes=[("COLLECTION", ASCENDING)])

    assert equal(letters, "a") == []


def test_a_star_of_one_collection_leaves_the_others(firestore: Firestore, name: str, letters: Any) -> None:
    firestore.set_field(name, "elsewhere", "*", indexes=[])

    assert equal(letters, "a") == []


def test_the_default_collection_group_stands_for_all(firestore: Firestore, own: str, own_db: Any) -> None:
    firestore.set_field(own, "__default__", "*", indexes=[])

    with fails(errors.FailedPrecondition):
        equal(own_db.collection("any"), "a")


def test_the_fields_of_a_map_inherit_its_exemption(firestore: Firestore, name: str, letters: Any) -> None:
    firestore.set_field(name, letters.id, "m", indexes=[])
    firestore.set_field(name, letters.id, "m.b", indexes=[("COLLECTION", ASCENDING)])

    with fails(errors.FailedPrecondition):
        equal(letters, "m.a")
    assert equal(letters, "m.b") == []


def test_a_deleted_configuration_leaves_the_automatic_indexes(firestore: Firestore, name: str, letters: Any) -> None:
    firestore.set_field(name, letters.id, "a", indexes=[])
    firestore.delete_field(name, letters.id, "a")

    assert equal(letters, "a") == []


def test_a_time_to_live_alone_leaves_the_automatic_indexes(firestore: Firestore, name: str, letters: Any) -> None:
    firestore.set_field(name, letters.id, "a", ttl=True)

    assert equal(letters, "a") == []


def test_an_array_needs_its_index_for_elements(firestore: Firestore, name: str, letters: Any) -> None:
    letters.document("x").set({"t": [1]})
    firestore.set_field(name, letters.id, "t", indexes=[("COLLECTION", CONTAINS)])

    assert ids(letters.where(filter=Where("t", "array_contains", 1))) == ["x"]
    with fails(errors.FailedPrecondition):
        ids(letters.where(filter=Where("t", "==", [1])))
