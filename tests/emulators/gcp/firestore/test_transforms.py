"""https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#fieldtransform"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.emulators.gcp.firestore.library import library, together, types

HIGHEST = 2**63 - 1


def test_an_increment_adds(letter: Any) -> None:
    letter.set({"a": 1})

    letter.update({"a": library.Increment(4)})

    assert letter.get().get("a") == 5


def test_an_increment_of_a_missing_field_sets_it(letter: Any) -> None:
    letter.set({"a": library.Increment(2.5)}, merge=True)

    assert letter.get().get("a") == 2.5


def test_an_increment_of_what_is_no_number_sets_it(letter: Any) -> None:
    letter.set({"a": "text"})

    letter.update({"a": library.Increment(3)})

    assert letter.get().get("a") == 3


@pytest.mark.parametrize(("start", "by", "end"), [(HIGHEST, 1, HIGHEST), (-HIGHEST - 1, -1, -HIGHEST - 1)])
def test_an_integer_increment_saturates(letter: Any, start: int, by: int, end: int) -> None:
    letter.set({"a": start})

    letter.update({"a": library.Increment(by)})

    assert letter.get().get("a") == end


@pytest.mark.parametrize(("start", "by"), [(1, 1.0), (1.0, 1)])
def test_an_increment_with_a_double_makes_a_double(letter: Any, start: float, by: float) -> None:
    letter.set({"a": start})

    letter.update({"a": library.Increment(by)})

    assert isinstance(letter.get().get("a"), float)


def test_a_double_increment_goes_to_infinity(letter: Any) -> None:
    letter.set({"a": 1.7e308})

    letter.update({"a": library.Increment(1.7e308)})

    assert letter.get().get("a") == math.inf


def test_an_increment_beside_fields_keeps_both(letter: Any) -> None:
    letter.set({"a": 1, "c": 1})

    letter.set({"a": library.Increment(-1), "b": 2}, merge=True)

    assert letter.get().to_dict() == {"a": 0, "b": 2, "c": 1}


def test_the_server_time_has_milliseconds_and_is_the_same_everywhere_in_a_commit(db: Any, letters: Any) -> None:
    batch = db.batch()
    for name in ("a", "b"):
        batch.set(letters.document(name), {"at": library.SERVER_TIMESTAMP, "m": {"at": library.SERVER_TIMESTAMP}})
    batch.commit()

    times = {time for found in letters.stream() for time in (found.get("at"), found.get("m.at"))}
    (time,) = times

    assert abs(datetime.now(UTC) - time) < timedelta(seconds=5)
    assert time.microsecond % 1000 == 0


def test_a_union_adds_what_is_missing_at_the_end(letter: Any) -> None:
    letter.set({"a": [1, 2]})

    letter.update({"a": library.ArrayUnion([2, 3, 3]), "b": library.ArrayUnion(["x"])})

    assert letter.get().to_dict() == {"a": [1, 2, 3], "b": ["x"]}


def test_a_union_takes_equal_numbers_of_both_types_for_one(letter: Any) -> None:
    letter.set({"a": [1, math.nan, None]})

    letter.update({"a": library.ArrayUnion([1.0, math.nan, None, -0.0, 0])})

    found = letter.get().get("a")
    assert [str(item) for item in found] == ["1", "nan", "None", "-0.0"]


def test_a_removal_takes_every_equal_element(letter: Any) -> None:
    letter.set({"a": [1, 2, 1.0]})

    letter.update({"a": library.ArrayRemove([1]), "b": library.ArrayRemove([1])})

    assert letter.get().to_dict() == {"a": [2], "b": []}


def test_a_union_of_what_is_no_array_replaces_it(letter: Any) -> None:
    letter.set({"a": 5})

    letter.update({"a": library.ArrayUnion([1])})

    assert letter.get().get("a") == [1]


def test_the_maximum_and_the_minimum_take_the_operand_that_wins(letter: Any) -> None:
    letter.set({"a": 5, "b": 5, "c": 5, "d": 5})

    letter.update(
        {"a": library.Maximum(9), "b": library.Minimum(2), "c": library.Maximum(1), "d": library.Minimum(8.5)}
    )

    assert letter.get().to_dict() == {"a": 9, "b": 2, "c": 5, "d": 5}


@pytest.mark.parametrize("start", [3, 3.0])
def test_among_equal_numbers_the_maximum_leaves_the_field(letter: Any, start: float) -> None:
    letter.set({"a": start})

    letter.update({"a": library.Maximum(3.0 if isinstance(start, int) else 3)})

    assert isinstance(letter.get().get("a"), type(start))


@pytest.mark.parametrize("transform", [library.Maximum, library.Minimum])
def test_an_extreme_with_nan_is_nan(letter: Any, transform: Any) -> None:
    letter.set({"a": 5})

    letter.update({"a": transform(math.nan)})

    assert math.isnan(letter.get().get("a"))


def test_a_write_tells_the_results_of_its_transforms(db: Any, letter: Any) -> None:
    letter.set({"n": 1, "list": [1]})
    batch = db.batch()
    batch.update(letter, {"n": library.Increment(4), "list": library.ArrayUnion([2])})

    (written,) = batch.commit()

    results = [types.Value.pb(result).WhichOneof("value_type") for result in written.transform_results]
    assert sorted(results) == ["integer_value", "null_value"]  # the new number; for arrays null


def test_transforms_alone_can_insist_on_the_document(letter: Any) -> None:
    letter.set({"n": 1})

    letter.update({"n": library.Increment(1)})

    assert letter.get().get("n") == 2


def test_increments_of_many_writers_all_count(letter: Any) -> None:
    letter.set({"n": 0})

    together(20, 200, lambda _: letter.update({"n": library.Increment(1)}))

    assert letter.get().get("n") == 200
