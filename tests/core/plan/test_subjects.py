"""Tables, schedules, workflows and settings: the smaller subjects of a plan."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.plan import plan
from tests.core.plan.app import HANDLERS, TARGET, notes, problems
from tests.fakes import FakeProvider


def of_table(**options: Any) -> list[str]:
    given: dict[str, Any] = {"fields": {"id": "string", "at": "number"}, "primary_index": "id", **options}
    return problems(lambda app: app.table("Orders", **given))


def test_a_table_with_indexes_and_a_ttl_is_no_problem() -> None:
    assert of_table(primary_index=("id", "at"), global_indexes={"byAt": "at", "byAtId": ("at", "id")}, ttl="ends") == []


def test_an_index_may_be_written_as_a_list() -> None:
    assert of_table(primary_index=["id", "at"]) == []


@pytest.mark.parametrize(
    ("options", "fault"),
    [
        ({"primary_index": "idd"}, "primary_index: there is no field 'idd' in fields={…}: did you mean 'id'?"),
        ({"global_indexes": {"byUser": "user"}}, "index 'byUser': there is no field 'user'"),
        ({"primary_index": ("id", "id")}, "'id' cannot be both the partition and the sort field"),
        ({"primary_index": ("id", "at", "x")}, "primary_index must be text or (text, text)"),
        ({"fields": {"id": "str"}}, "field 'id' cannot be of type 'str': did you mean 'string'?"),
        ({"fields": {"id": str}}, "fields must be a mapping of names to text"),
        ({"fields": ["id"]}, "fields must be a mapping of names to text"),
        ({"global_indexes": {"byAt": 5}}, "global_indexes must be a mapping of names to text or (text, text)"),
        ({"ttl": "id"}, "field 'id' holds seconds since the epoch, so it must be a number, not a string"),
        ({"ttl": "at", "primary_index": ("id", "at")}, "'at' is part of the key"),
        ({"ttl": ""}, "ttl is empty"),
    ],
)
def test_a_table_that_cannot_be_is_refused(options: dict[str, Any], fault: str) -> None:
    assert any(fault in what for what in of_table(**options))


def test_a_field_that_no_index_uses_is_noted() -> None:
    (note,) = notes(lambda app: app.table("T", fields={"id": "string", "other": "string"}, primary_index="id"))

    assert note.what == "table 'T': no index uses field 'other', so that it may be left out"


@pytest.mark.parametrize(
    ("expression", "options", "fault"),
    [
        ("rate(5 minuts)", {}, "a rate reads like 'rate(5 minutes)'"),
        ("0 25 * * *", {}, "is malformed: Bad hour"),
        ("hourly", {}, "an expression is 'rate(5 minutes)', or five fields"),
        ("rate(1 hour)", {"timezone": "Europe/Zurch"}, "did you mean 'Europe/Zurich'?"),
        ("rate(1 hour)", {"timezone": 5}, "timezone must be text"),
        ("rate(1 hour)", {"payload": object()}, "its payload is no JSON"),
        ("rate(1 hour)", {"payload": {"a": float("nan")}}, "its payload is no JSON"),
        (5, {}, "expression must be text, not 5"),
        (None, {}, "needs expression: text"),
    ],
)
def test_a_schedule_that_means_nothing_is_refused(expression: Any, options: dict[str, Any], fault: str) -> None:
    found = problems(lambda app: app.schedule("Nightly", expression, f"{HANDLERS}.tick", **options))

    assert len(found) == 1
    assert fault in found[0]


def test_a_workflow_whose_definition_is_there_is_no_problem() -> None:
    assert problems(lambda app: app.workflow("Process", "tests/core/plan/process.asl.json")) == []


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        (None, "there is no file"),
        ("{", "is no JSON that can be read"),
        ("[]", "it has no States and StartAt"),
        ('{"States": {}}', "a definition needs 'StartAt'"),
        ("[" * 100_000, "is no JSON that can be read"),
    ],
)
def test_a_workflow_whose_definition_cannot_be_read_is_refused(text: str | None, fault: str, tmp_path: Path) -> None:
    file = tmp_path / "process.asl.json"
    if text is not None:
        file.write_text(text)

    assert fault in problems(lambda app: app.workflow("Process", str(file)))[0]


def test_the_properties_of_a_linkable_are_json() -> None:
    def declare(app: App) -> None:
        app.linkable("Search", properties={"url": "https://example.com", "port": 9200, "socket": object()})

    (what,) = problems(declare)

    assert "linkable 'Search': property 'socket' is no JSON" in what


def test_a_linked_linkable_that_is_no_json_is_told_once() -> None:
    def declare(app: App) -> None:
        search = app.linkable("Search", properties={"socket": object()})
        app.function("F", f"{HANDLERS}.anything", link=[search])

    assert len(problems(declare)) == 1


def test_an_app_wide_transform_is_a_mapping_of_kinds() -> None:
    app = App("shop", transform=5)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

    assert [problem.what for problem in plan(app, TARGET, FakeProvider()).problems] == [
        "the app's transform maps a kind to a transform, not 5"
    ]


def test_an_app_wide_transform_of_a_known_kind_is_no_problem() -> None:
    app = App("shop", transform={"queue": {"x": 1}, "table": lambda arguments: arguments})

    assert plan(app, TARGET, FakeProvider()).problems == ()


def test_a_field_without_a_name_is_refused() -> None:
    assert any("a field has an empty name" in what for what in of_table(fields={"id": "string", "": "string"}))
