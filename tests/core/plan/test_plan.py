from __future__ import annotations

import json
from typing import Any

import pytest

from isthmus.components.tags import tags_of
from isthmus.declarations.app import App
from isthmus.declarations.problem import Problem
from isthmus.declarations.target import Target
from isthmus.errors import UnknownProviderError
from isthmus.links import encode
from isthmus.plan import PlanError, in_order, plan
from isthmus.transforms import TransformError
from tests.core.plan.app import HANDLERS, TARGET, planned
from tests.fakes import FakeProvider


def test_a_mistyped_link_route_and_option_are_told_all_at_once_each_with_its_line() -> None:
    def declare(app: App) -> None:
        orders = app.table("Orders", fields={"id": "string"}, primary_index="id")
        app.queue("Work", max_atempts=5)  # type: ignore[call-arg] # pyright: ignore
        api = app.api("Api")
        api.route("GTE /orders", f"{HANDLERS}.request")
        api.route("POST /orders", f"{HANDLERS}.anything", link=[orders.wriet])  # type: ignore[attr-defined] # pyright: ignore

    found = planned(declare).problems
    line = declare.__code__.co_firstlineno

    assert [problem.where for problem in found] == [f"tests/core/plan/test_plan.py:{line + n}" for n in (2, 4, 5)]
    assert "did you mean 'max_attempts'?" in found[0].what
    assert "must read like 'GET /orders/{id}'" in found[1].what
    assert "did you mean 'write'?" in found[2].what


def test_problems_are_in_the_order_of_the_lines() -> None:
    places = ["b.py:1", "a.py:10", "a.py:9", ""]

    assert [p.where for p in in_order([Problem(place, "x") for place in places])] == ["", "a.py:9", "a.py:10", "b.py:1"]


def test_check_raises_with_every_problem() -> None:
    found = planned(lambda app: app.queue("Work", delay=-1, max_attempts=0))

    with pytest.raises(PlanError, match="2 problems in the declaration:") as raised:
        found.check()

    assert raised.value.problems == found.problems
    assert str(found.problems[1]) in str(raised.value)


def test_check_of_a_sound_plan_says_nothing() -> None:
    planned(lambda app: app.queue("Work")).check()


def test_a_plan_for_a_provider_that_is_not_installed_names_those_that_are() -> None:
    with pytest.raises(UnknownProviderError, match=r"no provider is named 'nimbus'; installed: .*local"):
        plan(App("shop"), Target("nimbus", "dev"))


def test_the_triggers_of_a_function_are_what_reaches_it() -> None:
    def declare(app: App) -> None:
        both = app.function("Both", f"{HANDLERS}.request_or_message")
        app.api("Api").route("GET /", both)
        app.queue("Work").subscribe(both)
        called = app.function("Called", f"{HANDLERS}.anything")
        app.schedule("Nightly", "rate(1 day)", f"{HANDLERS}.tick", link=[called.invoke])
        app.function("Alone", f"{HANDLERS}.later")
        step = app.function("Step", f"{HANDLERS}.with_context")
        app.workflow("Process", "tests/core/plan/process.asl.json", link=[step])

    triggers = {name: identity.triggers for name, identity in planned(declare).identities.items()}

    assert triggers == {
        "Both": ("http", "queue"),
        "Called": ("task",),
        "HandlersTick": ("schedule",),
        "Alone": ("task",),
        "Step": ("task",),
    }


def test_a_function_knows_what_delivers_to_it_and_what_becomes_of_failures() -> None:
    def declare(app: App) -> None:
        both = app.function("Both", f"{HANDLERS}.request_or_message")
        app.api("Api").route("GET /", both)
        app.api("Other").route("GET /", both)
        app.queue("Work").subscribe(both)
        app.queue("Unheard")
        called = app.function("Called", f"{HANDLERS}.anything")
        app.schedule("Nightly", "rate(1 day)", f"{HANDLERS}.tick", link=[called.invoke])

    identities = planned(declare).identities
    rows = {name: {k: source.row() for k, source in i.sources.items()} for name, i in identities.items()}

    assert rows == {
        "Both": {"shop-dev-Work": ["queue", "Work", "shop-dev-WorkDeadLetters", 5]},
        "Called": {"shop-dev-Called": ["task", "Called"]},
        "HandlersTick": {"shop-dev-Nightly": ["schedule", "Nightly"]},
    }


def test_a_name_that_the_provider_leaves_as_it_is_takes_no_room_in_the_environment() -> None:
    app = App("shop")
    called = app.function("Called", f"{HANDLERS}.anything")
    app.queue("Work").subscribe(f"{HANDLERS}.message", link=[called])

    planned = plan(app, Target("local", "dev"))

    assert [identity.sources for identity in planned.identities.values()] == [{}, {}]
    assert planned.identities["HandlersMessage"].links["Called"].properties == {}
    assert '"sources"' not in encode(planned.identities["HandlersMessage"])


def test_two_links_to_one_resource_are_one_with_the_verbs_of_both() -> None:
    def declare(app: App) -> None:
        orders = app.table("Orders", fields={"id": "string"}, primary_index="id")
        app.function("F", f"{HANDLERS}.anything", link=[orders.write, orders.read])

    assert planned(declare).identities["F"].links["Orders"].verbs == ("read", "write")


def test_a_client_is_told_what_it_must_know_of_its_resource() -> None:
    def declare(app: App) -> None:
        fields = {"id": "string", "at": "number"}
        table = app.table("T", fields=fields, primary_index=("id", "at"), global_indexes={"byAt": "at"}, ttl="ends")
        queue, parameter = app.queue("Q", fifo=True), app.parameter("P", "5")
        linkable, topic = app.linkable("L", properties={"url": "x"}), app.topic("Events")
        heard = app.table("Heard", fields={"id": "string"}, primary_index="id")
        heard.subscribe(f"{HANDLERS}.change")
        called = app.function("Called", f"{HANDLERS}.anything")
        app.function("F", f"{HANDLERS}.anything", link=[table, queue, parameter, linkable, topic, heard, called])

    links = planned(declare).identities["F"].links

    assert {name: link.properties for name, link in links.items()} == {
        "T": {
            "fields": {"id": "string", "at": "number"},
            "key": ["id", "at"],
            "indexes": {"byAt": ["at"]},
            "ttl": "ends",
        },
        "Q": {"fifo": True},
        "P": {"value": "5"},
        "L": {"url": "x"},
        "Events": {},
        "Heard": {"fields": {"id": "string"}, "key": ["id"], "changes": True},
        "Called": {"inbox": "shop-dev-Called"},
    }


def test_a_manifest_is_json_even_of_an_app_that_makes_no_sense() -> None:
    def declare(app: App) -> None:
        api = app.api("Api", transform=lambda arguments: arguments)
        api.route("GET /", f"{HANDLERS}.request")
        app.queue("Work", max_attempts=object()).subscribe(f"{HANDLERS}.message")  # type: ignore[arg-type] # pyright: ignore
        app.output(url=api.url, extra={1: object()})

    manifest: dict[str, Any] = json.loads(json.dumps(planned(declare).manifest()))

    assert manifest["app"] == "shop"
    assert manifest["target"] == {"provider": "fake", "stage": "dev"}
    assert manifest["routes"] == [{"api": "Api", "route": "GET /", "function": "HandlersRequest"}]
    assert manifest["outputs"]["url"] == "Api.url"
    assert manifest["functions"]["HandlersMessage"]["triggers"] == ["queue"]
    assert [entry["name"] for entry in manifest["resources"]][:2] == ["Api", "HandlersRequest"]
    assert manifest["problems"]


def test_planning_twice_finds_the_same() -> None:
    app = App("shop")
    app.queue("Work", delay=-1)

    assert plan(app, TARGET, FakeProvider()).problems == plan(app, TARGET, FakeProvider()).problems


def test_a_provider_that_breaks_on_a_name_is_a_problem_and_no_crash() -> None:
    class Broken(FakeProvider):
        def physical_name(self, app: App, target: Target, kind: str, name: str) -> str:
            raise RuntimeError("no names today")

    def declare(app: App) -> None:
        app.function("F", f"{HANDLERS}.anything", link=[app.queue("Work")])

    assert [problem.what for problem in planned(declare, Broken()).problems] == [
        "identities cannot be checked: RuntimeError: no names today"
    ]


def test_a_resource_has_the_apps_tags_and_its_own_over_them() -> None:
    app = App("shop", tags={"team": "shop", "tier": "1"})
    work = app.queue("Work", tags={"tier": "2", "kind": "jobs"})

    assert tags_of(plan(app, TARGET, FakeProvider()), work.tags) == {
        **{"isthmus:app": "shop", "isthmus:stage": TARGET.stage},
        **{"team": "shop", "tier": "2", "kind": "jobs"},
    }


def test_a_components_arguments_are_changed_by_the_app_and_then_by_the_resource() -> None:
    def shout(arguments: dict[str, Any]) -> None:
        arguments["label"] = arguments["label"].upper()

    app = App("shop", transform={"queue": {"label": "of the app", "size": 1}, "topic": {"label": "of topics"}})
    work = app.queue("Work", transform=shout)
    planned = plan(app, TARGET, FakeProvider())

    assert planned.arguments(work, {"size": 0}, iter(["label", "size"])) == {"label": "OF THE APP", "size": 1}
    assert planned.arguments(app.topic("News"), {}, ["label"]) == {"label": "of topics"}


def test_a_transform_of_what_the_component_does_not_take_names_the_resource() -> None:
    app = App("shop")
    work = app.queue("Work", transform={"labell": 1})

    with pytest.raises(TransformError, match=r"the transform of queue 'Work' sets 'labell': did you mean 'label'"):
        plan(app, TARGET, FakeProvider()).arguments(work, {}, ["label"])
