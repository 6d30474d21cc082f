from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.core.plan.app import HANDLERS, notes, planned, problems


def of_bucket(**options: Any) -> list[str]:
    return problems(lambda app: app.bucket("Images").subscribe(f"{HANDLERS}.object_event", **options))


def test_a_subscription_to_some_events_under_a_prefix_is_no_problem() -> None:
    assert of_bucket(events=["created"], prefix="in/", suffix=".png", skip=["in/done/"]) == []


def test_an_unknown_event_is_refused_with_the_right_one() -> None:
    assert "there is no event 'create': did you mean 'created'?" in of_bucket(events=["create"])[0]


def test_no_event_at_all_is_refused() -> None:
    assert "events is empty" in of_bucket(events=[])[0]


@pytest.mark.parametrize("option", ["events", "skip"])
def test_text_is_no_list(option: str) -> None:
    assert f"{option} must be a list of text, not 'created'" in of_bucket(**{option: "created"})[0]


def test_skipping_all_of_the_prefix_is_refused() -> None:
    assert "skip='in/' skips everything under prefix='in/new/'" in of_bucket(prefix="in/new/", skip=["in/"])[0]


def test_a_function_that_may_set_itself_off_is_noted() -> None:
    def declare(app: App) -> None:
        images = app.bucket("Images")
        images.subscribe(f"{HANDLERS}.object_event", link=[images])

    (note,) = notes(declare)

    assert "gets every event of bucket 'Images' and may write into it" in note.what


def test_a_function_that_skips_what_it_writes_is_not_noted() -> None:
    def declare(app: App) -> None:
        images = app.bucket("Images")
        images.subscribe(f"{HANDLERS}.object_event", skip=["processed/"], link=[images])

    assert notes(declare) == []


@pytest.mark.parametrize(
    ("filter", "fault"),
    [
        ({"type": "order.placed"}, "'type' takes a list of conditions: ['order.placed']"),
        ({"type": []}, "has no condition"),
        ({"type": [{"prefx": "a"}]}, "there is no operator 'prefx': did you mean 'prefix'?"),
        ({"type": [{"numeric": [">", "5"]}]}, "numeric reads like"),
        ({"type": [None]}, "a condition is text, a finite number or a mapping, not None"),
        ("order.placed", "a filter maps attributes to lists of conditions"),
    ],
)
def test_a_malformed_filter_is_refused(filter: Any, fault: str) -> None:
    found = problems(lambda app: app.topic("Events").subscribe(app.queue("Work"), filter=filter))

    assert any(fault in what for what in found)


def test_a_topic_cannot_deliver_to_an_ordered_queue() -> None:
    found = problems(lambda app: app.topic("Events").subscribe(app.queue("Work", fifo=True)))

    assert "a topic's messages have none" in found[0]


def test_a_queue_of_another_app_cannot_be_subscribed() -> None:
    other = App("other").queue("Work")

    assert "queue 'Work' belongs to another app" in problems(lambda app: app.topic("Events").subscribe(other))[0]


def test_two_consumers_of_a_queue_are_refused() -> None:
    def declare(app: App) -> None:
        work = app.queue("Work")
        work.subscribe(f"{HANDLERS}.message")
        work.subscribe(f"{HANDLERS}.anything")

    (what,) = problems(declare)

    assert "queue 'Work' is consumed by function 'HandlersMessage' already" in what
    assert "subscribe two queues to a topic" in what


def test_the_same_subscription_twice_is_refused() -> None:
    def declare(app: App) -> None:
        events, work = app.topic("Events"), app.queue("Work")
        events.subscribe(work, filter={"type": ["a"]})
        events.subscribe(work, filter={"type": ["b"]})

    (what,) = problems(declare)

    assert "queue 'Work' subscribes to topic 'Events' already, at tests/core/plan/test_subscriptions.py:" in what


def test_a_bucket_may_deliver_different_events_to_the_same_function() -> None:
    def declare(app: App) -> None:
        images, function = app.bucket("Images"), app.function("F", f"{HANDLERS}.object_event")
        images.subscribe(function, prefix="a/")
        images.subscribe(function, prefix="b/")

    assert problems(declare) == []


def names(plan_resources: list[Any]) -> set[str]:
    return {resource.name for resource in plan_resources}


def test_a_dead_letter_queue_that_nothing_can_fill_is_left_out() -> None:
    def declare(app: App) -> None:
        app.queue("Idle")
        app.topic("Events").subscribe(app.queue("Work"))
        app.bucket("Images").subscribe(f"{HANDLERS}.object_event")

    assert names(planned(declare).resources) == {
        *("Idle", "Events", "Work", "Images", "ImagesDeadLetters", "HandlersObjectEvent")
    }


def test_a_dead_letter_queue_that_somebody_uses_stays() -> None:
    def declare(app: App) -> None:
        linked, consumed = app.queue("Linked"), app.queue("Consumed")
        assert linked.dead_letters is not None
        assert consumed.dead_letters is not None
        consumed.dead_letters.subscribe(f"{HANDLERS}.message", link=[linked.dead_letters.send])

    assert {"LinkedDeadLetters", "ConsumedDeadLetters"} <= names(planned(declare).resources)
