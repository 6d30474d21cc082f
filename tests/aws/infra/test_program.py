"""The whole Pulumi program, as `pulumi up` runs it on a stack of AWS."""

from __future__ import annotations

import os
import re
import runpy
from collections.abc import Iterator
from pathlib import Path

import pulumi
import pytest

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.errors import IsthmusError
from tests.aws.infra.apps import orders
from tests.aws.infra.deploying import bundled, deployed, refused
from tests.aws.infra.mocks import ACCOUNT, HANDLERS, REGION, Bundle, Deployed, Everything, run

ROOT = Path(__file__).parent.parent.parent.parent


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[None]:
    """Run in a folder that is not the project's, as Pulumi does, and come back from wherever the program went."""
    before = Path.cwd()
    os.chdir(tmp_path)
    yield
    os.chdir(before)


def program(*, preview: bool = False, stack: str = "aws-dev") -> Deployed:
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

    assert found["apiUrl"] == "https://abc.execute-api.test"
    assert found["orders"] == orders().named("Orders-table").inputs["name"]
    assert found["images"] == orders().named("Images-bucket").inputs["bucket"]
    assert found["work"] == orders().named("Work-queue").inputs["name"]


def test_the_region_and_the_account_are_in_the_names_of_what_is_linked() -> None:
    policy = orders().named("OrdersCreate-policy").inputs["policy"]

    assert f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders-dev-Orders-" in policy


@pytest.mark.parametrize("stage", ["dev", "production"])
def test_each_stage_of_the_reference_app_has_its_settings(stage: str) -> None:
    settings = (ROOT / f"Pulumi.aws-{stage}.yaml").read_text()

    assert re.search(r"^config:\n  aws:region: [a-z]+-[a-z]+-\d$", settings, re.MULTILINE)


def test_the_project_runs_the_folder_infra_with_its_own_python() -> None:
    project = (ROOT / "Pulumi.yaml").read_text()

    assert "\nmain: infra/\n" in project
    assert "\nruntime:\n  name: python\n  options:\n    virtualenv: .venv\n" in project


def test_an_environment_that_is_too_large_is_refused_before_anything_is_registered() -> None:
    def app(_target: Target) -> App:
        app = App("shop", removal="remove")
        app.function("Pack", f"{HANDLERS}.work", environment={"BIG": "x" * 4096})
        return app

    assert "and aws takes 4,096" in refused(app)


def test_a_link_to_another_app_is_refused_before_anything_is_registered() -> None:
    def app(_target: Target) -> App:
        other = App("other").queue("Work")
        app = App("shop", removal="remove")
        app.function("Pack", f"{HANDLERS}.work", link=[other])
        return app

    assert "belongs to another app" in refused(app)


class BundleError(IsthmusError, ImportError):
    """What a builder raises whose bundle cannot be proved."""


class Broken(dict[str, Bundle]):
    """Bundles of which one does not import."""

    def __contains__(self, _key: object) -> bool:
        raise BundleError("the bundle of 'Pack' does not import: no module named 'stripe'")


def pack(_target: Target) -> App:
    app = App("shop", removal="remove")
    app.queue("Work")
    app.function("Pack", f"{HANDLERS}.work")
    return app


def test_a_bad_bundle_is_refused_before_anything_is_registered() -> None:
    assert "no module named 'stripe'" in refused(pack, prepared=Broken())


def test_a_function_without_a_bundle_is_refused_before_anything_is_registered() -> None:
    assert "no bundle has been prepared for 'Pack'; prepared: ''" in refused(pack, prepared={"": Bundle()})


def test_every_component_that_cannot_be_is_told_at_once() -> None:
    def app(_target: Target) -> App:
        app = App("shop", removal="remove")
        app.queue("Work", transform={"dely": 1})
        app.function("Pack", f"{HANDLERS}.work", transform={"memry": 1})
        return app

    told = refused(app)

    assert "nothing has been created" in told
    assert "did you mean 'delay'?" in told
    assert "did you mean 'memory'?" in told
    assert told.count("test_program.py:") == 2


def test_a_deployment_after_one_that_was_refused_goes_through() -> None:
    refused(pack, prepared={})

    assert "Pack-function" in deployed(pack).names


def test_a_stack_of_no_stage_is_refused() -> None:
    with pytest.raises(pulumi.RunError, match="name it <provider>-<stage>"):
        deployed(pack, stack="aws")
