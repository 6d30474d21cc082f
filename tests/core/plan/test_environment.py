from __future__ import annotations

from typing import Any

import pytest

from isthmus.capabilities import Limits
from isthmus.declarations.app import App
from isthmus.links import VARIABLE, decode
from tests.core.plan.app import HANDLERS, planned, problems
from tests.fakes import FakeProvider

CLOUD = FakeProvider(limits=Limits(environment_bytes=4096, environment_reserved=("CLOUD_*", "PATH")))


def of(environment: Any) -> list[str]:
    return problems(lambda app: app.function("Worker", f"{HANDLERS}.anything", environment=environment), CLOUD)


def test_plain_variables_are_no_problem() -> None:
    assert of({"LEVEL": "debug", "_x1": ""}) == []


@pytest.mark.parametrize("name", ["ISTHMUS", "isthmus", "CLOUD_REGION", "cloud_region", "PATH"])
def test_a_reserved_variable_is_refused(name: str) -> None:
    assert of({name: "x"}) == [
        f"function 'Worker': environment: {name!r} is set by Isthmus or the provider; choose another name"
    ]


@pytest.mark.parametrize("name", ["", "1ST", "WITH-DASH", "A=B", "ÜBER", "A B"])
def test_what_cannot_be_a_variables_name_is_refused(name: str) -> None:
    assert "cannot be a variable's name" in of({name: "x"})[0]


def test_a_value_with_a_nul_character_is_refused() -> None:
    assert "holds a NUL character" in of({"LEVEL": "a\0b"})[0]


@pytest.mark.parametrize("environment", [{"LEVEL": 5}, {5: "x"}, "LEVEL=x", None])
def test_the_environment_maps_names_to_text(environment: Any) -> None:
    assert "environment must be a mapping of names to text" in of(environment)[0]


def test_variables_over_the_budget_are_refused_with_the_largest() -> None:
    (what,) = of({"SMALL": "x", "LARGE": "y" * 3000, "LARGER": "z" * 4000})

    assert "and fake takes 4,096. The most: LARGER (4,006), LARGE (3,005), ISTHMUS (" in what
    assert "the links" in what


def test_a_provider_may_count_the_json_of_all_variables_in_which_a_quote_takes_two() -> None:
    strict = FakeProvider(limits=Limits(environment_bytes=4096, environment_as_json=True))
    quotes = {"NAME": '"' * 1990}

    assert of(quotes) == []
    (what,) = problems(lambda app: app.function("Worker", f"{HANDLERS}.anything", environment=quotes), strict)
    assert "takes 4,096. The most: NAME (3,991)" in what


def test_a_plan_without_an_account_leaves_room_for_its_name() -> None:
    variables = {"NAME": "x" * 3850}
    placed = FakeProvider(limits=Limits(environment_bytes=4096, account_length=40))

    assert of(variables) == []
    assert problems(lambda app: app.function("Worker", f"{HANDLERS}.anything", environment=variables), placed)


def test_the_budget_is_of_bytes_not_of_characters() -> None:
    assert of({"NAME": "x" * 2000}) == []
    assert len(of({"NAME": "ü" * 2000})) == 1


def test_a_functions_environment_is_its_identity_and_its_own_variables() -> None:
    def declare(app: App) -> None:
        orders = app.table("Orders", fields={"id": "string"}, primary_index="id")
        app.function("Worker", f"{HANDLERS}.anything", environment={"LEVEL": "debug"}, link=[orders.read], timeout=7)

    environment = planned(declare).environment("Worker")
    identity = decode(environment[VARIABLE])

    assert environment.keys() == {VARIABLE, "LEVEL"}
    assert (identity.app, identity.stage, identity.provider, identity.function) == ("shop", "dev", "fake", "Worker")
    assert (identity.handler, identity.timeout) == (f"{HANDLERS}.anything", 7)
    link = identity.links["Orders"]
    assert (link.kind, link.physical, link.verbs) == ("table", "shop-dev-Orders", ("read",))
    assert link.properties == {"fields": {"id": "string"}, "key": ["id"]}
