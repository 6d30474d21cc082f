"""Items as documents: whatever a table keeps comes back, and no document is more than Firestore takes."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from isthmus import values
from isthmus.conditions import same
from isthmus.errors import IsthmusError
from isthmus.links import Link
from isthmus.table_keys import Keys
from isthmus_gcp import document_values, documents
from isthmus_gcp.clients.table_store import Store
from isthmus_gcp.document_ids import document_id
from tests.emulators.gcp.firestore import limits
from tests.gcp.clients.tables import services_of

PROPERTIES = {
    "fields": {"id": "string", "owner": "string", "rank": "number"},
    "key": ["id"],
    "indexes": {"byOwner": ["owner", "rank"]},
}
KEYS = Keys("Items", PROPERTIES)
NAME = "projects/p/databases/d/documents/Items/" + "0" * 40


def document_of(item: dict[str, Any]) -> Any:
    """Return an item's document, as Firestore would store it; it is refused where Firestore would."""
    link = Link("table", "Items", "d/Items", ("write",), PROPERTIES)
    document: Any = Store(link, services_of()).putting(NAME, item).update
    limits.check(document)
    return document


def item_of(document: Any) -> dict[str, Any]:
    """Return the item of a document."""
    return documents.item(document_values.read(document.fields))[0]


def nest(depth: int, of: Any, kind: str) -> Any:
    """Return a value that many levels deep, of lists, maps or both."""
    value = of
    for level in range(depth):
        value = [value] if kind == "list" or (kind == "both" and level % 2) else {"n": value}
    return value


names = st.text(alphabet="a_~.`\\ é\x00", min_size=1, max_size=4) | st.sampled_from(
    ("__name__", "_list", "_packed", "_ttl", "_key", "_envelope", "_digest", "_bytes", "~", "_", "__type__", "x" * 1500)
)
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(-1e100, 1e100).filter(lambda number: not number or abs(number) > 1e-100)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    | st.binary(max_size=8)
)
kept: st.SearchStrategy[Any] = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(attributes=st.dictionaries(names, kept, max_size=5))
def test_whatever_a_table_keeps_comes_back(attributes: dict[str, Any]) -> None:
    item = {**attributes, "id": "a"}
    values.check(item)

    assert same(item_of(document_of(item)), item)


@pytest.mark.parametrize("kind", ["list", "map", "both"])
@pytest.mark.parametrize("depth", [9, 10, 11, 19, 20, 21, 31])
def test_any_depth_that_a_table_keeps_is_kept(kind: str, depth: int) -> None:
    item = {"id": "a", "deep": nest(depth, b"end", kind), "flat": [1]}

    assert item_of(document_of(item)) == item


def test_a_shallow_value_is_a_field_of_its_own_and_a_deep_one_is_packed() -> None:
    shallow = document_values.read(document_of({"id": "a", "v": nest(20, 1, "map")}).fields)
    deep = document_values.read(document_of({"id": "a", "v": nest(21, 1, "map")}).fields)
    wrapped = document_values.read(document_of({"id": "a", "v": nest(11, 1, "list")}).fields)

    assert documents.PACKED not in shallow
    assert documents.PACKED in deep
    assert "v" not in deep
    assert documents.PACKED in wrapped  # each list in a list stands in a map, and so counts twice


LARGE: tuple[dict[str, Any], ...] = (
    {"zeros": [0] * 136_000},
    {"maps": [{"a": 0}] * 55_000},
    {"empty": [[]] * 100_000},
    {"text": [""] * 400_000},
    {"bytes": [b""] * 400_000},
    {"floats": [-1e-130] * 80_000},
    {f"n{number}": number for number in range(40_000)},
    {"body": b"\xff" * (400 * 1024 - 20)},
)
"""What counts for nearly 400 KB, each made of something that takes much more room than it counts for."""


@pytest.mark.parametrize("attributes", LARGE, ids=lambda attributes: next(iter(attributes)))
def test_an_item_of_400_kilobytes_fits_whatever_it_is_made_of(attributes: dict[str, Any]) -> None:
    item = {**attributes, "id": "a", "owner": "o"}
    try:
        values.check(item)
    except IsthmusError:
        pytest.fail("the test asks for more than a table keeps")
    document = document_of(item)

    assert item_of(document) == item
    assert document.fields["owner"].string_value == "o"
    assert document.ByteSize() <= 1_048_576


def test_attributes_are_fields_of_their_own_and_ours_are_told_apart() -> None:
    item = {"id": "a", "_ttl": "mine", "~x": 1, "nested": {"_list": [1], "~": 2}, "rows": [[1, [2]], []]}
    fields = documents.fields(KEYS, item, envelope={"isthmus-correlation-id": "c"})

    assert fields == {
        "id": "a",
        "~_ttl": "mine",
        "~~x": 1,
        "nested": {"~_list": [1], "~~": 2},
        "rows": [{"_list": [1, {"_list": [2]}]}, {"_list": []}],
        "_key": ["id"],
        "_envelope": {"isthmus-correlation-id": "c"},
    }


def test_a_partition_that_is_too_long_for_an_index_is_a_digest_there() -> None:
    long, other = "é" * 751, "é" * 750 + "e"
    item = {"id": "a", "owner": long}
    stored = documents.fields(KEYS, item)

    assert stored["owner"] == documents.indexed(long) != documents.indexed(other)
    assert len(str(stored["owner"])) < 200
    assert documents.indexed("é" * 750) == "é" * 750
    assert documents.indexed(b"x" * 1501) != documents.indexed("x" * 1501)
    assert item_of(document_of(item)) == item


def test_what_is_packed_is_json_and_nothing_else_is_unpacked() -> None:
    item = {"a": [b"\x00", {"_bytes": "x", "~b": -0.0}]}

    assert documents.unpack(documents.pack(item)) == item
    assert json.loads(documents.dumps(item)) == {"a": [{"_bytes": "AA=="}, {"~_bytes": "x", "~~b": 0}]}
    with pytest.raises(ValueError, match="_packed"):
        documents.unpack(b"anything")


def test_minus_zero_is_kept_as_zero() -> None:
    stored = item_of(document_of({"id": "a", "zero": -0.0}))["zero"]

    assert str(stored) in ("0", "0.0")


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (1.25, (1, 250_000_000)),
        (-0.5, (-1, 500_000_000)),
        (0, (0, 0)),
        (1e100, (253_402_300_799, 0)),
        (-1e100, (-62_135_596_800, 0)),
        (253_402_300_799.9, (253_402_300_799, 0)),
    ],
)
def test_a_time_is_the_nearest_that_a_timestamp_can_be(at: float, written: tuple[int, int]) -> None:
    kind: Any = import_module("google.cloud.firestore_v1.types").Value
    value: Any = kind.pb(kind())
    document_values.set_time(value, at)

    assert (value.timestamp_value.seconds, value.timestamp_value.nanos) == written


def test_what_other_programs_write_is_read_as_well_as_can_be() -> None:
    kind: Any = import_module("google.cloud.firestore_v1.types").Document
    document: Any = kind.pb(kind())
    document.fields["when"].timestamp_value.FromJsonString("2026-11-22T15:00:00.5Z")
    document.fields["where"].geo_point_value.latitude = 1.5
    document.fields["who"].reference_value = "projects/p/databases/d/documents/People/a"
    document.fields["unset"].SetInParent()

    assert item_of(document) == {
        "when": 1795359600.5,
        "where": {"latitude": 1.5, "longitude": 0.0},
        "who": "projects/p/databases/d/documents/People/a",
        "unset": None,
    }


@pytest.mark.parametrize(
    ("attribute", "path"),
    [
        ("owner", "owner"),
        ("a1_B", "a1_B"),
        ("_own", "`~_own`"),
        ("a.b", "`a.b`"),
        ("a`\\b", "`a\\`\\\\b`"),
        ("1st", "`1st`"),
        ("é", "`é`"),
        ("class", "class"),
    ],
)
def test_a_path_names_a_field_with_quotes_where_they_are_needed(attribute: str, path: str) -> None:
    assert documents.path(attribute) == path


numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False, allow_infinity=False)
keys = st.text(max_size=3) | st.binary(max_size=3) | numbers


@settings(max_examples=500)
@given(one=st.tuples(keys, keys), other=st.tuples(keys, keys))
def test_keys_have_one_id_exactly_where_they_are_equal(one: tuple[Any, Any], other: tuple[Any, Any]) -> None:
    ids = [document_id(dict(zip("ab", key, strict=True))) for key in (one, other)]

    assert (ids[0] == ids[1]) == same(list(one), list(other))


def test_an_id_does_not_confuse_the_parts_of_a_key() -> None:
    different: list[dict[str, Any]] = [
        {"a": "1"},
        {"a": 1},
        {"a": b"1"},
        {"a": "1", "b": ""},
        {"a": "", "b": "1"},
        {"a": 0.1},
    ]
    ids = {document_id(key) for key in different}

    assert len(ids) == len(different)
    assert document_id({"a": 1}) == document_id({"a": 1.0})
    assert document_id({"a": 0}) == document_id({"a": -0.0})
    assert document_id({"a": 2**63 - 1}) != document_id({"a": float(2**63)})


def test_an_id_stays_what_it_is() -> None:
    """A changed digest would lose every item that is stored."""
    assert document_id({"shelf": "a", "at": 1.5}) == "a16a3face95a1b658395fc86a6987e3afaf34a6d"
