"""A command for a provider whose libraries are not installed."""

from __future__ import annotations

from importlib import import_module

import pytest

from isthmus.cli import extras
from isthmus.cli import project as project_module
from isthmus.declarations.target import Target
from tests.cli.capable import Capable, Run, Store

APP = "def app(target):\n    return App('shop')\n"
REQUIREMENTS = [
    "click>=8.1; extra == 'nimbus'",
    "nimbus-sdk>=2; extra == 'nimbus'",
    "nimbus-on-plan9; sys_platform == 'plan9' and extra == 'stratus'",
]


class Unequipped(Capable):
    """A provider that finds out too late what it needs."""

    def secrets(self, app_name: str, target: Target) -> Store:
        import_module("nimbus")
        return super().secrets(app_name, target)


@pytest.fixture
def unequipped(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> Unequipped:
        return Unequipped()

    def requires(distribution: str) -> list[str]:
        return REQUIREMENTS

    monkeypatch.setattr(project_module, "find", find)
    monkeypatch.setattr(extras, "requires", requires)


@pytest.mark.usefixtures("unequipped")
def test_a_library_that_is_missing_is_one_line_with_the_extra_that_brings_it(run: Run) -> None:
    result = run(APP, "secret", "list", "--target", "nimbus-dev")

    assert result.exit_code == 1
    assert result.stderr == (
        "Error: nimbus-sdk is not installed; it comes with an extra: pip install 'isthmus[nimbus]'\n"
    )


@pytest.mark.parametrize("provider", ["stratus", "cirrus"])
@pytest.mark.usefixtures("unequipped")
def test_a_module_that_no_extra_brings_is_told_as_it_is(run: Run, provider: str) -> None:
    result = run(APP, "secret", "list", "--target", f"{provider}-dev")

    assert isinstance(result.exception, ModuleNotFoundError)


def test_the_extras_of_the_providers_here_are_whole() -> None:
    assert [extras.lacking(extra) for extra in ("local", "aws", "gcp")] == [None, None, None]
