"""What is peculiar to tables on Firestore; what every provider does is in the contract."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from random import random
from threading import Barrier
from typing import Any

import pytest

from isthmus.errors import AccessDeniedError, ConditionFailedError, InvalidValueError, TooLargeError
from isthmus.ports import Table
from isthmus.table_writes import Check, Delete, Put, Update
from isthmus_gcp import documents
from isthmus_gcp.clients.table import TableClient
from isthmus_gcp.document_ids import document_id
from tests.emulators.gcp.firestore.process import Firestore
from tests.gcp.clients.tables import PROJECT, Tables, case, create, items, services_of, tables

__all__ = ["case", "items", "tables"]

WRITERS = 200


def test_the_client_is_a_table_of_the_port(items: TableClient) -> None:
    port: Table = items

    assert port.name.endswith("/Items")
    assert repr(items) == "<Table Items>"


def test_attributes_are_fields_of_the_document(tables: Tables, case: str) -> None:
    tables.resource("Items").put({"id": case, "owner": case, "_mine": [[1]], "expires": 99_999_999_999})
    (document,) = [found for found in tables.documents("Items") if found["id"] == case]

    assert document.pop("_ttl").timestamp() == 99_999_999_999
    assert document == {
        "id": case,
        "owner": case,
        "~_mine": [{"_list": [1]}],
        "expires": 99_999_999_999,
        "_key": ["id"],
        "_envelope": document["_envelope"],
    }
    assert document["_envelope"]["isthmus-correlation-id"]


def test_an_update_leaves_what_another_program_has_written(tables: Tables, firestore: Firestore, case: str) -> None:
    """A time and a reference are no values of Isthmus: handlers see a number and a text."""
    items = tables.resource("Items")
    items.put({"id": case, "n": 1, "seen": 0, "at": [1]})
    collection = firestore.client(PROJECT, tables.database).collection("Items")
    document = collection.document(document_id({"id": case}))
    when = datetime(2026, 1, 1, tzinfo=UTC)
    document.update({"seen": when, "ref": document, "old": when, "at": {"first": when}})
    made = items.update(case, add={"n": 1}, set={"at": 3}, remove=["old"])
    stored = document.get().to_dict()

    assert (stored["seen"], stored["ref"]) == (when, document)
    assert (stored["n"], stored["at"], "old" in stored) == (2, 3, False)
    assert made["seen"] == when.timestamp()


def test_a_table_that_nobody_hears_of_keeps_no_envelope(tables: Tables, case: str) -> None:
    tables.resource("Books").put({"shelf": case, "title": "t"})
    (document,) = [found for found in tables.documents("Books") if found["shelf"] == case]

    assert document == {"shelf": case, "title": "t", "_key": ["shelf", "title"]}


@pytest.mark.parametrize("length", [1500, 1501, 2048])
def test_no_value_that_is_indexed_is_cut_by_the_index(tables: Tables, case: str, length: int) -> None:
    """Firestore cuts the entries of its indexes at 1,500 bytes, which the emulator does not."""
    items, books = tables.resource("Items"), tables.resource("Books")
    long = (case + "é" * 1024).encode()[:length].decode(errors="replace").replace("\ufffd", "xx")[:length]
    long = long.encode()[:length].decode(errors="ignore")
    items.put({"id": case, "owner": long, "rank": 1})
    items.put({"id": case + "2", "owner": long[:-1] + "~", "rank": 1})
    books.put({"shelf": long, "title": "t"})

    assert [item["id"] for item in items.query(long, index="byOwner")] == [case]
    assert list(books.query(long)) == [{"shelf": long, "title": "t"}]
    assert items.get(case) == {"id": case, "owner": long, "rank": 1}
    stored = [
        value
        for document in tables.documents("Items") + tables.documents("Books")
        for field in ("owner", "shelf")
        if type(value := document.get(field)) is str
    ]
    assert max(len(value.encode()) for value in stored) <= documents.INDEXED_LIMIT


def test_items_written_before_an_index_was_declared_stand_in_it_if_they_can(tables: Tables, case: str) -> None:
    items = tables.resource("Items")
    before = tables.client("Items", indexes={})
    for number, (owner, rank) in enumerate([(case, 1), (case, "2"), (5, 3), (case, None), (case, 4)]):
        before.put({"id": f"{case}-{number}", "owner": owner, "rank": rank})

    assert [item["rank"] for item in items.query(case, index="byOwner")] == [1, 4]
    assert [item["rank"] for item in items.query(case, index="byOwner", limit=1, reverse=True)] == [4]


@pytest.mark.parametrize("way", ["add", "if_match", "transact"])
def test_of_200_writers_at_once_none_is_lost(tables: Tables, case: str, way: str) -> None:
    items = tables.resource("Items")
    items.put({"id": case, "n": 0})

    def by_match() -> None:
        while True:
            stored: Any = items.get(case)
            try:
                items.update(case, set={"n": stored["n"] + 1}, if_match={"n": stored["n"]})
            except ConditionFailedError:
                time.sleep(2 * random())  # whoever goes on at once keeps all the others from it
                continue
            return

    ways: dict[str, Any] = {
        "add": lambda: items.update(case, add={"n": 1}),
        "if_match": by_match,
        "transact": lambda: items.transact([Update(case, add={"n": 1}), Check(case + "2", if_absent=True)]),
    }
    with ThreadPoolExecutor(WRITERS) as pool:
        for done in [pool.submit(ways[way]) for _ in range(WRITERS)]:
            done.result()

    assert items.get(case) == {"id": case, "n": WRITERS}


def test_transfers_between_threads_and_single_writes_keep_the_sum(tables: Tables, case: str) -> None:
    items = tables.resource("Items")
    items.put_many([{"id": f"{case}-{number}", "sum": 100} for number in range(3)])

    def move(number: int) -> None:
        one, other = f"{case}-{number % 3}", f"{case}-{(number + 1) % 3}"
        items.transact([Update(one, add={"sum": -1}), Update(other, add={"sum": 1})])
        items.update(one, add={"writes": 1})

    with ThreadPoolExecutor(20) as pool:
        list(pool.map(move, range(60)))

    found: Any = items.get_many([f"{case}-{number}" for number in range(3)])
    assert [item["sum"] for item in found] == [100] * 3
    assert sum(item["writes"] for item in found) == 60


def test_a_transaction_does_not_span_databases(tables: Tables, firestore: Firestore, case: str) -> None:
    apart = "apart-" + case[:8]
    create(firestore, firestore.create_database(PROJECT, apart), tables.declared["Books"])
    items, books = tables.resource("Items"), tables.client("Books", database=apart)
    books.put({"shelf": case, "title": "t"})

    with pytest.raises(InvalidValueError, match="'Books' and 'Items' lie in databases of their own"):
        items.transact([Put({"id": case}), Put({"shelf": case, "title": "u"}, table=books)])
    assert items.get(case) is None
    assert len(books.query(case)) == 1


def test_a_transaction_of_puts_alone_is_all_or_nothing_too(tables: Tables, case: str) -> None:
    items, books = tables.resource("Items"), tables.resource("Books")
    items.transact([Put({"id": case}), Put({"shelf": case, "title": "t"}, table=books)])

    assert (items.get(case), books.get((case, "t"))) == ({"id": case}, {"shelf": case, "title": "t"})
    with pytest.raises(InvalidValueError):
        items.transact([Put({"id": case + "2"}), Put({"id": case + "3", "v": object()})])
    assert items.get(case + "2") is None


def test_a_failed_transaction_lets_go_at_once(tables: Tables, case: str) -> None:
    items = tables.resource("Items")
    items.put({"id": case, "n": 1})
    with pytest.raises(ConditionFailedError, match="write 2 of 2: table 'Items': the stored item does not match in n"):
        items.transact([Put({"id": case + "2"}), Update(case, set={"n": 3}, if_match={"n": 2})])
    began = time.monotonic()
    items.update(case, set={"n": 2})

    assert time.monotonic() - began < 2


@pytest.mark.parametrize("is_blind", [True, False])
def test_a_transaction_of_4_megabytes_is_one_request_whatever_it_is_made_of(
    tables: Tables, case: str, is_blind: bool
) -> None:
    items = tables.resource("Items")
    dense: list[dict[str, Any]] = [
        {"id": f"{case}-{number}", "rows": [[]] * 6_500} for number in range(99)
    ]  # 12 MB, as Firestore has it
    last = Put({"id": case}) if is_blind else Update(case, set={"n": 1})
    items.transact([*map(Put, dense), last])

    id = document_id({"id": dense[0]["id"]})
    stored = tables.firestore.client(PROJECT, tables.database).collection("Items").document(id).get()
    assert documents.PACKED in stored.to_dict()
    assert items.get_many([item["id"] for item in dense[::10]]) == dense[::10]
    with pytest.raises(TooLargeError):
        items.transact([Put({"id": f"{case}{number}", "body": "x" * 60_000}) for number in range(100)])


def test_an_update_that_changes_nothing_writes_nothing(tables: Tables, firestore: Firestore, case: str) -> None:
    items = tables.resource("Items")
    items.put({"id": case, "n": 1})
    firestore.subscribe(tables.path, case)

    assert items.update(case, set={"n": 1.0}, remove=["gone"]) == {"id": case, "n": 1}
    assert firestore.changes(tables.path, case) == []
    firestore.unsubscribe(tables.path, case)


def test_what_an_update_returns_is_nobody_elses(items: TableClient, case: str) -> None:
    given = {"deep": [1]}
    updated = items.update(case, set={"v": given})
    updated["v"]["deep"].append(2)

    assert given == {"deep": [1]}
    read = items.get_many([case, case])
    assert read == [{"id": case, "v": {"deep": [1]}}] * 2
    assert read[0] is not read[1]


def test_counting_stays_within_64_bits(items: TableClient, case: str) -> None:
    items.put({"id": case, "n": 2**63 - 1, "least": -(2**63), "text": "5", "flag": True})
    for add in ({"n": 1}, {"least": -1}, {"text": 1}, {"flag": 1}, {"n": 2**63}, {"new": float("inf")}):
        with pytest.raises(InvalidValueError):
            items.update(case, add=add)

    assert items.get(case) == {"id": case, "n": 2**63 - 1, "least": -(2**63), "text": "5", "flag": True}
    assert items.update(case, add={"n": -1, "least": 1})["n"] == 2**63 - 2
    assert items.update(case, add={"half": 0.5, "n": 0.5})["half"] == 0.5


def test_an_item_does_not_grow_over_the_limit_by_updates(items: TableClient, case: str) -> None:
    items.put({"id": case, "body": "x" * 400_000})

    with pytest.raises(TooLargeError):
        items.update(case, set={"more": "x" * 20_000})
    assert items.get(case) == {"id": case, "body": "x" * 400_000}


def test_a_verb_that_is_not_linked_is_refused_before_anything_is_asked(tables: Tables, case: str) -> None:
    reader, writer = tables.client("Items", ["read"]), tables.client("Items", ["write"])
    refused: tuple[Any, ...] = (
        lambda: reader.put({"id": case}),
        lambda: reader.put({"id": case}, if_absent=True),
        lambda: reader.put_many([{"id": case}]),
        lambda: reader.update(case, set={"n": 1}),
        lambda: reader.delete(case),
        lambda: reader.transact([Put({"id": case})]),
        lambda: tables.resource("Books").transact([Put({"id": case}, table=reader)]),
        lambda: writer.get(case),
        lambda: writer.get_many([case]),
        lambda: writer.query(case),
        lambda: writer.query(case, index="byOwner"),
        writer.scan,
    )

    for attempt in refused:
        with pytest.raises(AccessDeniedError, match="function 'Caller' may not"):
            attempt()
    assert tables.resource("Items").get(case) is None


def test_reading_needs_no_more_than_reading_and_writing_no_more_than_writing(tables: Tables, case: str) -> None:
    reader, writer = tables.client("Items", ["read"]), tables.client("Items", ["write"])
    writer.put({"id": case, "n": 1}, if_absent=True)
    writer.update(case, add={"n": 1}, if_match={"n": 1})
    writer.transact([Update(case, add={"n": 1}), Delete(case + "2")])

    assert reader.get(case) == {"id": case, "n": 3}
    assert writer.delete(case) == {"id": case, "n": 3}


def test_a_table_of_another_kind_is_no_table(items: TableClient, case: str) -> None:
    with pytest.raises(InvalidValueError, match=r"Resource\.Users"):
        items.transact([Put({"id": case}, table="Books")])
    with pytest.raises(InvalidValueError, match="Put, Update, Delete and Check"):
        items.transact([{"id": case}])  # type: ignore[list-item] # pyright: ignore[reportArgumentType]
    items.transact([])


def test_googles_library_is_imported_with_the_first_request() -> None:
    program = (
        "import sys; from isthmus.links import Identity, Link; from isthmus_gcp.services import Services;"
        "from isthmus_gcp.clients.table import TableClient;"
        "services = Services(Identity(app='a', stage='s', provider='gcp', function='f', account='p'));"
        "link = Link('table', 'T', 'd/T', ('read',), {'fields': {'id': 'string'}, 'key': ['id']});"
        "TableClient(link, services);"
        "print(sorted(name for name in sys.modules if name.startswith(('google.protobuf', 'google.cloud.', 'grpc'))))"
    )
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, env=dict(os.environ))

    assert found.stdout == b"[]\n"


def test_threads_that_ask_first_at_once_share_one_client(tables: Tables, case: str) -> None:
    services = services_of()
    items = tables.client("Items", services=services)
    barrier = Barrier(16)

    def first(number: int) -> Any:
        barrier.wait()
        items.put({"id": f"{case}-{number}", "n": number})
        return items.get(f"{case}-{number}")

    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(first, range(16)))

    assert [item["n"] for item in found] == list(range(16))


def test_a_page_ends_with_the_item_that_reaches_a_megabyte(tables: Tables, case: str) -> None:
    books = tables.resource("Books")
    for number in range(7):
        books.put({"shelf": case, "title": str(number), "body": "x" * 300_000})
    first = books.query(case)
    rest = books.query(case, cursor=first.cursor)

    assert [book["title"] for book in first] == ["0", "1", "2", "3"]
    assert [book["title"] for book in rest] == ["4", "5", "6"]
    assert rest.cursor is None


def test_a_cursor_is_good_for_the_listing_that_it_came_from_alone(tables: Tables, case: str) -> None:
    items, books = tables.resource("Items"), tables.resource("Books")
    books.put_many([{"shelf": shelf, "title": title} for shelf in (case, case + "2") for title in "abc"])
    items.put_many([{"id": f"{case}{number}", "owner": case, "label": case, "rank": number} for number in range(3)])
    of_books, of_owner = books.query(case, limit=1).cursor, items.query(case, index="byOwner", limit=1).cursor
    of_label, of_all = items.query(case, index="byLabel", limit=1).cursor, items.scan(limit=1).cursor
    foreign: tuple[Any, ...] = (
        lambda: books.query(case + "2", cursor=of_books),
        lambda: items.query(case, index="byOwner", cursor=of_label),
        lambda: items.query(case, index="byLabel", cursor=of_owner),
        lambda: books.scan(cursor=of_all),
        lambda: items.query(case, cursor=of_all),
        lambda: items.scan(cursor=of_books),
        lambda: items.scan(cursor=5),  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    )

    for ask in foreign:
        with pytest.raises(InvalidValueError, match="cursor"):
            ask()
    for limit in (0, -1, True, 1.5):
        with pytest.raises(InvalidValueError, match="limit"):
            items.query(case, limit=limit)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
