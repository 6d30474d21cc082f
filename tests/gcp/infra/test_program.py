"""The whole Pulumi program, as `pulumi up` runs it on a stack of Google's."""

from __future__ import annotations

import os
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from tests.gcp.infra.apps import contract, orders
from tests.gcp.infra.deploying import bundled, deployed, refused
from tests.gcp.infra.mocks import HANDLERS, Bundle, Deployed, Everything, run
from tests.gcp.infra.shops import identity, shop, variables

ROOT = Path(__file__).parent.parent.parent.parent


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[None]:
    """Run in a folder that is not the project's, as Pulumi does, and come back from wherever the program went."""
    before = Path.cwd()
    os.chdir(tmp_path)
    yield
    os.chdir(before)


def program(*, preview: bool = False, stack: str = "gcp-dev") -> Deployed:
    with bundled(Everything()):
        return run(lambda: runpy.run_path(str(ROOT / "infra"), run_name="__main__"), stack_name=stack, preview=preview)


@pytest.mark.usefixtures("elsewhere")
@pytest.mark.parametrize("preview", [True, False])
def test_the_program_makes_the_reference_app_wherever_pulumi_runs_it(preview: bool) -> None:
    found = program(preview=preview)

    assert found.names == orders().names
    assert Path.cwd() == ROOT


@pytest.mark.usefixtures("elsewhere")
def test_the_address_of_the_api_and_the_names_of_resources_are_outputs() -> None:
    found = program().outputs

    assert found["apiUrl"] == f"https://{orders().named('Api-all-function').inputs['name']}-abc.a.run.app"
    assert found["orders"] == identity(orders(), "Api-all")["links"]["Orders"][1]
    assert found["images"] == orders().named("Images-bucket").inputs["name"]
    assert found["work"] == orders().named("Work-topic").inputs["name"]


@pytest.mark.parametrize("stage", ["dev", "production"])
def test_each_stage_of_the_reference_app_has_its_settings(stage: str) -> None:
    settings = (ROOT / f"Pulumi.gcp-{stage}.yaml").read_text()

    assert re.search(r"^config:\n  gcp:region: [a-z]+-[a-z]+\d+$", settings, re.MULTILINE)


def test_an_environment_that_is_too_large_is_refused_before_anything_is_registered() -> None:
    def app(_target: Target) -> App:
        app = App("shop", removal="remove")
        app.function("Pack", f"{HANDLERS}.work", environment={"BIG": "x" * 32 * 1024})
        return app

    assert "gcp takes 32,768" in refused(app)


def test_a_transform_cannot_make_the_environment_too_large_either() -> None:
    big = {"environment": {"BIG": "x" * 32 * 1024}}

    told = refused(shop(lambda app: app.function("Pack", f"{HANDLERS}.work", transform=big)))

    assert "nothing has been created" in told
    assert "the environment of function 'Pack'" in told


def test_a_function_without_a_bundle_is_refused_by_name() -> None:
    declare = shop(lambda app: app.function("Pack", f"{HANDLERS}.work"))

    assert "no bundle has been prepared for 'Pack'; prepared: 'Other'" in refused(declare, prepared={"Other": Bundle()})


def test_all_problems_of_components_are_told_at_once() -> None:
    def declare(app: App) -> None:
        app.function("Pack", f"{HANDLERS}.work", transform={"memry": 1})
        app.queue("Work", transform={"nodes": {"topc": {}}})

    told = refused(shop(declare))

    assert "memry" in told
    assert "topc" in told


def test_the_contract_app_is_deployed_whole_and_previewed_alike() -> None:
    functions = {one.name.removesuffix("-function") for one in contract().of("cloudfunctionsv2/function:Function")}

    assert {"Api-all", "Site-all", "Worker", "Errand", "Changed", "Add", "Hear"} <= functions
    assert "HttpEcho" not in functions


def test_switching_the_cloud_changes_neither_functions_nor_the_declaration() -> None:
    sources = [*Path(ROOT, "functions").rglob("*.py"), ROOT / "infra" / "app.py"]

    words = re.compile(r"\b(gcp|google|firestore|pubsub|aws|lambda_|dynamodb|sqs)\b", re.IGNORECASE)
    assert [path.name for path in sources if words.search(path.read_text())] == []


def test_an_app_is_deployed_twice_in_one_process_alike() -> None:
    declare = shop(lambda app: app.function("Pack", f"{HANDLERS}.work"))

    assert deployed(declare).names == deployed(declare).names
    assert "ISTHMUS" in variables(deployed(declare), "Pack")
