from __future__ import annotations

from typing import Any

import pytest

from isthmus.capabilities import Limits
from isthmus.checks.environment import fitted, size
from isthmus.declarations.app import App
from isthmus.links import FILE, VARIABLE, decode
from tests.core.plan.app import HANDLERS, planned, problems
from tests.fakes import FakeProvider

CLOUD = FakeProvider(limits=Limits(environment_bytes=4096, environment_reserved=("CLOUD_*", "PATH")))


SPILLING = FakeProvider(limits=Limits(environment_bytes=4096, identity_spills=True))


def of(environment: Any, provider: FakeProvider = CLOUD) -> list[str]:
    return problems(lambda app: app.function("Worker", f"{HANDLERS}.anything", environment=environment), provider)


def linked(app: App) -> None:
    """Declare a function whose links alone are over the budget."""
    tables = [app.table(f"Table{n}", fields={"id": "string"}, primary_index="id") for n in range(60)]
    app.function("Worker", f"{HANDLERS}.anything", link=tables)


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


def test_text_that_no_file_and_no_variable_can_hold_is_refused() -> None:
    def declare(app: App) -> None:
        app.function("Worker", f"{HANDLERS}.anything", link=[app.linkable("Broken", properties={"url": "\ud800"})])

    assert of({"LEVEL": "\udfff"}) == [
        "function 'Worker': environment: the value of 'LEVEL' has half a surrogate pair, which is no character"
    ]
    assert problems(declare, SPILLING) == [
        "function 'Worker': what it is linked to has half a surrogate pair, which is no character"
    ]


@pytest.mark.parametrize("environment", [{"LEVEL": 5}, {5: "x"}, "LEVEL=x", None])
def test_the_environment_maps_names_to_text(environment: Any) -> None:
    assert "environment must be a mapping of names to text" in of(environment)[0]


def test_variables_over_the_budget_are_refused_with_the_largest() -> None:
    (what,) = of({"SMALL": "x", "LARGE": "y" * 3000, "LARGER": "z" * 4000})

    assert "and fake takes 4,096. The most: LARGER (4,006), LARGE (3,005), ISTHMUS (" in what
    assert "the links" in what


def test_links_over_the_budget_are_refused_where_the_provider_has_no_other_place_for_them() -> None:
    (what,) = problems(linked, CLOUD)

    assert "The most: ISTHMUS (" in what
    assert what.endswith("Fewer links, or configuration in a bucket or a table")


def test_they_are_no_problem_where_they_may_be_a_file_of_the_bundle() -> None:
    assert problems(linked, SPILLING) == []


def test_a_functions_own_variables_are_no_file_anywhere() -> None:
    room = 4096 - len(f"{VARIABLE}{FILE}NAME")

    assert of({"NAME": "x" * room}, SPILLING) == []
    (what,) = of({"NAME": "x" * (room + 1)}, SPILLING)
    assert "take 4,097 bytes together, and fake takes 4,096. The most: NAME (" in what
    assert what.endswith("Put configuration into a bucket or a table")
    assert VARIABLE not in what


def test_the_identity_stays_a_variable_as_long_as_all_of_them_have_room() -> None:
    limits = SPILLING.capabilities.limits
    full = {VARIABLE: "{" + "x" * (4096 - len(f"{VARIABLE}NAME1") - 1), "NAME": "1"}

    assert size(full, limits) == 4096
    assert fitted(full, limits) == full
    assert fitted({**full, "NAME": "12"}, limits) == {VARIABLE: FILE, "NAME": "12"}
    assert fitted({**full, "NAME": "12"}, CLOUD.capabilities.limits) == {**full, "NAME": "12"}


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
