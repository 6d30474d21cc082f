from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from isthmus.declarations.api import METHODS
from isthmus.declarations.app import App
from isthmus.declarations.function import Function, function_name
from isthmus.declarations.options import did_you_mean
from isthmus.declarations.problem import Problem, caller
from isthmus.declarations.resource import Deployed, Grant


@pytest.fixture
def app() -> Any:
    """Return an app to declare on; `Any`, since much of what the tests declare is what checkers refuse."""
    return App("shop")


def told(app: Any) -> list[str]:
    return [problem.what for problem in app.problems]


def test_a_declaration_remembers_its_line(app: Any) -> None:
    queue = app.queue("Work")
    where = caller()
    line = int(where.rpartition(":")[2]) - 1

    assert queue.where == f"tests/core/declarations/test_options.py:{line}"
    assert queue.dead_letters.where == queue.where


def test_a_line_outside_of_the_working_directory_is_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    assert App("shop").where.startswith(str(Path(__file__)))


def test_an_unknown_option_is_dropped_and_told_with_the_right_one(app: Any) -> None:
    queue = app.queue("Work", max_atempts=3, fifo=True)

    assert queue.fifo is True
    assert told(app) == ["queue of 'shop' has no option 'max_atempts': did you mean 'max_attempts'?"]


def test_an_unknown_option_that_is_near_to_none_is_told_with_all(app: Any) -> None:
    app.topic("Events", zzz=1)

    assert told(app) == ["topic of 'shop' has no option 'zzz': known: tags, transform"]


@pytest.mark.parametrize("source", ["queue", "topic", "stream", "bucket"])
def test_a_mistyped_option_of_a_subscriptions_function_is_told(app: Any, source: str) -> None:
    getattr(app, source)("Source").subscribe("a.b", memry=512)

    assert told(app) == ["subscribe of 'Source' has no option 'memry': did you mean 'memory'?"]


def test_a_schedules_function_has_no_name_of_its_own_to_be_given(app: Any) -> None:
    schedule = app.schedule("Nightly", "rate(1 day)", "functions.reports.nightly", memory=256)

    assert (schedule.function.name, schedule.function.memory) == ("ReportsNightly", 256)


def test_too_many_positions_are_told_and_the_rest_is_taken(app: Any) -> None:
    queue = app.queue("Work", 5, True)

    assert queue.name == "Work"
    assert len(told(app)) == 1
    assert told(app)[0].startswith("queue of 'shop' takes its options by name: delay, fifo")


def test_what_is_missing_is_none_for_the_plan_to_tell(app: Any) -> None:
    assert app.table("Orders").primary_index is None
    assert app.topic().name is None


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("functions.orders.create", "OrdersCreate"),
        ("functions.orders.list_by_user", "OrdersListByUser"),
        ("handle", "Handle"),
        ("a.b.c.deeplyNested", "CDeeplyNested"),
        ("", "Unnamed"),
    ],
)
def test_a_function_is_named_after_the_last_two_parts_of_its_path(path: str, name: str) -> None:
    assert function_name(path) == name


def test_a_function_that_is_declared_is_used_as_it_is(app: Any) -> None:
    function = app.function("Worker", "a.b")

    assert app.api("Api").route("GET /", function) is function
    assert app.queue("Work").subscribe(function) is function
    assert [resource.name for resource in app.resources if isinstance(resource, Function)] == ["Worker"]


def test_an_unreadable_route_is_no_route_but_its_function_can_be_used(app: Any) -> None:
    api = app.api("Api")

    assert isinstance(api.route("GET orders", "a.b"), Function)
    assert api.routes == []
    assert told(app) == [f"route 'GET orders' must read like 'GET /orders/{{id}}'; methods: {', '.join(METHODS)}"]


def test_a_handler_that_is_a_function_is_told_by_its_path(app: Any) -> None:
    app.function("Worker", told)

    assert told(app) == [f"a handler is given by its path: '{told.__module__}.told', not function"]


@pytest.mark.parametrize("handler", [None, 5, ["a.b"], {"a": "b"}])
def test_a_handler_that_is_nothing_of_the_kind_is_told_how_one_reads(app: Any, handler: Any) -> None:
    app.queue("Work").subscribe(handler)

    assert told(app) == [f"a handler is given by its path: 'functions.orders.create', not {type(handler).__name__}"]


def test_a_mistyped_verb_is_a_grant_for_the_plan_to_refuse(app: Any) -> None:
    work = app.queue("Work")

    assert work.sned == Grant(work, ("sned",))


def test_a_mistyped_method_is_told_with_the_right_one(app: Any) -> None:
    app.queue("Work").subscrib("a.b", batch_size=5)

    assert told(app) == ["queue 'Work' has no method 'subscrib': did you mean 'subscribe'?"]


def test_a_method_that_is_near_to_none_is_told(app: Any) -> None:
    app.queue("Work").zzz()

    assert told(app) == ["queue 'Work' has no method 'zzz'"]


def test_a_mistyped_method_of_the_app_is_told_and_hides_no_later_mistake(app: Any) -> None:
    work = app.quue("Work", max_attempts=5)
    app.function("F", "a.b", link=[work, work.send])
    app.topic("Events", tgs={}).subscribe(work)

    assert told(app) == [
        "an app has no method 'quue': did you mean 'queue'?",
        "topic of 'shop' has no option 'tgs': did you mean 'tags'?",
    ]


def test_a_private_attribute_is_none(app: Any) -> None:
    with pytest.raises(AttributeError, match="Queue has no attribute '_private'"):
        _ = app.queue("Work")._private


def test_bare_grants_hold_every_verb_of_the_kind(app: Any) -> None:
    images = app.bucket("Images")

    assert images.grant() == Grant(images, ("read", "write"))


def test_an_apis_url_is_known_once_it_runs(app: Any) -> None:
    api = app.api("Api")

    assert api.url == Deployed(api, "url")


def test_lists_of_a_bucket_become_tuples_and_text_stays_for_the_plan_to_refuse(app: Any) -> None:
    images = app.bucket("Images")
    images.subscribe("a.b", skip=["x/"], events=["created"])
    images.subscribe("a.c", skip="x/")

    assert [(s.skip, s.events) for s in app.subscriptions] == [(("x/",), ("created",)), ("x/", ("created", "removed"))]


def test_a_problem_reads_as_place_and_fault() -> None:
    assert str(Problem("infra/app.py:3", "wrong")) == "infra/app.py:3: wrong"
    assert str(Problem("", "wrong")) == "wrong"


def test_a_suggestion_is_the_nearest_name_or_all_of_them() -> None:
    assert did_you_mean("raed", ["read", "write"]) == "did you mean 'read'?"
    assert did_you_mean("zzz", ["read", "write"]) == "known: read, write"
    assert did_you_mean("zzz", []) == "known: none"
