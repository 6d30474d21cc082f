from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.aws.rules.planning import HANDLERS, problems


def two(first: dict[str, Any], second: dict[str, Any]) -> list[str]:
    def declare(app: App) -> None:
        images = app.bucket("Images")
        images.subscribe(f"{HANDLERS}.object_event", name="One", **first)
        images.subscribe(f"{HANDLERS}.object_event", name="Two", **second)

    return problems(declare)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({}, {}),
        ({}, {"prefix": "in/"}),
        ({"prefix": "in/"}, {"prefix": "in/new/"}),
        ({"suffix": ".jpg"}, {"suffix": "g"}),
        ({"prefix": "in/"}, {"suffix": ".jpg"}),
        ({"prefix": "in/", "suffix": ".jpg"}, {"prefix": "in/"}),
        ({"events": ["created"]}, {"events": ["created", "removed"]}),
    ],
)
def test_two_that_the_same_object_could_pass_are_refused(first: dict[str, Any], second: dict[str, Any]) -> None:
    (what,) = two(first, second)

    assert "S3 takes no two that the same object could pass" in what
    assert "let prefix or suffix keep them apart, or subscribe one function that publishes to a topic" in what


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"prefix": "in/"}, {"prefix": "out/"}),
        ({"suffix": ".jpg"}, {"suffix": ".png"}),
        ({"prefix": "in/", "suffix": ".jpg"}, {"prefix": "in/", "suffix": ".png"}),
        ({"events": ["created"]}, {"events": ["removed"]}),
    ],
)
def test_two_that_are_kept_apart_are_taken(first: dict[str, Any], second: dict[str, Any]) -> None:
    assert two(first, second) == []


@pytest.mark.parametrize("option", [{"skip": ["in/processed/"]}, {"max_attempts": 9}])
def test_one_function_cannot_treat_two_subscriptions_otherwise(option: dict[str, Any]) -> None:
    def declare(app: App) -> None:
        images = app.bucket("Images")
        function = images.subscribe(f"{HANDLERS}.object_event", prefix="in/", **option)
        images.subscribe(function, prefix="out/")

    (what,) = problems(declare)

    assert f"with another {next(iter(option))}, and both arrive in one queue" in what
    assert "or make two functions of it" in what


def test_one_function_may_subscribe_twice() -> None:
    def declare(app: App) -> None:
        images = app.bucket("Images")
        images.subscribe(images.subscribe(f"{HANDLERS}.object_event", prefix="in/"), prefix="out/")

    assert problems(declare) == []


def test_a_filter_longer_than_any_key_is_refused() -> None:
    (what,) = two({"prefix": "é" * 513}, {"prefix": "out/"})

    assert "its prefix is over 1024 bytes, which no key has" in what


def test_more_than_a_hundred_subscriptions_are_refused_with_what_to_do() -> None:
    def declare(app: App) -> None:
        images = app.bucket("Images")
        for number in range(101):
            images.subscribe(f"{HANDLERS}.object_event", name=f"F{number}", prefix=f"{number:03}/")

    (what,) = problems(declare)

    assert "has 101 subscriptions, and S3 takes 100: tell a topic" in what
