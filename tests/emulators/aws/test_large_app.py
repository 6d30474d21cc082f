"""What the variables of a function have no room for reaches it with its bundle."""

from __future__ import annotations

from collections.abc import Generator, Mapping

import pytest

from isthmus.links import FILE, VARIABLE
from tests.emulators.aws.large_app import SETTINGS, large_app
from tests.emulators.aws.testbed import DeployedTestbed, deployed


@pytest.fixture(scope="module")
def bed() -> Generator[DeployedTestbed]:
    bed = deployed(large_app)
    try:
        yield bed
    finally:
        bed.close()


def variables(bed: DeployedTestbed) -> Mapping[str, Mapping[str, str]]:
    """Return the variables that each function has in the emulator, by what its name begins with."""
    functions = bed.server.client("lambda").list_functions(MaxItems=100)["Functions"]
    return {one["FunctionName"].removeprefix("large-test-"): one["Environment"]["Variables"] for one in functions}


def test_the_variables_of_those_that_know_much_only_name_the_file(bed: DeployedTestbed) -> None:
    named = {name for name, known in variables(bed).items() if known[VARIABLE] == FILE}

    assert sorted(name.rpartition("-")[0] for name in named) == ["Keep", "One-all", "One-rest", "PerRoute-rest"]


@pytest.mark.parametrize(("api", "number"), [("PerRoute", 0), ("PerRoute", 399), ("One", 0), ("One", 149)])
def test_an_api_of_many_routes_answers_on_each(bed: DeployedTestbed, api: str, number: int) -> None:
    path = f"/shelves-{number}/items/7"

    answered = bed.request("POST", path, api=api)

    assert (answered.status, answered.json()) == (201, {"path": path, "id": "7"})


@pytest.mark.parametrize(("api", "count"), [("PerRoute", 400), ("One", 150)])
def test_what_has_no_route_among_many_is_told_so(bed: DeployedTestbed, api: str, count: int) -> None:
    other = bed.request("GET", f"/shelves-{count - 1}/items/7", api=api)
    none = bed.request("POST", f"/shelves-{count}/items/7", api=api)

    assert (other.status, other.headers["allow"]) == (405, "OPTIONS, POST")
    assert none.status == 404


def test_a_function_of_many_links_uses_the_first_and_the_last_of_them(bed: DeployedTestbed) -> None:
    keep = bed.resource("Keep")

    assert keep.invoke("Setting0") == "https://host-0.example"
    assert keep.invoke(f"Setting{SETTINGS - 1}") == f"https://host-{SETTINGS - 1}.example"
