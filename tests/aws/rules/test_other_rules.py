"""The rules of one subject each that need no file of their own: indexes, parameters, tags, apis, variables."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.plan import plan
from isthmus_aws.rules import tables
from tests.aws.rules.planning import HANDLERS, TARGET, notes, planned, problems


def table(app: App, **options: Any) -> None:
    app.table("Orders", fields={"id": "string"}, primary_index="id", **options)


def test_twenty_indexes_are_taken_and_another_is_refused() -> None:
    indexes = {f"by{number:02}": "id" for number in range(20)}

    assert problems(lambda app: table(app, global_indexes=indexes)) == []
    assert (
        "let one serve several queries" in problems(lambda app: table(app, global_indexes=indexes | {"more": "id"}))[0]
    )


@pytest.mark.parametrize("name", ["by", "", "by user", "é" * 3, "x" * 256])
def test_an_index_that_dynamodb_cannot_name_is_refused(name: str) -> None:
    (what,) = problems(lambda app: table(app, global_indexes={name: "id"}))

    assert "3 to 255 of them, such as 'byUser'" in what


@pytest.mark.parametrize("field", ["x" * 256, "isthmus-envelope"])
def test_a_field_that_cannot_be_is_refused(field: str) -> None:
    assert problems(lambda app: table(app, ttl=field))


@pytest.mark.parametrize(
    ("value", "remedy"),
    [("", "leave the parameter out"), ("x" * 8193, "put it into a bucket"), ("{{other}}", "write it otherwise")],
)
def test_a_value_that_parameter_store_refuses_is_refused_with_what_to_do(value: str, remedy: str) -> None:
    (what,) = problems(lambda app: app.parameter("Rate", value))

    assert remedy in what


def test_a_parameter_cannot_begin_as_awss_own_do() -> None:
    (what,) = problems(lambda app: app.parameter("Rate", "5"), name="AwsShop")
    assert problems(lambda app: app.parameter("Rate", "5"), name="shop") == []

    assert "begin with neither aws nor ssm: name the app otherwise" in what


def test_a_variable_of_one_character_is_refused() -> None:
    (what,) = problems(lambda app: app.function("F", f"{HANDLERS}.anything", environment={"X": "1"}))

    assert "Lambda takes no name of one character, 'X': make it longer" in what


@pytest.mark.parametrize(
    ("tags", "fault"),
    [
        ({"aws:owner": "x"}, "AWS's own; choose another"),
        ({"x" * 129: "x"}, "1 to 128 characters"),
        ({"": "x"}, "1 to 128 characters"),
        ({"x": "x" * 257}, "256 at most"),
        ({"x": "a&b"}, "reword it"),
        ({"x": "a\nb"}, "reword it"),
        ({"Owner": "x", "owner": "y"}, "'Owner' and 'owner' differ in upper and lower case alone"),
    ],
)
def test_a_tag_that_aws_refuses_is_refused(tags: dict[str, str], fault: str) -> None:
    (what,) = problems(lambda app: app.topic("Events", tags=tags))

    assert fault in what


def test_the_tags_of_app_and_resource_count_together() -> None:
    def declare(tags: int) -> list[str]:
        app = App("shop", tags={f"a{number}": "x" for number in range(24)})
        app.topic("Events", tags={f"b{number}": "x" for number in range(tags)})
        return [problem.what for problem in plan(app, TARGET).problems]

    assert declare(24) == []
    assert "AWS takes 50" in declare(25)[0]


def test_tags_that_are_no_tags_break_no_rule() -> None:
    app = App("shop", tags=["not", "tags"])  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]
    app.topic("Events", tags={1: 2})  # type: ignore[dict-item] # pyright: ignore[reportArgumentType]

    assert not any("cannot be checked" in problem.what for problem in plan(app, TARGET).problems)


def test_a_path_that_api_gateway_keeps_for_itself_is_noted() -> None:
    (what,) = notes(lambda app: app.api("Api").route("GET /ping", f"{HANDLERS}.request"))

    assert "API Gateway answers /ping itself, under a domain of your own: name it otherwise" in what


def test_an_api_beyond_the_quota_is_noted_counting_what_comes_with_each_get() -> None:
    def declare(app: App) -> None:
        api = app.api("Api")
        function = app.function("F", f"{HANDLERS}.request")
        for number in range(150):
            api.route(f"GET /r{number}", function)

    (what,) = notes(declare)

    assert "comes to 301 routes on AWS" in what


def test_more_concurrency_than_an_account_has_is_noted() -> None:
    def declare(app: App, last: int) -> None:
        app.function("F", f"{HANDLERS}.request", concurrency=500)
        app.function("G", f"{HANDLERS}.anything", concurrency=last)

    assert notes(lambda app: declare(app, 400)) == []
    (what,) = notes(lambda app: declare(app, 401))
    assert "the functions reserve 901 of the account's concurrency" in what


def test_each_rule_names_the_page_that_it_is_from() -> None:
    for rule in (*tables.CHECKS, *tables.NOTES):
        documentation = import_module(rule.__module__).__doc__ or ""

        assert "https://docs.aws.amazon.com/" in documentation, rule.__module__


def test_no_rule_breaks_on_an_app_that_makes_no_sense() -> None:
    def declare(app: App) -> None:
        app.queue("Work", retry_delay="soon", fifo="yes", delay=None).subscribe(5, batch_size=[])  # type: ignore[arg-type]
        app.topic(None, tags="x").subscribe(f"{HANDLERS}.message", filter=5)  # type: ignore[arg-type]
        app.table("T", fields=None, primary_index=7, global_indexes=[1], ttl=3)  # type: ignore[arg-type]
        app.bucket("B").subscribe(f"{HANDLERS}.anything", prefix=1, suffix=None, skip="x", events=3)  # type: ignore[arg-type]
        app.schedule("S", None, f"{HANDLERS}.tick", timezone=5, payload=object())  # type: ignore[arg-type]
        app.parameter("P", None)  # type: ignore[arg-type]
        app.stream("L", shards="many", retention="long").subscribe(f"{HANDLERS}.later", batch_window="x")  # type: ignore[arg-type]
        app.function("F", f"{HANDLERS}.anything", environment=5, timeout="x", concurrency="y")  # type: ignore[arg-type]

    found = planned(declare)

    assert found.problems
    assert not any("cannot be checked" in problem.what for problem in (*found.problems, *found.notes))


def test_a_target_without_an_account_can_be_planned() -> None:
    app = App("shop")
    app.queue("Work").subscribe(f"{HANDLERS}.message")

    planned = plan(app, Target(provider="aws", stage="dev"))

    assert planned.problems == ()
    assert planned.notes[0].what.startswith("planned without account and region, which `pulumi preview` finds out")
    assert not any("planned without" in note.what for note in plan(app, TARGET).notes)
