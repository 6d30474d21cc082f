from __future__ import annotations

import json
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.testing.contract.contract_app import TOPIC_FILTERS
from isthmus_aws.rules.filter_policy import filter_policy
from tests.aws.rules.planning import HANDLERS, problems


def filtered(filter: Any) -> list[str]:
    return problems(lambda app: _subscribe(app, filter))


def _subscribe(app: App, filter: Any) -> None:
    app.topic("Events").subscribe(f"{HANDLERS}.message", filter=filter)


@pytest.mark.parametrize("name", TOPIC_FILTERS)
def test_every_form_of_filter_is_taken(name: str) -> None:
    assert filtered(TOPIC_FILTERS[name]) == []


def test_a_sixth_attribute_is_refused() -> None:
    (what,) = filtered({f"a{number}": ["x"] for number in range(6)})

    assert "SNS filters by 5 attributes at most, not 6: put two of them into one" in what


def test_too_many_combinations_are_refused_though_the_conditions_are_few() -> None:
    values = [str(number) for number in range(13)]
    (what,) = filtered({"a": values, "b": values})

    assert "SNS counts 169 combinations" in what
    assert "filter by fewer values, or by a prefix" in what


@pytest.mark.parametrize(
    "condition", [10**9 + 1, 0.000001, {"numeric": [">", -(10**10)]}, {"anything-but": [1.1234567]}]
)
def test_numbers_that_sns_does_not_compare_are_refused(condition: Any) -> None:
    (what,) = filtered({"weight": [condition]})

    assert "'weight': SNS compares numbers up to a thousand million, to 5 decimals" in what
    assert "send it as text, or scaled" in what


@pytest.mark.parametrize("condition", [10**9, -(10**9), 0.00001, 7, {"numeric": [">", 5, "<=", 9.5]}])
def test_numbers_that_sns_compares_are_taken(condition: Any) -> None:
    assert filtered({"weight": [condition]}) == []


def test_texts_and_numbers_in_one_anything_but_are_refused() -> None:
    (what,) = filtered({"a": [{"anything-but": ["x", 1]}]})

    assert "texts or numbers in one anything-but, not both" in what


@pytest.mark.parametrize("filter", ["no mapping", {"a": []}, {"a": [{"nonsense": 1}]}, {"a": [None]}, {5: ["x"]}])
def test_a_malformed_filter_is_the_cores_to_tell(filter: Any) -> None:
    found = filtered(filter)

    assert found
    assert not any("SNS" in what or "cannot be checked" in what for what in found)


def test_a_number_equals_one_that_is_written_otherwise() -> None:
    assert filter_policy({"weight": [7]}) == {"weight": [{"numeric": ["=", 7]}]}


def test_every_form_becomes_a_policy_of_json() -> None:
    policy = filter_policy(
        {
            "type": ["a", {"prefix": "order."}, {"anything-but": "b"}, {"anything-but": ("c", "d")}],
            "weight": [{"numeric": [">", 5, "<=", 9.5]}],
            "urgent": [{"exists": False}],
        }
    )

    assert json.loads(json.dumps(policy)) == {
        "type": ["a", {"prefix": "order."}, {"anything-but": ["b"]}, {"anything-but": ["c", "d"]}],
        "weight": [{"numeric": [">", 5, "<=", 9.5]}],
        "urgent": [{"exists": False}],
    }
