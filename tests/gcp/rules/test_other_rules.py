"""What Google would refuse or do otherwise, told by the plan."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.plan import plan
from tests.gcp.rules.planning import HANDLERS, notes, planned, problems


@pytest.mark.parametrize(
    ("kind", "most", "whose"),
    [("schedule", 1800, "Cloud Scheduler"), ("task", 1800, "Cloud Tasks")],
)
def test_a_function_runs_no_longer_than_what_calls_it_waits(kind: str, most: int, whose: str) -> None:
    def declare(app: App, timeout: int) -> None:
        if kind == "schedule":
            app.schedule("S", "0 3 * * *", f"{HANDLERS}.anything", timeout=timeout)
        else:
            app.function("F", f"{HANDLERS}.anything", timeout=timeout)

    assert problems(lambda app: declare(app, most)) == []
    (what,) = problems(lambda app: declare(app, most + 1))
    assert f"{whose} waits for {most} s at most" in what


def test_a_function_that_runs_longer_than_a_push_is_said_to_be_drained() -> None:
    def declare(app: App) -> None:
        app.topic("T").subscribe(f"{HANDLERS}.message", timeout=601)
        table = app.table("Orders", fields={"id": "string"}, primary_index="id")
        table.subscribe(f"{HANDLERS}.anything", timeout=601)

    found = [what for what in notes(declare) if "its messages are drained, once a minute" in what]

    assert problems(declare) == []
    assert len(found) == 2


def test_a_drained_queue_is_told_with_how_long_a_message_may_wait() -> None:
    def declare(app: App, **options: Any) -> None:
        app.queue("Q").subscribe(f"{HANDLERS}.message", **options)

    assert any("each minute" in what for what in notes(lambda app: declare(app, batch_size=100, batch_window=0.2)))
    assert any("each 2 minutes" in what for what in notes(lambda app: declare(app, max_concurrency=1, batch_window=90)))
    assert not any("drains it" in what for what in notes(lambda app: declare(app, batch_size=1)))


def test_a_batch_window_is_rounded_and_never_refused() -> None:
    def declare(app: App) -> None:
        app.queue("Q").subscribe(f"{HANDLERS}.message", batch_size=100, batch_window=0.2)

    assert problems(declare) == []
    assert any("batch_window=0.2 is rounded up" in what for what in notes(declare))


@pytest.mark.parametrize("path", ["/eventlog", "/_ah", "/_ah/start"])
def test_a_route_that_no_function_ever_gets_is_refused(path: str) -> None:
    (what,) = problems(lambda app: app.api("A").route(f"GET {path}", f"{HANDLERS}.request"))

    assert f"answers {path} itself" in what


@pytest.mark.parametrize("path", ["/robots.txt", "/favicon.ico", "/eventlogs", "/ah"])
def test_a_route_that_the_framework_would_answer_is_the_functions_all_the_same(path: str) -> None:
    assert problems(lambda app: app.api("A").route(f"GET {path}", f"{HANDLERS}.request")) == []


def test_a_route_that_cloud_run_may_keep_is_noted() -> None:
    found = notes(lambda app: app.api("A").route("GET /healthz", f"{HANDLERS}.request"))

    assert any("paths that end with z" in what for what in found)


def routes(app: App, **options: Any) -> None:
    table = app.table("T", fields={"id": "string"}, primary_index="id")
    api = app.api("A", **options)
    api.route("GET /a", f"{HANDLERS}.request", link=[table.read], memory=256, timeout=5)
    api.route("POST /a", f"{HANDLERS}.anything", link=[table.write], memory=1024, timeout=20)


def test_what_the_one_function_of_an_api_may_do_and_takes_is_told() -> None:
    (what,) = [what for what in notes(routes) if "A-all" in what]

    assert "1024 MB and 20 s" in what
    assert "T (read, write)" in what


def test_a_function_for_each_route_has_no_union_to_tell() -> None:
    found = notes(lambda app: routes(app, transform={"functions": "per-route"}))

    assert not any("A-all" in what for what in found)


def test_a_gateway_in_a_region_without_api_gateway_is_noted() -> None:
    def found(**transform: str) -> bool:
        told = notes(lambda app: routes(app, transform={"functions": "per-route", **transform}))
        return any("API Gateway may not be there in europe-west3" in what for what in told)

    assert found()
    assert not found(region="europe-west1")


def test_a_link_that_reaches_other_tables_is_told_once_for_a_database() -> None:
    def declare(app: App, **options: Any) -> None:
        one = app.table("One", fields={"id": "string"}, primary_index="id")
        app.table("Two", fields={"id": "string"}, primary_index="id", **options)
        app.function("F", f"{HANDLERS}.anything", link=[one])

    assert len([what for what in notes(declare) if "tables One, Two share a database" in what]) == 1
    assert not any("share a database" in what for what in notes(lambda app: declare(app, isolated=True)))


@pytest.mark.parametrize("name", ["tables", "sent"])
def test_an_isolated_table_is_not_named_as_the_apps_own_databases(name: str) -> None:
    def declare(app: App) -> None:
        app.table(name, fields={"id": "string"}, primary_index="id", isolated=True)

    assert any("would not be alone in it" in what for what in problems(declare))


def test_too_many_composite_indexes_are_refused_and_many_noted() -> None:
    def declare(app: App, count: int) -> None:
        indexes = {f"by{number}": (f"f{number}", "sort") for number in range(count)}
        fields = {"id": "string", "sort": "string", **{f"f{number}": "string" for number in range(count)}}
        app.table("T", fields=fields, primary_index="id", global_indexes=indexes)

    assert any("takes 1,000" in what for what in problems(lambda app: declare(app, 501)))
    assert problems(lambda app: declare(app, 500)) == []
    assert any("without billing takes 200" in what for what in notes(lambda app: declare(app, 101)))
    assert not any("billing" in what for what in notes(lambda app: declare(app, 100)))


def test_too_many_configured_fields_of_a_database_are_refused() -> None:
    def declare(app: App, count: int, **options: Any) -> None:
        for number in range(count):
            app.table(f"T{number}", fields={"id": "string"}, primary_index="id", ttl="expires", **options)

    assert any("502 configured fields" in what for what in problems(lambda app: declare(app, 251)))
    assert problems(lambda app: declare(app, 250)) == []
    assert problems(lambda app: declare(app, 251, isolated=True)) == []


def test_a_collections_name_is_not_one_of_firestores_own() -> None:
    (what, *_) = problems(lambda app: app.table("__T__", fields={"id": "string"}, primary_index="id"))

    assert "name it otherwise" in what or "__T__" in what


def test_two_subscriptions_of_a_function_to_a_bucket_differ_only_in_what_a_filter_tells() -> None:
    def declare(app: App, **options: Any) -> None:
        files = app.bucket("B")
        look = app.function("F", f"{HANDLERS}.object_event")
        files.subscribe(look, prefix="a/")
        files.subscribe(look, prefix="b/", **options)
        files.subscribe(f"{HANDLERS}.anything", name="All")

    assert problems(declare) == []
    assert "with another suffix" in problems(lambda app: declare(app, suffix=".txt"))[0]
    assert "with another skip" in problems(lambda app: declare(app, skip=["b/x/"]))[0]


def test_a_prefix_that_a_filter_has_no_room_for_is_refused() -> None:
    found = problems(lambda app: app.bucket("B").subscribe(f"{HANDLERS}.object_event", prefix="p" * 200))

    assert any("bytes in Pub/Sub's language" in what for what in found)


def test_a_schedule_that_scheduler_cannot_be_told_is_refused() -> None:
    (what,) = problems(lambda app: app.schedule("S", "0 3 L * *", f"{HANDLERS}.tick"))

    assert "knows neither" in what


def test_a_payload_that_is_too_large_for_a_job_is_refused() -> None:
    (what,) = problems(lambda app: app.schedule("S", "0 3 * * *", f"{HANDLERS}.tick", payload="x" * 1024 * 1024))

    assert "put it into a bucket" in what


def test_a_clock_that_is_changed_is_noted() -> None:
    def declare(app: App, zone: str) -> None:
        app.schedule("S", "0 3 * * *", f"{HANDLERS}.tick", timezone=zone)

    assert any("skip or repeat" in what for what in notes(lambda app: declare(app, "Europe/Berlin")))
    assert not any("skip or repeat" in what for what in notes(lambda app: declare(app, "UTC")))
    assert not any("skip or repeat" in what for what in notes(lambda app: declare(app, "Asia/Tokyo")))


def test_a_tag_that_a_label_is_not_is_noted_with_the_label() -> None:
    found = notes(lambda app: app.queue("Q", tags={"Team": "A&B"}))

    assert any("is the label team=a-b on Google" in what for what in found)


@pytest.mark.parametrize(
    ("tags", "fault"),
    [
        ({"1st": "x"}, "begins with a letter"),
        ({"": "x"}, "begins with a letter"),
        ({"Team": "a", "team": "b"}, "are both the label team"),
        ({"isthmus-app": "x"}, "are both the label isthmus-app"),
        ({f"t{number}": "x" for number in range(63)}, "Google takes 64 labels"),
    ],
)
def test_tags_that_cannot_be_labels_are_refused(tags: dict[str, str], fault: str) -> None:
    assert any(fault in what for what in problems(lambda app: app.queue("Q", tags=tags)))


@pytest.mark.parametrize(("value", "fault"), [("", "no empty value"), ("x" * (1024 * 1024 + 1), "1,048,576")])
def test_a_parameter_that_parameter_manager_does_not_take_is_refused(value: str, fault: str) -> None:
    assert any(fault in what for what in problems(lambda app: app.parameter("P", value)))


def test_a_plan_without_a_project_says_that_names_will_change() -> None:
    app = App("shop")
    app.queue("Q")

    found = [note.what for note in plan(app, Target("gcp", "dev")).notes]
    assert any("planned without project and region" in what for what in found)
    assert not any("planned without" in note.what for note in planned(lambda app: app.queue("Q")).notes)


def test_an_ordered_queue_whose_messages_are_delayed_is_refused() -> None:
    (what,) = problems(lambda app: app.queue("Q", fifo=True, delay=5))

    assert "hands them on in no order" in what
    assert problems(lambda app: app.queue("Q", delay=5)) == []


@pytest.mark.parametrize("name", ["my-google-shop", "G00gle"])
def test_an_app_after_which_no_bucket_may_be_named_is_refused(name: str) -> None:
    assert any("no bucket's name may hold google" in what for what in problems(lambda app: app.topic("T"), name))
