"""What a FIFO queue does with `deduplicate`: the note in Firestore, and what becomes of it where a sender dies."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from isthmus.errors import ServiceError
from isthmus_gcp.clients import sent
from isthmus_gcp.services import Services
from tests.emulators.gcp.firestore.process import Firestore
from tests.emulators.gcp.parts.channel import Channel
from tests.emulators.gcp.parts.pubsub import PubSub
from tests.gcp.clients.at_once import at_once
from tests.gcp.clients.google import firestore_library
from tests.gcp.clients.http_double import HttpDouble
from tests.gcp.clients.linked import PROJECT, VARIABLES, linked, services_of


@pytest.fixture
def database(firestore: Firestore) -> Any:
    """Return a client of a new database for the notes."""
    name = f"sent-{uuid.uuid4().hex[:8]}"
    firestore.create_database(PROJECT, name)
    return firestore.client(PROJECT, name)


@pytest.fixture
def services(environment: None, database: Any) -> Services:
    return services_of(variables={**VARIABLES, "ISTHMUS_SENT": database._database})


@pytest.fixture
def channel(pubsub: PubSub) -> Channel:
    return Channel(pubsub, enable_message_ordering=True)


def line(services: Services, channel: Channel) -> Any:
    name = channel.topic.rpartition("/")[2]
    return linked(services, "queue", name, ["send"], name="Line", properties={"fifo": True})


def bodies(channel: Channel) -> list[bytes]:
    return [received.message.data for received in channel.pull(100)]


def note(database: Any) -> Any:
    """Return the only note that there is."""
    (found,) = database.collection(sent.COLLECTION).list_documents()
    return found


def age(database: Any, seconds: float, **fields: Any) -> None:
    """Make the only note older."""
    at = datetime.now(UTC) - timedelta(seconds=seconds)
    note(database).update({"at": at, **fields})


def test_a_duplicate_is_dropped_and_gets_the_first_ones_id(services: Services, channel: Channel) -> None:
    queue = line(services, channel)
    first = queue.send("a", group="g", deduplicate="t")

    assert queue.send("b", group="g", deduplicate="t") == first
    assert queue.send("c", group="h", deduplicate="t") == first
    assert queue.send("d", group="g", deduplicate="u") != first
    assert bodies(channel) == [b"a", b"d"]


def test_tokens_of_two_queues_are_apart(services: Services, channel: Channel, pubsub: PubSub) -> None:
    other = Channel(pubsub)
    line(services, channel).send("a", group="g", deduplicate="t")
    line(services, other).send("b", group="g", deduplicate="t")

    assert (bodies(channel), bodies(other)) == ([b"a"], [b"b"])


def test_a_token_is_free_again_after_five_minutes(services: Services, channel: Channel, database: Any) -> None:
    queue = line(services, channel)
    queue.send("a", group="g", deduplicate="t")
    age(database, 299)
    queue.send("b", group="g", deduplicate="t")
    age(database, 301)
    queue.send("c", group="g", deduplicate="t")
    queue.send("d", group="g", deduplicate="t")

    assert bodies(channel) == [b"a", b"c"]


def test_a_note_says_until_when_it_is_needed(services: Services, channel: Channel, database: Any) -> None:
    line(services, channel).send("a", group="g", deduplicate="t")
    left = note(database).get().to_dict()[sent.EXPIRES] - datetime.now(UTC)

    assert 290 < left.total_seconds() <= 300


def test_many_senders_at_once_send_one_message(services: Services, channel: Channel) -> None:
    queue = line(services, channel)
    ids = set(at_once(lambda number: queue.send(str(number), group="g", deduplicate="t"), 24))

    assert len(ids) == len(bodies(channel)) == 1


def test_a_message_whose_sender_died_before_it_was_sent_is_sent_by_the_next(
    services: Services, channel: Channel, database: Any
) -> None:
    queue = line(services, channel)
    queue.send("a", group="g", deduplicate="t")
    channel.ack(*channel.pull())
    age(
        database, sent.HELD + 1, id=firestore_library.DELETE_FIELD
    )  # as if it had died between the note and the message

    second = queue.send("b", group="g", deduplicate="t")

    assert bodies(channel) == [b"b"]
    assert queue.send("c", group="g", deduplicate="t") == second


def test_while_somebody_is_sending_others_wait_for_the_id(
    services: Services, channel: Channel, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    queue = line(services, channel)
    publisher = services.publisher()
    publish, may_go, began = publisher.publish, threading.Event(), threading.Event()

    def slow(**arguments: Any) -> Any:
        began.set()
        assert may_go.wait(10)
        return publish(**arguments)

    monkeypatch.setattr(publisher, "publish", slow)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(queue.send, "a", group="g", deduplicate="t")
        assert began.wait(10)
        second = pool.submit(queue.send, "b", group="g", deduplicate="t")
        with pytest.raises(TimeoutError):
            second.result(timeout=0.3)
        may_go.set()

        assert first.result() == second.result()
    assert bodies(channel) == [b"a"]


def test_of_several_who_find_a_dead_note_one_sends(services: Services, channel: Channel, database: Any) -> None:
    queue = line(services, channel)
    queue.send("a", group="g", deduplicate="t")
    channel.ack(*channel.pull())
    age(database, sent.HELD + 1, id=firestore_library.DELETE_FIELD)

    ids = set(at_once(lambda number: queue.send(str(number), group="g", deduplicate="t"), 8))

    assert len(ids) == len(bodies(channel)) == 1


def test_a_message_that_is_refused_leaves_no_note(services: Services, channel: Channel, database: Any) -> None:
    nowhere = linked(services, "queue", "nowhere-2", ["send"], name="Line", properties={"fifo": True})

    with pytest.raises(ServiceError, match="NOT_FOUND"):
        nowhere.send("a", group="g", deduplicate="t")
    assert list(database.collection(sent.COLLECTION).list_documents()) == []


def test_without_a_database_it_says_what_to_do(environment: None, channel: Channel) -> None:
    with pytest.raises(ServiceError, match="deploy the app again"):
        line(services_of(variables={}), channel).send("a", group="g", deduplicate="t")


def test_a_note_that_cannot_be_completed_is_no_error_of_the_sender(
    services: Services,
    channel: Channel,
    database: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    queue = line(services, channel)
    publisher = services.publisher()
    publish = publisher.publish

    def and_forget(**arguments: Any) -> Any:
        answer = publish(**arguments)
        note(database).delete()
        return answer

    monkeypatch.setattr(publisher, "publish", and_forget)

    assert queue.send("a", group="g", deduplicate="t")
    assert "its note could not be written" in caplog.text


def test_a_duplicate_of_a_delayed_message_is_dropped_as_well(
    services: Services, channel: Channel, tasks: HttpDouble
) -> None:
    tasks.answer = lambda asked: (200, {"name": f"{asked.path}/made"})
    name = channel.topic.rpartition("/")[2]
    queue = linked(services, "queue", name, ["send"], name="Line", properties={"fifo": True, "delay": 5})
    first = queue.send("a", group="g", deduplicate="t")

    assert queue.send("b", group="g", deduplicate="t") == first
    assert len(tasks.asked) == 1
    assert channel.pull() == []
