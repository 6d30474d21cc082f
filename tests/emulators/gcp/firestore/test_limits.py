"""https://cloud.google.com/firestore/quotas"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest

from tests.emulators.gcp.firestore.library import ASCENDING, CONTAINS, errors, fails, library, types
from tests.emulators.gcp.firestore.process import Firestore


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = {"a": value}
    return value


def commit(db: Any, name: str, path: str, fields: dict[str, Any]) -> None:
    """Write past the client's own checks."""
    document = types.Document(name=f"{name}/documents/{path}", fields=fields)
    db._firestore_api.commit({"database": name, "writes": [types.Write(update=document)]})


def test_a_document_of_more_than_a_mebibyte_is_refused(letter: Any) -> None:
    with fails(errors.InvalidArgument, "exceeds the maximum allowed size of 1,048,576 bytes"):
        letter.set({"a": b"x" * 600_000, "b": b"x" * 600_000})


def test_the_size_of_a_document_is_counted_to_the_byte(letters: Any) -> None:
    # https://cloud.google.com/firestore/docs/storage-size: the name (each id and one byte more, and 16), each field's
    # name and one byte more, each value, and 32.
    letter = letters.document("letter")
    rest = 16 + len(letters.id) + 1 + len("letter") + 1 + 32 + 2 * 2
    half = (1_048_576 - rest) // 2
    letter.set({"a": b"x" * half, "b": b"x" * (1_048_576 - rest - half)})

    with fails(errors.InvalidArgument, "(1,048,577 bytes)"):
        letter.set({"a": b"x" * half, "b": b"x" * (1_048_577 - rest - half)})


def test_a_value_has_89_bytes_less(letter: Any) -> None:
    with fails(errors.InvalidArgument, "longer than 1048487 bytes"):
        letter.set({"b": b"x" * 1_048_488})


def test_a_transform_cannot_make_a_document_too_large(letter: Any) -> None:
    letter.set({"a": [b"x" * 500_000]})

    with fails(errors.InvalidArgument, "1,048,576"):
        letter.update({"a": library.ArrayUnion([b"y" * 500_000]), "b": b"z" * 100_000})


def test_a_request_of_more_than_ten_mebibytes_is_refused(db: Any, letters: Any) -> None:
    batch = db.batch()
    for number in range(12):
        batch.set(letters.document(str(number)), {"body": os.urandom(1_000_000)})

    with fails(errors.InvalidArgument, "Request payload size exceeds the limit"):
        batch.commit()


@pytest.mark.parametrize("identity", [".", "..", "__a__", "____", "x" * 1501, "é" * 751])
def test_an_id_that_is_none_is_refused(db: Any, name: str, identity: str) -> None:
    with fails(errors.InvalidArgument):
        commit(db, name, f"letters/{identity}", {})


@pytest.mark.parametrize("identity", ["...", "__a", "a__", "é" * 750, "__"])
def test_an_unusual_id_is_taken(db: Any, name: str, identity: str) -> None:
    commit(db, name, f"letters/{identity}", {})


@pytest.mark.parametrize("path", ["letters", "letters//a", "letters/a/", ""])
def test_a_name_that_no_document_can_have_is_refused(db: Any, name: str, path: str) -> None:
    with fails(errors.InvalidArgument):
        commit(db, name, path, {})


def test_a_name_has_six_kibibytes_at_most(db: Any, name: str) -> None:
    with fails(errors.InvalidArgument, "6 KiB"):
        commit(db, name, "/".join(["x" * 1500] * 6), {})


@pytest.mark.parametrize("field", ["__a__", "____", "x" * 1501, ""])
def test_a_field_name_that_is_none_is_refused(db: Any, name: str, field: str) -> None:
    with fails(errors.InvalidArgument, "roperty name"):
        commit(db, name, "letters/a", {field: {"integer_value": 1}})


def test_reserved_field_names_are_refused_in_maps_too(db: Any, name: str) -> None:
    with fails(errors.InvalidArgument, "reserved"):
        commit(db, name, "letters/a", {"m": {"map_value": {"fields": {"__x__": {"integer_value": 1}}}}})


def test_an_array_in_an_array_is_refused(db: Any, name: str) -> None:
    inner: Any = {"array_value": {"values": []}}

    with fails(errors.InvalidArgument, "array value in an array value"):
        commit(db, name, "letters/a", {"a": {"array_value": {"values": [inner]}}})


def test_an_array_in_a_map_in_an_array_is_taken(letter: Any) -> None:
    letter.set({"a": [{"b": [1]}]})

    assert letter.get().to_dict() == {"a": [{"b": [1]}]}


def test_twenty_maps_in_each_other_are_taken_and_one_more_is_refused(letter: Any) -> None:
    letter.set({"a": nested(20)})

    with fails(errors.InvalidArgument, "more than 20"):
        letter.set({"a": nested(21)})


def test_a_commit_has_five_hundred_transforms_of_a_document_at_most(letter: Any) -> None:
    letter.set({f"f{number}": library.Increment(1) for number in range(500)})

    with fails(errors.InvalidArgument, "500 field transforms"):
        letter.set({f"f{number}": library.Increment(1) for number in range(501)})


def test_a_commit_has_more_than_five_hundred_writes(db: Any, letters: Any) -> None:
    # The limit of 500 writes is gone: https://cloud.google.com/firestore/quotas#writes_and_transactions has none.
    batch = db.batch()
    for number in range(600):
        batch.set(letters.document(str(number)), {})

    assert len(batch.commit()) == 600


def test_a_document_has_forty_thousand_index_entries_at_most(letter: Any) -> None:
    letter.set({"t": list(range(39_998))})  # and two for the array as a whole

    with fails(errors.InvalidArgument, "too many index entries"):
        letter.set({"t": list(range(39_999))})


def test_equal_elements_share_an_index_entry(letter: Any) -> None:
    letter.set({"t": [1] * 50_000})

    assert len(letter.get().get("t")) == 50_000


def test_the_fields_of_maps_have_index_entries(letter: Any) -> None:
    with fails(errors.InvalidArgument, "too many index entries"):
        letter.set({"m": {f"{number}": 1 for number in range(20_000)}})


def exempted(firestore: Firestore, name: str, collection: str) -> None:
    firestore.set_field(name, collection, "t", indexes=[])


def starred(firestore: Firestore, name: str, collection: str) -> None:
    firestore.set_field(name, collection, "*", indexes=[])


@pytest.mark.parametrize("exempt", [exempted, starred])
def test_an_exempted_field_has_no_index_entries(
    firestore: Firestore, name: str, letter: Any, exempt: Callable[[Firestore, str, str], None]
) -> None:
    exempt(firestore, name, letter.parent.id)

    letter.set({"t": list(range(60_000))})

    assert len(letter.get().get("t")) == 60_000


def test_a_composite_index_over_an_array_has_entries_too(firestore: Firestore, name: str, letter: Any) -> None:
    firestore.create_index(name, letter.parent.id, [("t", CONTAINS), ("n", ASCENDING)])
    letter.set({"t": list(range(19_990)), "n": 1})

    with fails(errors.InvalidArgument, "too many index entries"):
        letter.set({"t": list(range(20_000)), "n": 1})
