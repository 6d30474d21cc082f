from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.emulators.gcp.firestore.library import FieldPath, Vector, library, types

NOW = datetime(2024, 5, 6, 7, 8, 9, 123456, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        {"a": {"b": {"c": [1, {"x": [2]}]}}},
        b"\x00\xff\x10",
        NOW,
        None,
        library.GeoPoint(1.5, -2.5),
        1.25,
        float("inf"),
        2**63 - 1,
        -(2**63),
        "žluťoučký 🐎",
        False,
        "",
        [],
        {},
    ],
    ids=repr,
)
def test_a_value_comes_back_as_it_was(letter: Any, value: object) -> None:
    letter.set({"value": value})

    found = letter.get().get("value")

    assert found == value
    assert isinstance(found, type(value))


def test_minus_zero_keeps_its_sign(letter: Any) -> None:
    letter.set({"value": -0.0})

    assert str(letter.get().get("value")) == "-0.0"


def test_a_reference_comes_back_as_one(letter: Any) -> None:
    letter.set({"to": letter})

    assert letter.get().get("to").path == letter.path


def test_a_vector_comes_back_as_one(letter: Any) -> None:
    letter.set({"vector": Vector([1.0, 2.0])})

    assert list(letter.get().get("vector")) == [1.0, 2.0]


def test_a_timestamp_is_cut_to_microseconds(db: Any, name: str, letter: Any) -> None:
    # https://cloud.google.com/firestore/docs/concepts/data-types: "any additional precision is rounded down"
    finer = {"timestamp_value": {"seconds": 1, "nanos": 123_456_789}}
    write = {"update": {"name": f"{name}/documents/{letter.path}", "fields": {"at": finer}}}

    db._firestore_api.commit({"database": name, "writes": [write]})

    found = types.Document.pb(db._firestore_api.get_document({"name": f"{name}/documents/{letter.path}"}))
    assert found.fields["at"].timestamp_value.nanos == 123_456_000


def test_names_of_fields_may_hold_anything_between_backticks(letter: Any) -> None:
    letter.set({"a.b": 1, "c d": {"e-f": 2}, "k`q": 3, "back\\slash": 4})

    letter.update({FieldPath("a.b").to_api_repr(): 5, FieldPath("c d", "e-f").to_api_repr(): 6})

    assert letter.get().to_dict() == {"a.b": 5, "c d": {"e-f": 6}, "k`q": 3, "back\\slash": 4}


def test_an_id_may_hold_almost_anything(letters: Any) -> None:
    letter = letters.document("a:b@c d%2F é+=")
    letter.set({"a": 1})

    assert [found.id for found in letters.stream()] == [letter.id]


def test_large_documents_come_back_whole(letter: Any) -> None:
    body = os.urandom(900_000)
    letter.set({"body": body})

    assert letter.get().get("body") == body
