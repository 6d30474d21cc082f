from __future__ import annotations

import pytest

from isthmus.capabilities import Limits, NameRule
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.plan import plan
from tests.core.plan.app import HANDLERS, problems
from tests.fakes import FakeProvider


def test_a_plain_app_has_no_problems() -> None:
    assert problems(lambda app: app.queue("Work")) == []


@pytest.mark.parametrize("name", ["", "1st", "with space", "with-dash", "_hidden", "über", "a" * 65, "a.b"])
def test_a_name_that_is_no_attribute_of_resource_is_refused(name: str) -> None:
    found = problems(lambda app: app.topic(name))

    assert any("a name is letters, digits and underscores" in what for what in found)


def test_a_word_of_python_is_no_name() -> None:
    assert any("is a word of Python" in what for what in problems(lambda app: app.topic("None")))


@pytest.mark.parametrize("name", ["App", "app", "APP"])
def test_the_name_of_the_app_itself_is_reserved(name: str) -> None:
    assert any("the name 'App' is taken" in what for what in problems(lambda app: app.topic(name)))


def test_a_name_that_is_no_text_is_a_problem_and_no_crash() -> None:
    found = problems(lambda app: app.queue(5))  # type: ignore[arg-type] # pyright: ignore[reportArgumentType]

    assert any("a name is text, not 5" in what for what in found)


def test_a_missing_name_is_a_problem_and_no_crash() -> None:
    found = problems(lambda app: app.topic())  # type: ignore[call-arg] # pyright: ignore[reportCallIssue]

    assert any("a name is text, not None" in what for what in found)


def test_names_must_differ_by_more_than_case_over_all_kinds() -> None:
    def declare(app: App) -> None:
        app.parameter("Work", "x")
        app.secret("work")

    (what,) = problems(declare)

    assert what.startswith("secret 'work' has the name of parameter 'Work' at tests/core/plan/test_names.py:")


def test_a_resource_may_not_be_named_like_another_ones_dead_letter_queue() -> None:
    def declare(app: App) -> None:
        app.queue("Work")
        app.parameter("WorkDeadLetters", "x")

    assert any("has the name of queue 'WorkDeadLetters'" in what for what in problems(declare))


def test_a_handler_that_is_declared_twice_is_explained_with_the_line_to_write() -> None:
    def declare(app: App) -> None:
        api = app.api("Api")
        api.route("GET /a", f"{HANDLERS}.request")
        api.route("GET /b", f"{HANDLERS}.request")

    (what,) = problems(declare)

    assert "app.function('HandlersRequest', 'tests.core.plan.handlers.request')" in what


@pytest.mark.parametrize("name", ["", "1shop", "my shop", "shop_x", "s" * 65])
def test_the_apps_name_is_letters_digits_and_hyphens(name: str) -> None:
    found = plan(App(name), Target("fake", "dev"), FakeProvider()).problems

    assert ["the app's name" in problem.what for problem in found] == [True]
    assert found[0].where.startswith("tests/core/plan/test_names.py:")


def test_the_stage_is_letters_digits_and_hyphens() -> None:
    found = plan(App("shop"), Target("fake", "my stage"), FakeProvider()).problems

    assert ["the stage 'my stage'" in problem.what for problem in found] == [True]


def test_a_name_that_is_too_long_once_it_is_prefixed_is_refused_with_by_how_much() -> None:
    limits = Limits(environment_bytes=4096, names={"queue": NameRule(max_length=16)})
    provider = FakeProvider(limits=limits)

    (what,) = problems(lambda app: app.queue("ALittleTooLong").subscribe(f"{HANDLERS}.message", link=[]), provider)[:1]

    assert "would be named 'shop-dev-ALittleTooLong' on fake: that is 7 characters too long" in what


def test_a_physical_name_must_match_the_providers_pattern() -> None:
    rule = NameRule(pattern="[a-z-]+", says="lower case letters and hyphens")
    provider = FakeProvider(limits=Limits(environment_bytes=4096, names={"parameter": rule}))

    (what,) = problems(lambda app: app.parameter("Rate", "5"), provider)

    assert what.endswith("it must be lower case letters and hyphens")


def test_two_names_that_the_provider_makes_one_of_are_refused() -> None:
    class Forgetful(FakeProvider):
        def physical_name(self, app: App, target: Target, kind: str, name: str) -> str:
            return "same"

    def declare(app: App) -> None:
        app.parameter("One", "1")
        app.parameter("Two", "2")

    rules = Limits(environment_bytes=4096, names={"parameter": NameRule()})

    assert problems(declare, Forgetful(limits=rules)) == [
        "parameter 'Two' and parameter 'One' would both be named 'same'"
    ]
