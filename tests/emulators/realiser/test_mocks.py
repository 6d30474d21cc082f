"""The front without an engine, over a table of its own: errors, order, and what an engine would refuse."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi
import pytest

from tests.emulators.realiser import mocks
from tests.emulators.realiser.kind import Inputs, Kind, Made, RealiseError, UnknownKindError
from tests.emulators.realiser.mocks import Realiser


class Thing(pulumi.CustomResource):
    """A resource of the type `test:index:Thing`, with an output that its kind supplies and one that it does not."""

    supplied: pulumi.Output[str]
    forgotten: pulumi.Output[str]

    def __init__(self, logical: str, /, **inputs: Any) -> None:
        super().__init__("test:index:Thing", logical, {"supplied": None, "forgotten": None, **inputs})


class Store:
    """What was made, in order."""

    def __init__(self) -> None:
        self.made: list[str] = []
        self.inputs: dict[str, Inputs] = {}


def _create(store: Store, inputs: Inputs) -> Made:
    if inputs.get("fails"):
        raise OSError("no room")
    store.made.append(inputs["name"])
    store.inputs[inputs["name"]] = inputs
    return Made(inputs["name"], {"supplied": f"of {inputs['name']}"})


def _finish(store: Store, id_: str, inputs: Inputs) -> None:
    if inputs.get("failsLate"):
        raise OSError("no room for settings")


TABLE = {
    "test:index:Thing": Kind(
        create=_create, finish=_finish, delete=lambda store, id_, _: store.made.remove(id_), name="name"
    )
}


def _deploy(store: Store, program: Callable[[], object], *, preview: bool = False) -> Realiser:
    return mocks.deploy(program, store, TABLE, {}, project="p", stack="s", preview=preview, base=Path.cwd())


def test_a_resource_is_made_after_those_whose_outputs_it_takes() -> None:
    store = Store()

    def program() -> None:
        first = Thing("first", name="first")
        Thing("second", name="second", of=first.supplied)

    _deploy(store, program)

    assert store.made == ["first", "second"]
    assert store.inputs["second"]["of"] == "of first"


def test_numbers_are_whole_and_secrets_plain_at_any_depth() -> None:
    store = Store()
    _deploy(store, lambda: Thing("a", name="a", n=3, deep={"list": [pulumi.Output.secret("s"), 2.5]}))

    assert store.inputs["a"]["n"] == 3
    assert isinstance(store.inputs["a"]["n"], int)
    assert store.inputs["a"]["deep"] == {"list": ["s", 2.5]}


def test_a_name_that_is_not_given_is_made_up() -> None:
    store = Store()
    _deploy(store, lambda: Thing("a"))

    assert store.made[0].startswith("a-")


def test_a_failure_names_the_resource_and_its_siblings_are_still_made() -> None:
    store = Store()

    def program() -> None:
        Thing("bad", name="bad", fails=True)
        Thing("good", name="good")

    with pytest.raises(RealiseError, match="test:index:Thing bad: OSError: no room"):
        _deploy(store, program)
    assert store.made == ["good"]


def test_a_deployment_after_one_that_failed_is_a_new_one() -> None:
    store = Store()

    def program() -> None:
        bad = Thing("bad", name="bad", fails=True)
        Thing("behind", name="behind", of=bad.supplied)

    with pytest.raises(RealiseError):
        _deploy(store, program)
    _deploy(store, lambda: Thing("good", name="good"))

    assert store.made == ["good"]


def test_what_fails_half_way_is_taken_away_again() -> None:
    store = Store()

    with pytest.raises(RealiseError, match="no room for settings"):
        _deploy(store, lambda: Thing("late", name="late", failsLate=True))
    assert store.made == []


def test_an_output_that_nobody_supplies_is_told_where_it_is_used() -> None:
    store = Store()

    def program() -> None:
        first = Thing("first", name="first")
        Thing("second", name="second", of={"deep": first.forgotten})

    with pytest.raises(RealiseError, match=r"the input of\.deep comes from an output"):
        _deploy(store, program)


def test_a_name_that_is_there_twice_is_refused() -> None:
    def program() -> None:
        Thing("same", name="a")
        Thing("same", name="b")

    with pytest.raises(ValueError, match="Duplicate resource URN"):
        _deploy(Store(), program)


def test_an_unknown_type_is_named() -> None:
    def program() -> None:
        pulumi.CustomResource("test:index:Other", "other", {})

    with pytest.raises(UnknownKindError, match=r"no creator for test:index:Other \(other\)"):
        _deploy(Store(), program)


def test_a_preview_makes_nothing() -> None:
    store = Store()

    def program() -> None:
        first = Thing("first", name="first")
        Thing("second", name="second", of=first.supplied)

    previewed = _deploy(store, program, preview=True)

    assert store.made == []
    assert previewed.tokens == {"test:index:Thing"}


def test_an_export_has_its_value() -> None:
    made = _deploy(Store(), lambda: pulumi.export("one", Thing("a", name="a").supplied))

    assert made.outputs == {"one": "of a"}
