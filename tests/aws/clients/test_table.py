"""What is peculiar to tables on DynamoDB; what every table does is in the contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from isthmus.conditions import begins_with, contains, differs, missing, present
from isthmus.errors import AccessDeniedError, ConditionFailedError, InvalidValueError, TooLargeError
from isthmus.table_writes import Check, Delete, Put, Update
from isthmus_aws import wire
from isthmus_aws.clients.table import TableClient
from tests.aws.clients.tables import Tables, case, items, tables

__all__ = ["case", "items", "tables"]

Attempts = Sequence[Callable[[], object]]


def image_of(tables: Tables, case: str) -> dict[str, Any]:
    return next(image for image in tables.images("Items") if image["id"]["S"] == case)


ODD_NAMES = ("size", "a.b", "a-b", "a b", "#", ":", "1", "é", "\U0001f600", "isthmus", "a[0]", "SET", "x" * 300)
"""Reserved words, and what expressions would take for something else."""


def test_odd_names_are_attributes_like_any_other(items: TableClient, case: str) -> None:
    items.put({"id": case, **{name: n for n, name in enumerate(ODD_NAMES)}})
    updated = items.update(
        case,
        set={"size": "s", "a.b": "b"},
        add={"a-b": 10, "#": 1},
        remove=["1", "SET", "", "gone"],
        if_match={":": 5, "a[0]": 10, "gone.too": missing()},
    )

    assert updated == items.get(case)
    assert {"1", "SET"}.isdisjoint(updated)
    assert (updated["size"], updated["a.b"], updated["a-b"], updated["#"]) == ("s", "b", 12, 5)


FLOATS = (0.1, -0.1, 1 / 3, 5e-100, 1.5e100, -(2.0**62), 2.0**63, 2.0**64, 1e22, 123456789012345678.0, 9.99e125, 1e-130)


def test_a_float_comes_back_as_the_same_double(items: TableClient, case: str) -> None:
    items.put({"id": case, "floats": list(FLOATS), "least": -0.0})
    stored = items.get(case)

    assert stored is not None
    assert stored["floats"] == list(FLOATS)
    assert (stored["least"], str(stored["least"])) == (0, "0")


def test_a_float_matches_what_it_was_stored_as(items: TableClient, case: str) -> None:
    for number in FLOATS:
        items.put({"id": case, "n": number})
        items.update(case, set={"done": True}, if_match={"n": number})


def test_floats_are_added_in_decimal(items: TableClient, case: str) -> None:
    # On the laptop this is the sum of doubles, 0.30000000000000004.
    assert items.update(case, add={"n": 0.1})["n"] == 0.1
    assert items.update(case, add={"n": 0.2})["n"] == 0.3


@pytest.mark.parametrize(
    ("stored", "amount"), [(2**63 - 1, 1), (-(2**63), -1), (1, 2**63 - 1), (-1, -(2**63)), (2**63 - 5, 5)]
)
def test_an_int_grows_to_64_bits_and_no_further(items: TableClient, case: str, stored: int, amount: int) -> None:
    items.put({"id": case, "n": stored})

    with pytest.raises(InvalidValueError, match="add makes an int of more than 64 bits of n"):
        items.update(case, add={"n": amount})
    with pytest.raises(InvalidValueError, match="more than 64 bits"):
        items.transact([Update(case, add={"n": amount}), Put({"id": case + "other"})])
    assert items.get(case) == {"id": case, "n": stored}
    assert items.update(case, add={"n": amount - (1 if amount > 0 else -1)})["n"] in (2**63 - 1, -(2**63))


def test_a_float_beyond_64_bits_may_be_added_to(items: TableClient, case: str) -> None:
    items.put({"id": case, "n": 1e20})

    assert items.update(case, add={"n": 1})["n"] == 1e20


def test_add_of_nothing_makes_a_number_of_what_is_missing(items: TableClient, case: str) -> None:
    assert items.update(case, add={"n": 0}) == {"id": case, "n": 0}


def test_an_update_of_nothing_makes_an_item(items: TableClient, case: str) -> None:
    assert items.update(case) == {"id": case}
    items.transact([Update(case + "2"), Update(case)])

    assert items.get_many([case, case + "2"]) == [{"id": case}, {"id": case + "2"}]


def test_an_update_that_only_removes_makes_an_item_too(items: TableClient, case: str) -> None:
    assert items.update(case, remove=["gone"]) == {"id": case}
    items.transact([Update(case + "2", remove=["gone"])])

    assert items.get_many([case, case + "2"]) == [{"id": case}, {"id": case + "2"}]
    assert items.update(case, remove=["gone"]) == {"id": case}


def test_an_update_with_a_condition_on_nothing_tells_so(items: TableClient, case: str) -> None:
    with pytest.raises(InvalidValueError, match="if_match is empty"):
        items.update(case, if_match={})


# Bytes within bytes are left out: ministack never finds them, and DynamoDB does (see `table_expressions`).
@pytest.mark.parametrize(
    ("condition", "stored", "holds"),
    [
        (begins_with(""), "abc", True),
        (begins_with(""), b"abc", False),
        (begins_with(b""), b"", True),
        (contains(""), "", True),
        (contains(""), ["a"], False),
        (contains(""), ["", "a"], True),
        (contains(None), [1, None], True),
        (contains({"a": [1]}), [{"a": [1.0]}], True),
        (contains("a"), {"a": 1}, False),
        (differs(None), None, False),
        (differs("a"), 1, True),
        (differs([]), [None], True),
        (present(), None, True),
    ],
    ids=repr,
)
def test_a_condition_means_what_it_means_on_the_laptop(
    items: TableClient, case: str, condition: Any, stored: Any, holds: bool
) -> None:
    items.put({"id": case, "v": stored})

    if holds:
        items.delete(case, if_match={"v": condition})
    else:
        with pytest.raises(ConditionFailedError, match="the stored item does not match in v"):
            items.delete(case, if_match={"v": condition})


def test_a_failed_condition_says_what_it_met(items: TableClient, case: str) -> None:
    items.put({"id": case, "a": 1, "b": 2})

    with pytest.raises(ConditionFailedError, match=r"table 'Items': the stored item does not match in b$"):
        items.put({"id": case}, if_match={"a": 1, "b": 1})
    with pytest.raises(ConditionFailedError, match="there is an item with this key already"):
        items.put({"id": case}, if_absent=True)
    with pytest.raises(ConditionFailedError, match="there is no item with this key"):
        items.update(case + "x", if_exists=True)
    with pytest.raises(ConditionFailedError, match=r"write 2 of 2: table 'Items': .* does not match in a"):
        items.transact([Put({"id": case + "x"}), Delete(case, if_match={"b": 2, "a": 5})])


def test_the_envelope_travels_with_each_write_and_no_read_shows_it(tables: Tables, case: str) -> None:
    items = tables.client("Items", changes=True)
    items.put({"id": case, "owner": case, "rank": 1})
    assert wire.ENVELOPE in image_of(tables, case)
    updated = items.update(case, set={"n": 1}, if_match={"owner": case})
    items.transact([Put({"id": case + "2"}), Update(case + "3", add={"n": 1})])
    items.put_many([{"id": case + "4"}])

    assert updated == {"id": case, "owner": case, "rank": 1, "n": 1} == items.get(case)
    assert items.get_many([case]) == [updated] == list(items.query(case, index="byOwner"))
    assert all(wire.ENVELOPE not in item for item in items.scan())
    for n in ("", "2", "3", "4"):
        assert wire.envelope_of(image_of(tables, case + n)[wire.ENVELOPE]["S"]) is not None
        assert wire.ENVELOPE in image_of(tables, case + n)
    assert items.delete(case) == updated


def test_a_table_that_nobody_hears_of_carries_no_envelope(tables: Tables, case: str) -> None:
    items = tables.client("Items", changes=False)
    items.put({"id": case})

    assert image_of(tables, case) == {"id": {"S": case}}


def test_the_attribute_of_the_envelope_is_not_a_users(items: TableClient, case: str) -> None:
    name = wire.ENVELOPE
    attempts: Attempts = (
        lambda: items.put({"id": case, name: "x"}),
        lambda: items.put_many([{"id": case, name: "x"}]),
        lambda: items.update(case, set={name: "x"}),
        lambda: items.update(case, add={name: 1}),
        lambda: items.update(case, remove=[name]),
        lambda: items.delete(case, if_match={name: present()}),
        lambda: items.transact([Put({"id": case, name: "x"})]),
    )

    for attempt in attempts:
        with pytest.raises(InvalidValueError, match="'isthmus-envelope' is an attribute of Isthmus's own"):
            attempt()


def test_an_item_just_below_the_limit_is_kept_without_its_envelope(tables: Tables, case: str) -> None:
    items = tables.client("Items", changes=True)
    items.put({"id": case, "body": b"x" * (400 * 1024 - len(case) - len("idbody"))})

    assert wire.ENVELOPE not in image_of(tables, case)
    with pytest.raises(TooLargeError):
        items.put({"id": case, "body": b"x" * (400 * 1024)})
    tables.resource("Items").delete(case)


@pytest.mark.parametrize("value", ["", 5, b"x", None, "x" * 2049])
def test_a_field_of_an_index_has_its_type_and_is_not_empty(items: TableClient, case: str, value: Any) -> None:
    attempts: Attempts = (
        lambda: items.put({"id": case, "owner": value}),
        lambda: items.put_many([{"id": case, "owner": value}]),
        lambda: items.update(case, set={"owner": value}),
        lambda: items.transact([Put({"id": case, "owner": value})]),
    )

    for attempt in attempts:
        with pytest.raises(InvalidValueError, match="'owner', a key field"):
            attempt()
    with pytest.raises(InvalidValueError, match="'owner', a key field, is declared as a string"):
        items.update(case, add={"owner": 1})
    assert items.get(case) is None


def test_an_unlinked_verb_is_refused_before_anything_is_asked(tables: Tables, case: str) -> None:
    reads, writes = tables.client("Items", ["read"]), tables.client("Items", ["write"])
    reading: Attempts = (
        lambda: writes.get(case),
        lambda: writes.get_many([case]),
        lambda: writes.query(case, index="byOwner"),
        writes.scan,
    )
    writing: Attempts = (
        lambda: reads.put({"id": case}),
        lambda: reads.put_many([{"id": case}]),
        lambda: reads.update(case, add={"n": 1}),
        lambda: reads.delete(case),
        lambda: reads.transact([Check(case, if_absent=True)]),
        lambda: tables.resource("Books").transact([Put({"id": case}, table=reads)]),
    )

    for attempt in reading:
        with pytest.raises(AccessDeniedError, match="function 'Caller' may not read 'Items'"):
            attempt()
    for attempt in writing:
        with pytest.raises(AccessDeniedError, match="may not write 'Items'"):
            attempt()
    writes.put({"id": case})
    assert writes.delete(case) == {"id": case}


def test_many_items_may_repeat_and_are_apart(items: TableClient, case: str) -> None:
    items.put_many([{"id": case, "l": [{"n": 1}]}, {"id": case, "l": [{"n": 2}]}, {"id": case + "2"}])
    first, second, third = items.get_many([case, case + "2", case])

    assert first == third == {"id": case, "l": [{"n": 2}]}
    assert second == {"id": case + "2"}
    assert first is not None
    first["l"][0]["n"] = 3
    assert third is not None
    assert third["l"] == [{"n": 2}]


def test_equal_numbers_are_one_key(tables: Tables, case: str) -> None:
    readings = tables.resource("Readings")
    readings.put_many([{"sensor": case, "at": 1, "n": 1}, {"sensor": case, "at": 1.0, "n": 2}])

    assert readings.get_many([(case, 1.0), (case, 1)]) == [{"sensor": case, "at": 1, "n": 2}] * 2
    with pytest.raises(InvalidValueError, match="at most one write for each item"):
        readings.transact([Delete((case, 1)), Delete((case, 1.0))])


def test_nothing_is_nothing(items: TableClient) -> None:
    items.put_many([])
    items.transact([])

    assert items.get_many([]) == []


def test_a_transaction_takes_writes_to_linked_tables_alone(items: TableClient, case: str) -> None:
    wrong: Any = {"id": case}
    with pytest.raises(InvalidValueError, match="transact takes Put, Update, Delete and Check, not dict"):
        items.transact([wrong])
    with pytest.raises(InvalidValueError, match="table= takes a linked table"):
        items.transact([Put({"id": case}, table="Books")])
    with pytest.raises(TooLargeError, match="the transaction is"):
        items.transact([Put({"id": f"{case}{n}", "body": b"x" * 390_000}) for n in range(11)])
