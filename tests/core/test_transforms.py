from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from isthmus.transforms import TransformError, merged, transformed

KNOWN = ("memory", "tags", "network")
ARGUMENTS: dict[str, Any] = {"memory": 512, "tags": {"app": "shop", "stage": "dev"}}


Change = Mapping[str, Any] | Callable[[dict[str, Any]], Any] | None


def of(transform: Change) -> dict[str, Any]:
    return transformed("function 'Worker'", ARGUMENTS, transform, KNOWN)


def test_no_transform_changes_nothing() -> None:
    assert of(None) == ARGUMENTS


def test_a_mapping_is_merged_deep() -> None:
    assert of({"tags": {"stage": "test"}, "network": {"zone": "a"}}) == {
        "memory": 512,
        "tags": {"app": "shop", "stage": "test"},
        "network": {"zone": "a"},
    }


def test_a_callable_may_change_its_argument_or_return_another() -> None:
    def change(arguments: dict[str, Any]) -> None:
        arguments["tags"]["team"] = "blue"

    assert of(change)["tags"] == {"app": "shop", "stage": "dev", "team": "blue"}
    assert of(lambda arguments: {"memory": arguments["memory"] * 2}) == {"memory": 1024}


def test_the_original_arguments_stay_as_they_were() -> None:
    of({"tags": {"stage": "test"}})
    of(lambda arguments: arguments["tags"].clear())

    assert ARGUMENTS == {"memory": 512, "tags": {"app": "shop", "stage": "dev"}}


MISTYPED: list[Change] = [{"memry": 1}, lambda arguments: {**arguments, "memry": 1}]


@pytest.mark.parametrize("transform", MISTYPED)
def test_an_unknown_argument_is_refused_with_the_right_one(transform: Change) -> None:
    with pytest.raises(TransformError, match="the transform of function 'Worker' sets 'memry': did you mean 'memory'"):
        of(transform)


def test_a_callable_that_returns_no_mapping_is_refused() -> None:
    with pytest.raises(TransformError, match="returned 5: return the arguments, or None"):
        of(lambda _: 5)


def test_merging_replaces_what_is_no_mapping() -> None:
    assert merged({"a": [1], "b": {"c": 1}}, {"a": [2], "b": 3, "d": {"e": {}}}) == {"a": [2], "b": 3, "d": {"e": {}}}
