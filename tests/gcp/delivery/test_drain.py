"""Drains: pulled batches, each message acknowledged by its own result."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest

from isthmus.dead_letters import ATTEMPTS, REASON
from isthmus.sources import Source
from isthmus_gcp import wire
from isthmus_gcp.delivery import pull
from tests.emulators.gcp.parts.channel import Channel, texts, until
from tests.emulators.gcp.parts.pubsub import PubSub
from tests.gcp.serving import Served, function, queue, serving

DRAIN = {"Isthmus-Drain": "1"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait no longer for messages than this Pub/Sub does."""
    monkeypatch.setattr(pull, "MORE", 0.6)
    monkeypatch.setattr(pull, "FIRST", 1.0)


def channel(pubsub: PubSub, **properties: Any) -> Channel:
    """Return a topic with a subscription that counts attempts, as every deployed one does."""
    dead = Channel(pubsub)
    policy = {"dead_letter_topic": dead.topic, "max_delivery_attempts": 20}
    return Channel(pubsub, dead_letter_policy=policy, ack_deadline_seconds=10, **properties)


@contextmanager
def draining(
    pubsub: PubSub,
    of: Channel,
    handler: str = "picky",
    *,
    batch: int = 10,
    dead: Channel | None = None,
    ordered: bool = False,
    attempts: int = 3,
    timeout: float = 10,
    variables: Mapping[str, str] | None = None,
) -> Generator[Served]:
    """Serve a function that pulls the channel's subscription."""
    name = of.subscription.rpartition("/")[2]
    source = queue(attempts=attempts, dead=dead.topic.rpartition("/")[2] if dead else "", ordered=ordered)
    pulls = json.dumps({name: {"batch": batch, "ordered": ordered}})
    known = function(handler, "queue", sources={name: source}, timeout=timeout)
    with serving(known, **pubsub.variables, ISTHMUS_PULL=pulls, **(variables or {})) as served:
        yield served


def drained(served: Served) -> dict[str, int]:
    answer = served.post(b"", DRAIN)
    assert answer.status_code == 200, answer.data
    counts: dict[str, int] = answer.json
    return counts


def bodies(seen: list[Any]) -> list[Any]:
    return [message.json().get("n") for message, _ in seen]


def test_a_thousand_messages_reach_the_handler_in_ten_batches_of_one_drain(pubsub: PubSub, seen: list[Any]) -> None:
    work = channel(pubsub)
    work.send(*(json.dumps({"n": number}) for number in range(1000)))
    with draining(pubsub, work, batch=100, timeout=60) as served:
        counts = drained(served)

    assert (counts["batches"], counts["handled"], counts["failed"]) == (10, 1000, 0)
    assert sorted(bodies(seen)) == list(range(1000))
    assert work.pull() == []


def test_nothing_waiting_is_no_batch(pubsub: PubSub) -> None:
    with draining(pubsub, channel(pubsub)) as served:
        assert drained(served) == {
            "batches": 0,
            "handled": 0,
            "failed": 0,
            "parked": 0,
            "untried": 0,
            "started": 0,
        }


def test_a_failed_message_alone_comes_again(pubsub: PubSub, seen: list[Any]) -> None:
    work = channel(pubsub, retry_policy={"minimum_backoff": {"seconds": 3}, "maximum_backoff": {"seconds": 3}})
    work.send(*(json.dumps({"n": number, "fail": 9 * (number == 3)}) for number in range(5)))
    with draining(pubsub, work) as served:
        counts = drained(served)

    assert (counts["handled"], counts["failed"]) == (4, 1)
    assert sorted(bodies(seen)) == list(range(5))
    assert texts([work.await_one()]) == [json.dumps({"n": 3, "fail": 9})]


def test_the_delay_of_the_retry_policy_is_kept(pubsub: PubSub, seen: list[Any]) -> None:
    work = channel(pubsub, retry_policy={"minimum_backoff": {"seconds": 3}, "maximum_backoff": {"seconds": 3}})
    work.send(json.dumps({"n": 1, "fail": 1}))
    with draining(pubsub, work) as served:
        first = drained(served)
        second = drained(served)
        assert until(lambda: drained(served)["handled"] == 1)

    assert (first["failed"], second["batches"]) == (1, 0)
    assert [context.attempt for _, context in seen] == [1, 2]


def test_the_last_attempt_parks_the_message(pubsub: PubSub, seen: list[Any]) -> None:
    work, dead = channel(pubsub), Channel(pubsub)
    work.send(json.dumps({"n": 1, "fail": 9}), key="", kind="x")
    with draining(pubsub, work, dead=dead) as served:
        counts = drained(served)

    letter = dead.await_one().message
    assert (counts["failed"], counts["parked"]) == (2, 1)
    assert (letter.attributes["kind"], letter.attributes[ATTEMPTS]) == ("x", "3")
    assert letter.attributes[REASON] == "OutOfStockError: attempt 3"
    assert work.pull() == []


def test_an_ordered_group_stops_at_its_failure_and_goes_on_behind_it(pubsub: PubSub, seen: list[Any]) -> None:
    work = channel(pubsub, enable_message_ordering=True)
    for number in range(4):
        work.send(json.dumps({"n": number, "fail": int(number == 1)}), key="a")
    work.send(json.dumps({"n": 9}), key="b")
    with draining(pubsub, work, ordered=True) as served:
        counts = drained(served)

    group = [number for number in bodies(seen) if number != 9]
    assert group == [0, 1, 1, 2, 3]
    assert (counts["failed"], counts["untried"], counts["handled"]) == (1, 2, 5)
    assert [context.attempt for message, context in seen if message.json()["n"] in (2, 3)] == [1, 1]


def test_an_ordered_group_goes_on_behind_what_is_parked(pubsub: PubSub, seen: list[Any]) -> None:
    work, dead = channel(pubsub, enable_message_ordering=True), Channel(pubsub)
    for number in range(3):
        work.send(json.dumps({"n": number, "fail": 9 * (number == 0)}), key="a")
    with draining(pubsub, work, ordered=True, dead=dead) as served:
        counts = drained(served)

    assert bodies(seen) == [0, 0, 0, 1, 2]
    assert (counts["parked"], counts["handled"]) == (1, 2)
    assert dead.await_one().message.ordering_key == "a"


def test_leases_are_extended_while_a_handler_is_at_work(pubsub: PubSub, seen: list[Any]) -> None:
    work = channel(pubsub)
    work.send(json.dumps({"n": 1, "pause": 11}), json.dumps({"n": 2}))
    with draining(pubsub, work, timeout=30) as served:
        counts = drained(served)

    assert (sorted(bodies(seen)), counts["handled"]) == ([1, 2], 2)  # each once, though ten seconds are their deadline
    assert work.pull() == []


def test_a_drain_ends_in_time_and_leaves_nothing_leased(pubsub: PubSub, seen: list[Any]) -> None:
    work = channel(pubsub)
    work.send(*(json.dumps({"n": number, "pause": 0.5}) for number in range(10)))
    with draining(pubsub, work, timeout=2) as served:
        began = time.monotonic()
        counts = drained(served)
        took = time.monotonic() - began

    assert took < 2
    assert counts["handled"] + counts["untried"] == 10
    assert 1 <= counts["handled"] <= 4
    assert len(work.pull(100)) == counts["untried"]


def test_a_drain_waits_for_messages_no_longer_than_its_time(pubsub: PubSub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "FIRST", 30.0)
    with draining(pubsub, channel(pubsub), timeout=0.2) as served:
        began = time.monotonic()
        counts = drained(served)

    assert counts["batches"] == 0
    assert time.monotonic() - began < 2


def test_each_subscription_has_its_turn(pubsub: PubSub, seen: list[Any]) -> None:
    first, second = channel(pubsub), channel(pubsub)
    for of, kind in ((first, "a"), (second, "b")):
        of.send(*(json.dumps({"n": f"{kind}{number}"}) for number in range(4)))
    names = [of.subscription.rpartition("/")[2] for of in (first, second)]
    pulls = json.dumps({name: {"batch": 2} for name in names})
    known = function("picky", "queue", sources={name: queue() for name in names})
    with serving(known, **pubsub.variables, ISTHMUS_PULL=pulls) as served:
        counts = drained(served)

    assert counts["batches"] == 4
    assert [number[0] for number in bodies(seen)] == [*"aabbaabb"]


def test_a_handler_that_is_never_done_fails_its_message_and_frees_the_rest(pubsub: PubSub, seen: list[Any]) -> None:
    work = channel(pubsub)
    work.send(json.dumps({"n": 1, "pause": 4}), json.dumps({"n": 2}))
    with draining(pubsub, work, timeout=1) as served:
        counts = drained(served)

    assert (counts["failed"], counts["untried"]) == (1, 1)
    assert len(work.pull(100)) == 2


def test_a_message_that_was_not_tried_has_used_up_no_attempt(pubsub: PubSub, seen: list[Any]) -> None:
    work, dead = channel(pubsub), Channel(pubsub)
    work.send(json.dumps({"n": 1, "pause": 0.6}), json.dumps({"n": 2, "fail": 2}))
    with draining(pubsub, work, dead=dead, timeout=1) as served:
        first = drained(served)
        second = drained(served)

    assert (first["untried"], second["handled"]) == (1, 1)
    assert [context.attempt for message, context in seen if message.json()["n"] == 2] == [1, 2, 3]


def test_a_batch_that_has_come_before_is_taken_in_another_order(pubsub: PubSub, seen: list[Any]) -> None:
    work = channel(pubsub)
    work.send(*(json.dumps({"n": number}) for number in range(50)))
    work.nack(*work.pull(50))
    with draining(pubsub, work, batch=50) as served:
        counts = drained(served)

    assert counts["handled"] == 50
    assert bodies(seen) != sorted(bodies(seen)) == list(range(50))


def test_the_first_full_batch_starts_one_further_drain(pubsub: PubSub, tasks: Any) -> None:
    work = channel(pubsub)
    work.send(*(json.dumps({"n": number}) for number in range(9)))
    variables = {**tasks.variables, "ISTHMUS_DRAINS": "projects/p/locations/r/queues/q", "K_SERVICE": "shop-tested"}
    with draining(pubsub, work, batch=3, variables=variables) as served:
        counts = drained(served)

    ((path, document),) = tasks.made
    request = document["task"]["httpRequest"]
    assert (counts["started"], counts["batches"]) == (1, 3)
    assert path == "/v2/projects/p/locations/r/queues/q/tasks"
    assert request["url"] == "https://europe-west1-isthmus.cloudfunctions.net/shop-tested"
    assert (request["headers"]["Isthmus-Drain"], request["httpMethod"]) == ("1", "POST")


def test_no_further_drain_is_started_where_one_is_all_that_may_run(pubsub: PubSub, tasks: Any) -> None:
    work = channel(pubsub)
    work.send(*(json.dumps({"n": number}) for number in range(6)))
    with draining(pubsub, work, batch=3, variables=tasks.variables) as served:
        assert drained(served)["started"] == 0

    assert tasks.made == []


def test_what_is_left_when_the_time_is_up_is_a_further_drains(pubsub: PubSub, tasks: Any) -> None:
    work = channel(pubsub)
    work.send(*(json.dumps({"n": number, "pause": 0.5}) for number in range(5)))
    variables = {**tasks.variables, "ISTHMUS_DRAINS": "projects/p/locations/r/queues/q", "K_SERVICE": "shop-tested"}
    with draining(pubsub, work, batch=100, timeout=2, variables=variables) as served:
        assert drained(served)["started"] == 1


def test_a_drain_goes_on_where_no_further_one_can_be_started(pubsub: PubSub, seen: list[Any]) -> None:
    work = channel(pubsub)
    work.send(*(json.dumps({"n": number}) for number in range(3)))
    refusing = {"CLOUD_TASKS_EMULATOR_HOST": "127.0.0.1:1", "ISTHMUS_DRAINS": "q", "K_SERVICE": "f"}
    with draining(pubsub, work, batch=3, timeout=3, variables=refusing) as served:
        counts = drained(served)

    assert (counts["handled"], counts["started"]) == (3, 0)


def test_what_arrives_while_a_drain_runs_is_drained_too(pubsub: PubSub, seen: list[Any]) -> None:
    work = channel(pubsub)
    work.send(json.dumps({"n": 1, "pause": 0.5}))
    with draining(pubsub, work, batch=1) as served:
        sending = threading.Timer(0.2, lambda: work.send(json.dumps({"n": 2})))
        sending.start()
        counts = drained(served)
        sending.join()

    assert (counts["batches"], counts["handled"]) == (2, 2)


def test_a_subscription_that_is_not_there_fails_the_drain(pubsub: PubSub) -> None:
    pulls = json.dumps({"nothing": {"batch": 3}})
    known = function("keep", "queue", sources={"nothing": queue()})
    with serving(known, **pubsub.variables, ISTHMUS_PULL=pulls) as served:
        answer = served.post(b"", DRAIN)

    assert (answer.status_code, answer.json["error"]["type"]) == (500, "NotFound")


def test_a_subscription_that_is_not_there_holds_up_no_other(pubsub: PubSub, seen: list[Any]) -> None:
    work = channel(pubsub)
    work.send(json.dumps({"n": 1}))
    name = work.subscription.rpartition("/")[2]
    pulls = json.dumps({"nothing": {"batch": 3}, name: {"batch": 3}})
    known = function("picky", "queue", sources={"nothing": queue(), name: queue()})
    with serving(known, **pubsub.variables, ISTHMUS_PULL=pulls) as served:
        answer = served.post(b"", DRAIN)

    assert (answer.status_code, answer.json["error"]["type"]) == (500, "NotFound")
    assert bodies(seen) == [1]


def test_a_message_of_a_source_that_is_no_more_holds_up_no_other(pubsub: PubSub, seen: list[Any]) -> None:
    inbox = channel(pubsub)
    inbox.send("{}", **{wire.SOURCE: "removed"})
    inbox.send("{}", **{wire.SOURCE: "tick", "isthmus-due": "2026-09-29T11:32:00Z"})
    name = inbox.subscription.rpartition("/")[2]
    known = function("keep", "schedule", sources={"tick": Source("schedule", "Nightly")})
    variables = {"ISTHMUS_PULL": json.dumps({name: {"batch": 1}}), "ISTHMUS_INBOX": name}
    with serving(known, **pubsub.variables, **variables) as served:
        counts = drained(served)

    assert counts["handled"] == 1
    assert counts["failed"] > 0
    assert [event.schedule for event, _ in seen] == ["Nightly"]


def test_a_function_that_pulls_nothing_refuses_to_drain() -> None:
    with serving(function("keep", "queue", sources={"sub": queue()})) as served:
        assert served.post(b"", DRAIN).status_code == 400
