"""What a table's client does where Firestore is busy, in the way of itself, not there, or not as it should be."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import pytest

from isthmus.errors import (
    AccessDeniedError,
    ConditionFailedError,
    InvalidValueError,
    IsthmusError,
    ServiceError,
    TooLargeError,
)
from isthmus.links import Link
from isthmus.table_writes import Check, Delete, Put, Update
from isthmus.testing.contract.contract_app import contract_app
from isthmus_gcp.clients import table_patience
from isthmus_gcp.clients.table import TableClient
from tests.emulators.gcp.firestore.process import Firestore
from tests.gcp.clients.table_faults import Faulty
from tests.gcp.clients.tables import PROJECT, Tables, case, items, services_of, tables, target

__all__ = ["case", "items", "tables"]


@pytest.fixture(autouse=True)
def _at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table_patience, "_MOST", 0.001)


Write = Callable[[TableClient, str], Any]
WRITES: dict[str, Write] = {
    "put": lambda items, id: items.put({"id": id, "n": 1}),
    "put if absent": lambda items, id: items.put({"id": id, "n": 1}, if_absent=True),
    "put_many": lambda items, id: items.put_many([{"id": id, "n": 1}]),
    "update": lambda items, id: items.update(id, add={"n": 1}),
    "update if match": lambda items, id: items.update(id + "old", set={"n": 1}, if_match={"n": 0}),
    "delete": lambda items, id: items.delete(id + "old"),
    "transact": lambda items, id: items.transact([Put({"id": id, "n": 1}, if_absent=True), Check(id + "old")]),
    "transact puts": lambda items, id: items.transact([Put({"id": id, "n": 1})]),
}


@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("times", [1, 7])
def test_a_write_that_others_are_in_the_way_of_is_made_again(
    tables: Tables, firestore: Firestore, case: str, write: str, times: int
) -> None:
    tables = Tables(firestore, contract_app(target()))  # of its own: what is planned and not met stays planned
    items = tables.resource("Items")
    items.put({"id": case + "old", "n": 0})
    firestore.contend(tables.path, commits=times, reads=times)
    WRITES[write](items, case)

    found = items.get(case) or items.get(case + "old")
    assert write == "delete" or (found or {})["n"] == 1


@pytest.mark.parametrize("code", ["UNAVAILABLE", "RESOURCE_EXHAUSTED", "INTERNAL", "DEADLINE_EXCEEDED"])
@pytest.mark.parametrize("write", WRITES)
def test_a_passing_fault_of_a_write_is_got_over(tables: Tables, case: str, write: str, code: str) -> None:
    tables.resource("Items").put({"id": case + "old", "n": 0})
    operation = "batch_write" if write == "put_many" else "commit"
    faulty = Faulty(operation, [code, code])
    WRITES[write](faulty.table(tables), case)

    assert faulty.requests.count(operation) == 3


READS: dict[str, tuple[str, Write]] = {
    "get": ("batch_get_documents", lambda items, id: [items.get(id)]),
    "get_many": ("batch_get_documents", lambda items, id: items.get_many([id])),
    "query": ("run_query", lambda items, id: list(items.query(id, index="byLabel"))),
    "query by key": ("batch_get_documents", lambda items, id: list(items.query(id))),
    "scan": ("run_query", lambda items, id: [item for item in items.scan() if item["id"] == id]),
}


@pytest.mark.parametrize("breaks_off", [False, True])
@pytest.mark.parametrize("code", ["UNAVAILABLE", "INTERNAL", "ABORTED"])
@pytest.mark.parametrize("read", READS)
def test_a_passing_fault_of_a_read_is_got_over_even_in_the_middle(
    tables: Tables, case: str, read: str, code: str, *, breaks_off: bool
) -> None:
    tables.resource("Items").put({"id": case, "label": case})
    operation, ask = READS[read]
    faulty = Faulty(operation, [code, code], breaks_off=breaks_off)

    assert ask(faulty.table(tables), case) == [{"id": case, "label": case}]
    assert faulty.requests == [operation] * 3


def test_a_fault_that_does_not_pass_is_given_up_soon(tables: Tables, case: str) -> None:
    for operation, ask in (READS["get"], ("commit", WRITES["put"]), ("commit", WRITES["transact"])):
        faulty = Faulty(operation, ["UNAVAILABLE"] * 99)
        tables.resource("Items").put({"id": case + "old", "n": 0})
        with pytest.raises(ServiceError, match="UNAVAILABLE") as caught:
            ask(faulty.table(tables), case)

        assert faulty.requests.count(operation) == table_patience.ATTEMPTS
        assert type(caught.value.__cause__).__name__ == "ServiceUnavailable"


def test_contention_does_not_use_up_the_patience_with_faults(tables: Tables, case: str) -> None:
    planned = ["ABORTED"] * 10 + ["UNAVAILABLE"] + ["ABORTED"] * 10 + ["UNAVAILABLE"]
    for write in ("put", "transact"):
        tables.resource("Items").put({"id": case + write + "old"})
        faulty = Faulty("commit", planned)
        WRITES[write](faulty.table(tables), case + write)

        assert faulty.requests.count("commit") == len(planned) + 1


def test_contention_that_does_not_end_is_an_error_of_the_service(
    tables: Tables, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_patience, "CONTENTION_SECONDS", 0.3)
    tables.resource("Items").put({"id": case + "old", "n": 0})
    for write in ("put", "update", "transact"):
        faulty = Faulty("commit", ["ABORTED"] * 100_000)
        with pytest.raises(ServiceError, match="others wrote the same items all the time") as caught:
            WRITES[write](faulty.table(tables), case)

        assert faulty.requests.count("commit") > 3
        assert type(caught.value.__cause__).__name__ == "Aborted"


@pytest.mark.parametrize("kind", ["update", "update if match", "put if match", "delete", "delete if match"])
def test_a_write_that_has_lost_a_race_reads_again(tables: Tables, case: str, kind: str) -> None:
    items = tables.resource("Items")
    items.put({"id": case, "n": 1})

    def interfere() -> None:
        items.update(case, add={"n": 10}, set={"other": True})

    faulty = Faulty("commit", [interfere])
    ours = faulty.table(tables)
    if kind == "update":
        assert ours.update(case, add={"n": 1}) == {"id": case, "n": 12, "other": True}
    elif kind == "delete":
        assert ours.delete(case) == {"id": case, "n": 11, "other": True}
    else:
        ways: dict[str, Callable[[], Any]] = {
            "update if match": lambda: ours.update(case, set={"n": 5}, if_match={"n": 1}),
            "put if match": lambda: ours.put({"id": case}, if_match={"n": 1}),
            "delete if match": lambda: ours.delete(case, if_match={"n": 1}),
        }
        with pytest.raises(ConditionFailedError, match="does not match in n"):
            ways[kind]()
        assert items.get(case) == {"id": case, "n": 11, "other": True}


def test_a_write_whose_item_is_deleted_or_made_meanwhile_reads_again(tables: Tables, case: str) -> None:
    items = tables.resource("Items")
    items.put({"id": case, "n": 1})
    deleted = Faulty("commit", [lambda: items.delete(case)]).table(tables)
    made = Faulty("commit", [lambda: items.put({"id": case + "2", "n": 5})]).table(tables)

    assert deleted.update(case, add={"n": 1}) == {"id": case, "n": 1}
    assert made.update(case + "2", add={"n": 1}) == {"id": case + "2", "n": 6}
    with pytest.raises(ConditionFailedError, match="there is an item with this key already"):
        Faulty("commit", [lambda: items.put({"id": case + "3"})]).table(tables).put({"id": case + "3"}, if_absent=True)


def test_a_transaction_that_was_given_up_by_firestore_is_begun_anew(tables: Tables, case: str) -> None:
    items = tables.resource("Items")
    items.put({"id": case, "n": 1})
    over = "The referenced transaction has expired or is no longer valid."
    faulty = Faulty("commit", ["INVALID_ARGUMENT"], message=over)
    faulty.table(tables).transact([Update(case, add={"n": 1}), Put({"id": case + "2"})])

    assert items.get(case) == {"id": case, "n": 2}
    assert faulty.requests == ["batch_get_documents", "commit", "rollback", "batch_get_documents", "commit"]


def test_a_transaction_whose_answer_is_lost_is_committed_once_more_and_not_made_anew(tables: Tables, case: str) -> None:
    tables.resource("Items").put({"id": case, "n": 1})
    faulty = Faulty("commit", ["UNAVAILABLE", "UNAVAILABLE"])
    faulty.table(tables).transact([Update(case, add={"n": 1}), Put({"id": case + "2"})])

    assert faulty.requests == ["batch_get_documents", "commit", "commit", "commit"]


LOST: Mapping[str, Callable[[Any, str], Any]] = {
    "count": lambda table, case: table.update(case, add={"n": 1}),
    "condition": lambda table, case: table.put({"id": case, "n": 2}, if_match={"n": 1}),
    "transaction": lambda table, case: table.transact([Update(case, add={"n": 1}), Delete(case + "old")]),
}
"""What makes a 2 of the 1 that is stored, and would fail, or make a 3, if it were done twice."""


@pytest.mark.parametrize("write", LOST)
def test_what_is_written_is_written_once_where_the_answer_is_lost(tables: Tables, case: str, write: str) -> None:
    tables.resource("Items").put({"id": case, "n": 1})
    faulty = Faulty("commit", ["UNAVAILABLE"], is_lost=True)
    LOST[write](faulty.table(tables), case)

    assert tables.resource("Items").get(case) == {"id": case, "n": 2}


def test_an_item_that_was_put_where_none_was_is_not_in_its_own_way(tables: Tables, case: str) -> None:
    faulty = Faulty("commit", ["DEADLINE_EXCEEDED"], is_lost=True)
    faulty.table(tables).put({"id": case}, if_absent=True)

    assert tables.resource("Items").get(case) == {"id": case}


def test_the_same_item_that_another_has_put_is_in_the_way(tables: Tables, case: str) -> None:
    """The request did not arrive, and meanwhile another writer has put just the same."""
    others = tables.resource("Items")
    faulty = Faulty("commit", ["UNAVAILABLE", lambda: others.put({"id": case}, if_absent=True)])

    with pytest.raises(ConditionFailedError):
        faulty.table(tables).put({"id": case}, if_absent=True)


@pytest.mark.parametrize("as_one", [False, True])
def test_what_is_deleted_is_told_where_the_answer_is_lost(tables: Tables, case: str, as_one: bool) -> None:
    tables.resource("Items").put({"id": case, "n": 1})
    faulty = Faulty("commit", ["UNAVAILABLE"], is_lost=True).table(tables)
    if as_one:
        faulty.transact([Delete(case, if_match={"n": 1}), Check(case + "2", if_absent=True)])
    else:
        assert faulty.delete(case, if_match={"n": 1}) == {"id": case, "n": 1}

    assert tables.resource("Items").get(case) is None


def test_one_bad_write_of_many_does_not_stop_the_others_and_is_told(tables: Tables, case: str) -> None:
    items = tables.resource("Items")
    writes: list[dict[str, Any]] = [{"id": f"{case}-{number}", "n": number} for number in range(600)]
    items.put_many([*writes, {"id": f"{case}-0", "n": -1}])

    found: Any = items.get_many([item["id"] for item in writes])
    assert [item["n"] for item in found] == [-1, *range(1, 600)]
    with pytest.raises(InvalidValueError, match="v"):
        items.put_many([{"id": case}, {"id": case + "2", "v": object()}])


class Statuses:
    """The answer of a batch of writes, of which some have failed."""

    def __init__(self, codes: list[int]) -> None:
        types: Any = import_module("google.cloud.firestore_v1.types")
        self.answer = types.BatchWriteResponse.pb(types.BatchWriteResponse())
        for code in codes:
            self.answer.status.add().code = code


def test_writes_of_a_batch_that_failed_are_made_again_and_no_others(
    tables: Tables, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    items = tables.resource("Items")
    asked: list[list[str]] = []
    planned = [[0, 10, 14, 0], [8, 0], [0]]

    def write_each(_database: Any, writes: list[Any]) -> Any:
        asked.append([write.update.fields["id"].string_value.removeprefix(case) for write in writes])
        return Statuses(planned.pop(0)).answer.status

    monkeypatch.setattr("isthmus_gcp.clients.table_database.Database.write_each", write_each)
    items.put_many([{"id": case + name} for name in "abcd"])
    assert asked == [["a", "b", "c", "d"], ["b", "c"], ["b"]]

    planned[:] = [[0, 3]]
    with pytest.raises(InvalidValueError):
        items.put_many([{"id": case + name} for name in "ab"])
    planned[:] = [[14]] * 99
    with pytest.raises(ServiceError, match="UNAVAILABLE"):
        items.put_many([{"id": case}])


@pytest.mark.parametrize(
    ("code", "message", "expected", "said"),
    [
        ("PERMISSION_DENIED", "Missing or insufficient permissions.", AccessDeniedError, "may not read"),
        ("NOT_FOUND", "The database d does not exist", ServiceError, "is this stage deployed"),
        ("UNAUTHENTICATED", "said so", ServiceError, "application-default login"),
        ("FAILED_PRECONDITION", "The query requires an index.", ServiceError, "Is this stage deployed"),
        ("UNKNOWN", "said so", ServiceError, "UNKNOWN"),
    ],
)
def test_a_fault_says_what_to_do(
    tables: Tables, case: str, code: str, message: str, expected: type[IsthmusError], said: str
) -> None:
    faulty = Faulty("batch_get_documents", [code], message=message)

    with pytest.raises(expected, match=said) as caught:
        faulty.table(tables).get(case)
    assert caught.value.__cause__ is not None


def test_a_request_that_is_too_large_is_told_as_that(tables: Tables, case: str) -> None:
    faulty = Faulty("commit", ["INVALID_ARGUMENT"], message="Transaction too big. Decrease transaction size.")

    with pytest.raises(TooLargeError, match="limit is 10,485,760"):
        faulty.table(tables).transact([Put({"id": case})])


def test_a_database_that_is_not_there_is_told(firestore: Firestore, tables: Tables, case: str) -> None:
    nowhere = tables.client("Items", database="nowhere")
    attempts: tuple[Callable[[], Any], ...] = (
        lambda: nowhere.get(case),
        lambda: nowhere.put({"id": case}),
        lambda: nowhere.put({"id": case}, if_absent=True),
        lambda: nowhere.update(case, add={"n": 1}),
        lambda: nowhere.put_many([{"id": case}]),
        lambda: nowhere.transact([Put({"id": case}), Update(case + "2", add={"n": 1})]),
        nowhere.scan,
    )
    for attempt in attempts:
        with pytest.raises(ServiceError, match="NOT_FOUND"):
            attempt()
    assert f"projects/{PROJECT}/databases/nowhere" not in firestore.databases()


def test_a_firestore_that_cannot_be_reached_is_an_error_of_the_service(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FIRESTORE_EMULATOR_HOST", "127.0.0.1:9")
    properties = {"fields": {"id": "string"}, "key": ["id"]}
    items = TableClient(Link("table", "Items", "d/Items", ("read",), properties), services_of())
    began = time.monotonic()

    with pytest.raises(ServiceError, match="UNAVAILABLE"):
        items.get("a")
    assert time.monotonic() - began < 20
