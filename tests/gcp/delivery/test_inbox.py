"""What Pub/Sub does not bring: tried as it comes, handed over to the inbox, or made again by Cloud Tasks."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.dead_letters import ATTEMPTS, ID, REASON, SOURCE
from isthmus.sources import Source
from tests.emulators.gcp.parts.channel import Channel
from tests.emulators.gcp.parts.pubsub import PubSub
from tests.gcp.events.recorded import DOCUMENT_EVENT, PUBLISHED_EVENT, TABLE
from tests.gcp.serving import function, pushed, serving

DUE = "2026-03-29T01:30:00Z"
CALL = {"isthmus-source": "nightly", "x-cloudscheduler-scheduletime": DUE, "isthmus-correlation-id": "mine"}
EVENT = {"content-type": "application/cloudevents+json"}


def short(name: str) -> str:
    return name.rpartition("/")[2]


def again(channel: Channel, attempt: int) -> Any:
    """Return the push that brings back what was published."""
    message = channel.await_one().message
    return pushed(message.data, subscription="inbox", attempt=attempt, attributes=dict(message.attributes))


def schedule(handler: str, **options: Any) -> Any:
    return function(handler, "schedule", sources={"nightly": Source("schedule", "Nightly", **options)})


def test_a_tick_that_is_handled_is_over(seen: list[Any]) -> None:
    with serving(schedule("keep")) as served:
        assert served.post({"a": 1}, CALL).status_code == 204

    assert (seen[0][0].payload, seen[0][1].correlation_id) == ({"a": 1}, "mine")


def test_a_tick_that_fails_comes_back_through_the_inbox_as_the_same(pubsub: PubSub, seen: list[Any]) -> None:
    inbox, dead = Channel(pubsub), Channel(pubsub)
    variables = {**pubsub.variables, "ISTHMUS_INBOX": short(inbox.topic)}
    with serving(schedule("fail", dead_letters=short(dead.topic)), **variables) as served:
        first = served.post({"a": 1}, CALL)
        message = inbox.await_one().message
    with serving(schedule("fail", dead_letters=short(dead.topic)), **{**variables, "ISTHMUS_INBOX": "inbox"}) as served:
        back = [
            served.push(message.data, subscription="inbox", attempt=attempt, attributes=dict(message.attributes))
            for attempt in (1, 2)
        ]

    assert [answer.status_code for answer in (first, *back)] == [204, 500, 204]
    assert [(tick.id, tick.due, tick.payload, tick.attempt) for tick, _ in seen] == [
        (f"nightly/{DUE}", 1774747800.0, {"a": 1}, attempt) for attempt in (1, 2, 3)
    ]
    assert {context.correlation_id for _, context in seen} == {"mine"}
    letter = dead.await_one().message
    assert letter.data == b'{"a": 1}'
    assert (letter.attributes[SOURCE], letter.attributes[ID]) == ("Nightly>Tested", f"nightly/{DUE}")
    assert (letter.attributes[ATTEMPTS], letter.attributes[REASON]) == ("3", "OutOfStockError: no more")


@pytest.mark.parametrize("inbox", ["", "no-such-topic"])
def test_a_tick_that_nobody_keeps_has_failed(pubsub: PubSub, inbox: str) -> None:
    with serving(schedule("fail"), **pubsub.variables, ISTHMUS_INBOX=inbox) as served:
        assert served.post({}, CALL).status_code == 500


def test_what_is_tried_once_is_parked_at_once(pubsub: PubSub) -> None:
    dead = Channel(pubsub)
    known = schedule("fail", dead_letters=short(dead.topic), attempts=1)
    with serving(known, **pubsub.variables, ISTHMUS_INBOX="inbox") as served:
        assert served.post({}, CALL).status_code == 204

    assert dead.await_one().message.attributes[ATTEMPTS] == "1"


def test_a_change_that_fails_comes_back_whole(pubsub: PubSub, seen: list[Any]) -> None:
    inbox = Channel(pubsub)
    sources = {TABLE: Source("table", "Orders", "dead")}
    variables = {**pubsub.variables, "ISTHMUS_INBOX": short(inbox.topic)}
    with serving(function("fail", "table", sources=sources, timeout=5), **variables) as served:
        first = served.post(DOCUMENT_EVENT, EVENT)
        back = again(inbox, 1)
    with serving(function("keep", "table", sources=sources), ISTHMUS_INBOX="inbox") as served:
        second = served.post(back)

    (before, _), (after, context) = seen
    assert (first.status_code, second.status_code, context.attempt) == (204, 204, 2)
    assert (after.kind, after.key, after.new, after.version) == (before.kind, before.key, before.new, before.version)
    assert (after.id, after.at, after.attempt) == (before.id, before.at, 2)


def test_a_change_that_may_outlast_eventarcs_patience_is_put_into_the_inbox_untried(
    pubsub: PubSub, seen: list[Any]
) -> None:
    inbox = Channel(pubsub)
    known = function("keep", "table", sources={TABLE: Source("table", "Orders", "dead")}, timeout=6)
    with serving(known, **pubsub.variables, ISTHMUS_INBOX=short(inbox.topic)) as served:
        first = served.post(DOCUMENT_EVENT, EVENT)
        tried = len(seen)
        back = again(inbox, 1)
    with serving(known, ISTHMUS_INBOX="inbox") as served:
        second = served.post(back)

    ((change, context),) = seen
    assert (first.status_code, tried, second.status_code) == (204, 0, 204)
    assert (change.attempt, context.attempt) == (1, 1)


def test_a_change_that_the_inbox_does_not_take_is_tried_in_place(pubsub: PubSub, seen: list[Any]) -> None:
    known = function("keep", "table", sources={TABLE: Source("table", "Orders", "dead")}, timeout=600)
    with serving(known, **pubsub.variables, ISTHMUS_INBOX="no-such-topic") as served:
        assert served.post(DOCUMENT_EVENT, EVENT).status_code == 204

    assert len(seen) == 1


def started(handler: str, dead: str = "", **options: Any) -> Any:
    return function(handler, "task", sources={"start": Source("task", "Tested", dead, **options)})


def call(retries: int) -> dict[str, str]:
    return {
        "isthmus-source": "start",
        "x-cloudtasks-taskname": "4711",
        "x-cloudtasks-taskretrycount": str(retries),
        "isthmus-correlation-id": "mine",
    }


def test_a_start_is_tried_again_by_cloud_tasks_until_its_last_attempt(pubsub: PubSub, seen: list[Any]) -> None:
    dead = Channel(pubsub)
    with serving(started("fail", short(dead.topic)), **pubsub.variables) as served:
        answers = [served.post([1], call(retries)) for retries in range(3)]

    letter = dead.await_one().message
    assert [answer.status_code for answer in answers] == [500, 500, 204]
    assert [context.attempt for _, context in seen] == [1, 2, 3]
    assert [payload for payload, _ in seen] == [[1]] * 3
    assert (letter.data, letter.attributes[ID], letter.attributes[SOURCE]) == (b"[1]", "4711", "Tested>Tested")
    assert letter.attributes["isthmus-correlation-id"] == "mine"


def test_a_start_that_succeeds_is_answered_without_its_result(seen: list[Any]) -> None:
    with serving(started("echo")) as served:
        answer = served.post({"a": 1}, call(0))

    assert (answer.status_code, answer.data) == (204, b"")
    assert (seen[0][0], seen[0][1].correlation_id) == ({"a": 1}, "mine")


def test_an_event_of_somebodys_own_trigger_that_fails_is_theirs_to_deliver_again(pubsub: PubSub) -> None:
    with serving(function("fail", "topic"), **pubsub.variables, ISTHMUS_INBOX="inbox") as served:
        assert served.post(PUBLISHED_EVENT, EVENT).status_code == 500
