"""The Pulumi program of the reference app, as far as it goes without a cloud's provider."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any, cast

import pytest

from infra import __main__ as program
from infra.app import app
from isthmus.declarations.api import Api
from isthmus.declarations.app import App
from isthmus.declarations.resource import Deployed
from isthmus.declarations.target import Target
from isthmus.plan import Plan


def test_a_stack_is_named_after_provider_and_stage() -> None:
    target = program.target_of("aws-feature-7", region="eu-north-1")

    assert target == Target(provider="aws", stage="feature-7", account="", region="eu-north-1")


@pytest.mark.parametrize("name", ["dev", "-dev", "aws-", ""])
def test_another_name_of_a_stack_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(program.StackNameError, match="name it <provider>-<stage>, as in aws-dev"):
        program.target_of(name)


ROOT = Path(__file__).parent.parent.parent


class Plans:
    """A plan of `app` for a provider that has these components."""

    def __init__(self, app: App, components: dict[str, Any]) -> None:
        self.app = app
        self.resources = app.resources
        self.provider = type("Cloud", (), {"name": "local", "components": components})()


def test_a_provider_without_components_says_what_to_install() -> None:
    planned = cast("Plan", Plans(App("shop"), {}))

    with pytest.raises(program.NotDeployedError, match=r"isthmus dev.*pip install 'isthmus\[aws\]'"):
        program.realise(planned)


class ApiComponent:
    """What a cloud makes of an api."""

    def __init__(self, resource: Api, _: Plan) -> None:
        self.url = f"at {resource.name}"


def test_each_resource_becomes_a_component_and_outputs_are_read_from_it() -> None:
    shop = App("shop")
    api = shop.api("Api")
    planned = cast("Plan", Plans(shop, {"api": ApiComponent}))

    components = program.realise(planned)

    assert program.output(api.url, components) == "at Api"
    assert program.output("plain", components) == "plain"


def test_the_reference_app_asks_for_its_address_as_an_output() -> None:
    outputs = app(Target(provider="local", stage="dev")).outputs

    assert isinstance(outputs["apiUrl"], Deployed)


@pytest.mark.parametrize(("stage", "removal"), [("dev", "remove"), ("production", "retain")])
def test_the_reference_app_keeps_its_data_in_production(stage: str, removal: str) -> None:
    assert app(Target(provider="local", stage=stage)).removal == removal


def run_program(stack: str) -> subprocess.CompletedProcess[str]:
    """Run the folder as Pulumi's language host does: by its path, with the stack's name given from outside."""
    script = (
        "import runpy, pulumi\n"
        "class Mocks(pulumi.runtime.Mocks):\n"
        "    def call(self, args): return {}\n"
        "    def new_resource(self, args): return args.name, args.inputs\n"
        f"pulumi.runtime.set_mocks(Mocks(), project='orders', stack={stack!r})\n"
        "runpy.run_path('infra', run_name='__main__')\n"
    )
    command = [sys.executable, "-P", "-c", script]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(
    ("stack", "told"),
    [
        ("local-dev", "local runs with `isthmus dev`; nothing of it is deployed by Pulumi"),
        ("nowhere-dev", "no provider is named 'nowhere'; installed: local"),
        ("dev", "name it <provider>-<stage>, as in aws-dev"),
    ],
)
def test_a_stack_that_cannot_be_deployed_says_why(stack: str, told: str) -> None:
    run = run_program(stack)

    assert run.returncode != 0
    assert told in run.stderr.splitlines()[-1]
    assert "RunError" in run.stderr
