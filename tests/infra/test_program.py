"""The Pulumi program of the reference app, as far as it goes without a cloud's provider."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from infra.app import app
from isthmus.declarations.resource import Deployed
from isthmus.declarations.target import Target
from isthmus.providers import installed

ROOT = Path(__file__).parent.parent.parent


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
        ("nowhere-dev", f"no provider is named 'nowhere'; installed: {', '.join(installed())}"),
        ("dev", f"name it <provider>-<stage> (installed providers: {', '.join(installed())})"),
    ],
)
def test_a_stack_that_cannot_be_deployed_says_why(stack: str, told: str) -> None:
    run = run_program(stack)

    assert run.returncode != 0
    assert told in run.stderr.splitlines()[-1]
    assert "RunError" in run.stderr
