from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from isthmus.app_loading import find_root, load_app
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.plan import PlanError, plan
from tests.fakes import FakeProvider

TARGET = Target("fake", "dev")
_numbers = itertools.count()

Write = Callable[[str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write a declaration of a name that no module has yet, and return its path."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def write(text: str) -> str:
        name = f"declared_{next(_numbers)}.py"
        (tmp_path / name).write_text("from isthmus import App\n" + dedent(text))
        return f"{name}:app"

    return write


def problem_of(path: str) -> str:
    with pytest.raises(PlanError) as raised:
        load_app(path, TARGET)
    (problem,) = raised.value.problems
    return str(problem)


def test_a_declaration_is_called_with_its_target(write: Write) -> None:
    path = write("""
        def app(target):
            return App(f"shop-{target.stage}")
    """)

    assert load_app(path, TARGET).name == "shop-dev"


def test_a_module_path_does_as_well_as_a_file(write: Write) -> None:
    path = write("def app(target): return App('shop')")

    assert load_app(path.replace(".py", ""), TARGET).name == "shop"
    assert load_app(path.partition(":")[0], TARGET).name == "shop"


def test_a_declaration_that_raises_halfway_is_an_app_with_that_and_every_other_problem(write: Write) -> None:
    path = write("""
        def app(target):
            app = App("shop")
            orders = app.table("Orders", fields={"id": "string"}, primary_index="id")
            app.queue("Work", max_atempts=5)
            app.function("F", "tests.core.plan.handlers.anything", link=[orders.raed])
            app.topic("Events").subscribe(ordres)
            return app
    """)
    found = plan(load_app(path, TARGET), TARGET, FakeProvider()).problems
    file = path.removesuffix(":app")

    assert [problem.where for problem in found] == [f"{file}:6", f"{file}:7", f"{file}:8"]
    assert found[2].what == "NameError: name 'ordres' is not defined: did you mean 'orders'?"


def test_an_unknown_name_hides_no_later_mistake(write: Write) -> None:
    path = write("""
        def app(target):
            app = App("shop")
            orders = app.table("Orders", fields={"id": "string"}, primary_index="id")
            app.function("F", "tests.core.plan.handlers.anything", link=[ordres.read], memory=SIZE)
            api = app.api("Api")
            api.route("GTE /orders", handlr, link=linked)
            app.queue("Work", max_atempts=5)
            app.output(url=apii.url)
            return app
    """)
    found = plan(load_app(path, TARGET), TARGET, FakeProvider()).problems

    assert [(problem.where.rpartition(":")[2], problem.what.partition(":")[0]) for problem in found] == [
        *(("6", "NameError"), ("6", "NameError"), ("8", "NameError"), ("8", "NameError")),
        ("8", "route 'GTE /orders' must read like 'GET /orders/{id}'; methods"),
        ("9", "queue of 'shop' has no option 'max_atempts'"),
        ("10", "NameError"),
    ]
    assert "did you mean 'orders'?" in found[1].what or "did you mean 'orders'?" in found[0].what


def test_a_name_that_was_unknown_is_unknown_again_the_next_time(write: Write) -> None:
    path = write("""
        def app(target):
            app = App("shop")
            app.function("F", "tests.core.plan.handlers.anything", link=[ordres])
            return app
    """)

    assert load_app(path, TARGET).problems == load_app(path, TARGET).problems != []


def test_a_variable_that_is_not_yet_set_ends_the_declaration(write: Write) -> None:
    path = write("""
        def app(target):
            app = App("shop")
            app.function("F", "tests.core.plan.handlers.anything", link=[orders])
            orders = app.queue("Work")
            return app
    """)

    assert "UnboundLocalError" in load_app(path, TARGET).problems[0].what


def test_what_a_helper_raises_is_told_at_the_helpers_line(write: Write) -> None:
    path = write("""
        def app(target):
            app = App("shop")
            declare(app)
            return app

        def declare(app):
            app.tags.upd({})
    """)
    found = load_app(path, TARGET).problems

    assert [problem.where for problem in found] == [path.replace(".py:app", ".py:9")]
    assert "'dict' object has no attribute 'upd': did you mean 'update'?" in found[0].what


def test_what_a_library_raises_is_told_at_the_line_that_called_it(write: Write) -> None:
    path = write("""
        import json
        def app(target):
            return App(json.loads("{"))
    """)

    assert problem_of(path).startswith(path.replace(":app", ":5: JSONDecodeError"))


def test_a_declaration_that_raises_before_there_is_an_app_is_one_problem(write: Write) -> None:
    path = write("def app(target): return Ap('shop')")

    assert problem_of(path) == path.replace(":app", ":2") + ": NameError: name 'Ap' is not defined: did you mean 'App'?"


def test_a_syntax_error_is_told_with_its_line(write: Write) -> None:
    assert problem_of(path := write("\ndef app(target:\n    return 5\n")) == f"{path.replace(':app', ':3')}: " + (
        "SyntaxError: '(' was never closed"
    )


@pytest.mark.parametrize("text", ["import nowhere", "raise RuntimeError('broken')", "raise SystemExit(3)"])
def test_a_module_that_breaks_on_import_is_told_with_its_line(write: Write, text: str) -> None:
    path = write(text)

    assert problem_of(path).startswith(path.replace(":app", ":2: "))


def test_a_mistyped_function_is_told_with_the_right_one(write: Write) -> None:
    path = write("def apps(target): ...")

    assert "there is no function 'app': did you mean 'apps'?" in problem_of(path)


def test_what_is_no_function_is_told(write: Write) -> None:
    assert "'app' is no function that takes a target" in problem_of(write("app = 5"))


def test_a_function_without_a_target_is_told(write: Write) -> None:
    assert "takes 0 positional arguments but 1 was given" in problem_of(write("def app(): return App('shop')"))


def test_a_forgotten_return_is_told(write: Write) -> None:
    assert "returned NoneType, not the App that it made: add `return app`" in problem_of(
        write("def app(target): App('shop')")
    )


def test_a_file_that_is_not_there_is_told(write: Write) -> None:
    assert "there is no nowhere/app.py in" in problem_of("nowhere/app.py:app")


def test_the_project_is_the_nearest_folder_with_the_declaration(tmp_path: Path) -> None:
    (tmp_path / "infra").mkdir()
    (tmp_path / "infra" / "app.py").touch()
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)

    assert find_root("infra/app.py:app", below) == tmp_path
    assert find_root("infra.app:app", tmp_path) == tmp_path
    assert find_root("nowhere/app.py", below) is None


def test_the_app_of_the_tests_is_an_app(write: Write) -> None:
    assert isinstance(load_app(write("def app(target): return App('shop')"), TARGET), App)
