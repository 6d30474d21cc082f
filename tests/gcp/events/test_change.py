"""Changes of documents, as Eventarc brings them: recorded ones, and those of a Firestore that our client writes to."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from isthmus import context
from isthmus.context import Context
from isthmus.declarations.app import App
from isthmus.errors import BadEventError
from isthmus.table_change import TableChange
from isthmus.table_writes import Put
from isthmus_gcp.events import change
from isthmus_gcp.events.cloud_event import CloudEvent, structured
from tests.emulators.gcp.firestore.process import DocumentChange, Firestore
from tests.gcp.clients.tables import Tables, firestore
from tests.gcp.events.changed import RECORDED, SOURCE, WIRE, change_of, protobuf, recorded, told

__all__ = ["firestore"]


@pytest.mark.parametrize("event", [protobuf((WIRE / "firestore.pb").read_bytes()), recorded()], ids=["pb", "json"])
def test_a_recorded_event_is_read_in_either_form(event: CloudEvent) -> None:
    found = change_of(event)

    assert (found.kind, found.table, found.attempt) == ("MODIFY", "Orders", 1)
    assert found.old == {"another test": "asd", "count": 3, "foo": "bar"}
    assert found.new == {"another test": "asd", "count": 4, "foo": "bar"}
    assert found.key == {"__name__": "2Vm2mI1d0wIaK2Waj5to"}  # no document of ours: it names no key
    assert found.version == "00001587643227247187-0"
    assert (found.at, found.id, found.expired) == (1601379120.123, "aaaaaa-1111-bbbb-2222-cccccccccccc", False)


def test_what_is_missing_tells_an_insertion_from_a_removal() -> None:
    inserted, removed = change_of(recorded(oldValue=None)), change_of(recorded(value=None))
    removed_once = change_of(recorded(value={}))  # events of the first generation have an empty document

    assert (inserted.kind, inserted.old) == ("INSERT", None)
    assert (removed.kind, removed.new) == ("REMOVE", None)
    assert (removed_once.kind, removed_once.new) == ("REMOVE", None)


def test_a_removal_sorts_after_what_it_removed_and_before_what_comes_then() -> None:
    old = RECORDED["data"]["oldValue"]
    again = {**old, "updateTime": "2020-04-23T12:00:27.247188Z"}
    written = change_of(recorded(oldValue=None, value=old)).version
    removed = change_of(recorded(value=None)).version
    anew = change_of(recorded(oldValue=None, value=again)).version

    assert written < removed < anew


def test_the_attempt_is_that_of_who_delivers() -> None:
    found, _ = told(recorded(), 3)

    assert found is not None
    assert found.attempt == 3


class Heard:
    """A table whose changes are heard: our client, and the events that Eventarc would send."""

    def __init__(self, firestore: Firestore, tables: Tables, name: str) -> None:
        self._firestore = firestore
        self._tables = tables
        self.table = tables.client(name, changes=True)
        firestore.subscribe(tables.path, name)
        self._subscription = name

    def events(self, **attributes: str) -> list[CloudEvent]:
        """Return the events since the last time."""
        found = self._firestore.changes(self._tables.path, self._subscription, most=1000)
        self._firestore.acknowledge(self._tables.path, self._subscription, found)
        return [_event(one, attributes) for one in found]

    def changes(self) -> list[TableChange]:
        """Return the changes since the last time."""
        return [change_of(event) for event in self.events()]


def _event(one: DocumentChange, attributes: Mapping[str, str]) -> CloudEvent:
    at = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(one.time // 1_000_000)) + f".{one.time % 1_000_000:06d}Z"
    return protobuf(
        one.data,
        id=one.id,
        type=f"google.cloud.firestore.document.v1.{one.kind}",
        source=f"//firestore.googleapis.com/{one.database}",
        subject=f"documents/{one.document}",
        document=one.document,
        time=at,
        **attributes,
    )


@pytest.fixture
def heard(firestore: Firestore) -> Iterator[Heard]:
    app = App("heard")
    app.table("Orders", fields={"user": "string", "n": "number"}, primary_index=("user", "n"), ttl="expires")
    with pytest.MonkeyPatch.context() as environment:
        for name, value in firestore.environment.items():
            environment.setenv(name, value)
        yield Heard(firestore, Tables(firestore, app), "Orders")


def test_a_change_that_our_client_made_has_key_and_images(heard: Heard) -> None:
    item = {"user": "u", "n": 1, "_x": [[1], {"~y": b"\xff"}], "none": None}
    heard.table.put(item)
    heard.table.update(("u", 1), set={"note": "new"})
    heard.table.delete(("u", 1))
    inserted, modified, removed = heard.changes()

    assert [found.kind for found in (inserted, modified, removed)] == ["INSERT", "MODIFY", "REMOVE"]
    assert all(found.key == {"user": "u", "n": 1} for found in (inserted, modified, removed))
    assert (inserted.old, inserted.new) == (None, item)
    assert (modified.old, modified.new) == (item, {**item, "note": "new"})
    assert (removed.old, removed.new) == ({**item, "note": "new"}, None)
    assert inserted.version < modified.version < removed.version
    assert not removed.expired
    assert inserted.at == pytest.approx(time.time(), abs=60)


def test_what_is_packed_is_unpacked(heard: Heard) -> None:
    deep: Any = 1
    for _ in range(30):
        deep = [deep]
    item = {"user": "u" * 2000, "n": 1, "deep": deep}
    heard.table.put(item)
    (inserted,) = heard.changes()

    assert (inserted.new, inserted.key) == (item, {"user": "u" * 2000, "n": 1})


def test_the_envelope_of_the_last_write_rides_along(heard: Heard) -> None:
    running = Context(
        request_id="r",
        correlation_id="corr-1",
        traceparent=f"00-{'a' * 32}-{'b' * 16}-01",
        function="F",
        provider="gcp",
    )
    token = context.current.set(running)
    try:
        heard.table.transact([Put({"user": "u", "n": 1})])
    finally:
        context.current.reset(token)
    found, envelope = told(heard.events()[0])

    assert found is not None
    assert found.new == {"user": "u", "n": 1}
    assert envelope.correlation_id == "corr-1"
    assert envelope.traceparent.startswith(f"00-{'a' * 32}-")


def test_a_write_that_changes_nothing_but_the_envelope_is_no_change(heard: Heard) -> None:
    heard.table.put({"user": "u", "n": 1})
    heard.table.put({"user": "u", "n": 1})
    heard.table.update(("u", 1), set={"n2": 1}, remove=["n3"])
    heard.table.update(("u", 1), set={"n2": 1})
    found = [told(event)[0] for event in heard.events()]

    assert [one.kind for one in found if one] == ["INSERT", "MODIFY"]


def test_time_to_live_is_told_from_a_deletion(heard: Heard, firestore: Firestore) -> None:
    heard.table.put({"user": "u", "n": 1, "expires": int(time.time()) - 60})
    heard.table.put({"user": "u", "n": 2, "expires": int(time.time()) + 3600})
    heard.table.put({"user": "u", "n": 3, "expires": "never"})
    firestore.sweep()
    heard.table.delete(("u", 2))
    heard.table.delete(("u", 3))
    events = heard.events()

    removed = {found.key["n"]: found.expired for found in map(change_of, events) if found.kind == "REMOVE"}
    assert removed == {1: True, 2: False, 3: False}


@pytest.mark.parametrize(("who", "expired"), [("system", True), ("service_account", False), ("unauthenticated", False)])
def test_an_authentication_context_says_whether_it_was_a_caller(heard: Heard, who: str, expired: bool) -> None:
    heard.table.put({"user": "u", "n": 1, "expires": int(time.time()) - 60})
    heard._firestore.sweep()  # pyright: ignore[reportPrivateUsage] # the test's own
    removal = heard.events(authtype=who)[-1]

    assert change_of(removal).expired is expired


def test_every_write_of_a_transaction_is_a_change(heard: Heard) -> None:
    heard.table.transact([Put({"user": "u", "n": number}) for number in range(20)])

    assert sorted(found.key["n"] for found in heard.changes()) == list(range(20))


def test_an_event_without_documents_is_a_bad_event() -> None:
    for event in (recorded(value=None, oldValue=None), protobuf(b""), protobuf(b"\x1a\x03\x0a\x01a")):
        with pytest.raises(BadEventError, match="neither an old nor a new document"):
            change.of_cloud_event(event, SOURCE, 1)


def test_data_of_another_media_type_is_a_bad_event() -> None:
    with pytest.raises(BadEventError, match="text/plain"):
        change.of_cloud_event(protobuf(b"{}", datacontenttype="text/plain"), SOURCE, 1)
    with pytest.raises(BadEventError, match="comes as JSON"):
        change.of_cloud_event(structured({**RECORDED, "datacontenttype": "application/protobuf"}), SOURCE, 1)


def test_a_table_is_heard_without_googles_libraries() -> None:
    program = (
        "import sys; from isthmus_gcp.events import change, documents_protobuf, documents_json;"
        "from isthmus_gcp.events.cloud_event import of_attributes; from isthmus.sources import Source;"
        "event = of_attributes({'specversion': '1.0', 'id': 'i', 'source': 's', 'type': 't',"
        " 'datacontenttype': 'application/protobuf'}, sys.stdin.buffer.read());"
        "assert change.of_cloud_event(event, Source('table', 'T'), 1)[0];"
        "print(sorted(name for name in sys.modules if name.startswith(('google.protobuf', 'google.cloud.', 'grpc'))))"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], input=(WIRE / "firestore.pb").read_bytes(), capture_output=True, check=True
    )

    assert found.stdout == b"[]\n"
