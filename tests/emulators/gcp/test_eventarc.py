"""Eventarc's events of documents, over the sample: each fact that `dispatch.eventarc` stands for."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from isthmus.testing.waiting import wait_until
from tests.emulators.gcp.firestore.event_data import event_class
from tests.emulators.gcp.sample.deployed import Sample, Told, sample

__all__ = ["sample"]


@pytest.fixture
def case() -> str:
    return uuid.uuid4().hex


@pytest.fixture(scope="module")
def documents(sample: Sample) -> Any:
    return sample.session.firestore.client(sample.google.project, "sample")


def changes(sample: Sample, case: str, count: int) -> list[Told]:
    found = wait_until(lambda: _of(sample, case, count), 20, what=f"{count} events of {case}")
    return sorted(found, key=lambda told: told.headers["ce-time"])


def _of(sample: Sample, case: str, count: int) -> list[Told]:
    found = [told for told in sample.told("private", case) if "ce-id" in told.headers]
    return found if len(found) >= count else []


def test_a_change_is_a_cloudevent_in_binary_mode(sample: Sample, documents: Any, case: str) -> None:
    documents.document(f"things/{case}").set({"n": 1})
    told = changes(sample, case, 1)[0]
    database = f"projects/{sample.google.project}/databases/sample"

    assert told.headers["content-type"] == "application/protobuf"
    assert told.headers["ce-specversion"] == "1.0"
    assert told.headers["ce-type"] == "google.cloud.firestore.document.v1.written.withAuthContext"
    assert told.headers["ce-authtype"] == "service_account"
    assert told.headers["ce-source"] == f"//firestore.googleapis.com/{database}"
    assert told.headers["ce-subject"] == f"documents/things/{case}"
    assert (told.headers["ce-document"], told.headers["ce-database"]) == (f"things/{case}", "sample")
    assert told.path == "/?"


def test_an_event_tells_what_time_to_live_has_removed(sample: Sample, documents: Any, case: str) -> None:
    firestore, database = sample.session.firestore, f"projects/{sample.google.project}/databases/sample"
    firestore.set_field(database, "things", "over", ttl=True)
    documents.document(f"things/{case}").set({"over": datetime(2020, 1, 1, tzinfo=UTC)})
    documents.document(f"things/{case}-kept").set({"n": 1})
    documents.document(f"things/{case}-kept").delete()
    firestore.sweep()
    wanted = {(case, "system"), (f"{case}-kept", "service_account")}

    wait_until(lambda: wanted <= _removals(sample, case), 20, what="both removals, by whom")


def _removals(sample: Sample, case: str) -> set[tuple[str, str]]:
    events = [
        told.headers for told in changes(sample, case, 1) if not event_class().FromString(told.data).HasField("value")
    ]
    return {(event["ce-document"].removeprefix("things/"), event["ce-authtype"]) for event in events}


def test_an_event_has_the_document_before_and_after(sample: Sample, documents: Any, case: str) -> None:
    document = documents.document(f"things/{case}")
    document.set({"n": 1})
    document.set({"n": 2})
    document.delete()
    found = [event_class().FromString(told.data) for told in changes(sample, case, 3)]
    numbers = [(_n(event, "old_value"), _n(event, "value")) for event in found]

    assert numbers == [(None, 1), (1, 2), (2, None)]


def test_other_collections_and_deeper_documents_are_none_of_its_events(
    sample: Sample, documents: Any, case: str
) -> None:
    documents.document(f"others/{case}").set({"n": 1})
    documents.document(f"things/{case}/parts/{case}").set({"n": 1})
    documents.document(f"things/last-{case}").set({"n": 1})
    found = changes(sample, case, 1)

    assert [told.headers["ce-document"] for told in found] == [f"things/last-{case}"]


def test_an_event_that_is_not_acknowledged_comes_again(sample: Sample, documents: Any, case: str) -> None:
    """The function is there only after the first attempt."""
    google, name = sample.google, sample.name("private")
    deployed = google.get("function", name) or {}
    google.drop("function", name)
    documents.document(f"things/{case}").set({"n": 1})
    wait_until(lambda: google.get("function", name) is None, 5)
    google.put("function", name, deployed)

    assert changes(sample, case, 1)


def _n(event: Any, name: str) -> int | None:
    return int(getattr(event, name).fields["n"].integer_value) if event.HasField(name) else None
