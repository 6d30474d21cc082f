from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.function import Function
from tests.core.plan.app import HANDLERS, problems

SOURCES: dict[str, Callable[[App, Function], object]] = {
    "http": lambda app, f: app.api("Api").route("GET /", f),
    "queue": lambda app, f: app.queue("Source").subscribe(f),
    "topic": lambda app, f: app.topic("Source").subscribe(f),
    "stream": lambda app, f: app.stream("Source").subscribe(f),
    "table": lambda app, f: app.table("Source", fields={"id": "string"}, primary_index="id").subscribe(f),
    "bucket": lambda app, f: app.bucket("Source").subscribe(f),
    "schedule": lambda app, f: app.schedule("Source", "rate(1 hour)", f),
}

RIGHT = {
    "http": "request",
    "queue": "message",
    "topic": "message",
    "stream": "message",
    "table": "change",
    "bucket": "object_event",
    "schedule": "tick",
}


def of(handler: str, *sources: str) -> list[str]:
    def declare(app: App) -> None:
        function = app.function("Worker", f"{HANDLERS}.{handler}")
        for source in sources:
            SOURCES[source](app, function)

    return problems(declare)


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("handler", ["anything", "with_context", "later", "unresolvable"])
def test_a_handler_without_a_telling_annotation_takes_any_event(handler: str, source: str) -> None:
    assert of(handler, source) == []


@pytest.mark.parametrize("source", SOURCES)
def test_a_handler_of_the_right_event_is_taken(source: str) -> None:
    assert of(RIGHT[source], source) == []


@pytest.mark.parametrize("source", SOURCES)
def test_a_handler_of_another_event_is_refused(source: str) -> None:
    wrong = "tick" if source != "schedule" else "message"

    (what,) = of(wrong, source)

    assert f"handler '{HANDLERS}.{wrong}' expects {wrong.capitalize()}, but is given" in what
    assert what.endswith(f"({source})")


def test_a_handler_of_json_is_no_handler_of_messages() -> None:
    assert "expects dict[str, typing.Any], but is given Message (queue)" in of("mapping", "queue")[0]


@pytest.mark.parametrize("handler", ["request", "message", "mapping"])
def test_a_task_may_be_given_anything(handler: str) -> None:
    assert of(handler) == []


def test_a_handler_of_two_events_names_both() -> None:
    assert of("request_or_message", "http", "queue") == []


def test_a_handler_of_one_event_is_refused_where_it_gets_two_kinds() -> None:
    assert "expects HttpRequest, but is given Message (topic)" in of("request", "http", "topic")[0]


@pytest.mark.parametrize(("handler", "fault"), [("three", "takes (event, context, more)"), ("none", "takes ()")])
def test_a_handler_takes_one_or_two_positional_parameters(handler: str, fault: str) -> None:
    (what,) = of(handler)

    assert fault in what
    assert "a handler takes (event) or (event, context)" in what


def test_a_handler_that_needs_a_keyword_is_refused() -> None:
    assert "needs the keyword 'needed'" in of("keyword")[0]


def test_a_mistyped_function_is_refused_with_the_right_one() -> None:
    assert "did you mean 'message'?" in of("mesage")[0]


def test_what_is_no_function_is_refused() -> None:
    assert "is a int, not a function" in of("NOTHING")[0]


@pytest.mark.parametrize("path", ["nowhere.at.all", "functions", "a..b", "not a path", "tests.core.plan.broken.f"])
def test_a_path_that_leads_nowhere_is_refused(path: str) -> None:
    (what,) = problems(lambda app: app.function("Worker", path))

    assert f"handler {path!r}" in what


def test_a_module_that_breaks_on_import_is_told_with_what_it_raised() -> None:
    (what,) = problems(lambda app: app.function("Worker", "tests.core.plan.broken.handle"))

    assert "importing 'tests.core.plan.broken' failed: ZeroDivisionError" in what


def test_a_function_given_instead_of_its_path_is_told_the_path() -> None:
    def handle(event: Any) -> None: ...

    found = problems(lambda app: app.function("Worker", handle))  # type: ignore[arg-type] # pyright: ignore

    assert any("a handler is given by its path: 'tests.core.plan.test_handlers." in what for what in found)
