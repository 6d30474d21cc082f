from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from isthmus.bundling.bundle import Bundle, BundleError
from isthmus.cli import project as project_module
from isthmus.declarations.problem import Problem
from isthmus.plan import Plan
from tests.cli.capable import Capable, Run
from tests.fakes import FakeProvider

SOUND = """
def app(target):
    app = App("shop")
    app.function("Small", "tests.core.plan.handlers.anything")
    app.function("Large", "tests.core.plan.handlers.anything")
    return app
"""

ALONE = Bundle(Path("/kept/alone.zip"), "a1", 100_400, {"isthmus": 90_000}, 400_000)
LARGE = Bundle(
    Path("/kept/large.zip"),
    "b2",
    2_500_000,
    {"numbers": 2_000_000, "isthmus": 90_000, "c": 5000, "d": 4000, "e": 3000, "f": 2000, "g": 1000},
    9_900_000,
)


class Bundling(FakeProvider):
    """A provider whose bundles are made already."""

    def __init__(self, error: BundleError | None = None) -> None:
        super().__init__()
        self.error = error

    def bundles(self, plan: Plan, *, progress: Callable[[str], None]) -> Mapping[str, Bundle]:
        progress("packing")
        if self.error:
            raise self.error
        return {"": ALONE, "Small": ALONE, "Large": LARGE}


def use(monkeypatch: pytest.MonkeyPatch, provider: FakeProvider) -> None:
    def find(_name: str) -> FakeProvider:
        return provider

    monkeypatch.setattr(project_module, "find", find)


def test_the_table_has_the_largest_first_and_says_where_the_zips_are(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Bundling())

    result = run(SOUND, "bundle")

    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["function", "zip", "unpacked", "made", "of"]
    assert lines[1] == (
        "Large            2.5 MB    9.9 MB  numbers 2.0 MB, isthmus 90 KB, c 5 KB, d 4 KB, e 3 KB, 2 more 3 KB"
    )
    assert [line.split()[0] for line in lines[2:4]] == ["(what", "Small"]
    assert lines[-1] == "3 bundles, 2 different, in /kept"


def test_progress_is_told_beside_the_result(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Bundling())

    assert run(SOUND, "bundle", "--json").stderr == "packing …\n"


def test_json_has_all_that_is_known(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Bundling())

    document = json.loads(run(SOUND, "bundle", "--json").stdout)

    assert [one["function"] for one in document["bundles"]] == ["Large", None, "Small"]
    assert document["bundles"][2] == {
        "function": "Small",
        "path": "/kept/alone.zip",
        "digest": "a1",
        "size": 100_400,
        "unpacked": 400_000,
        "parts": {"isthmus": 90_000},
    }


def test_what_stands_in_the_way_ends_with_1_and_no_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem("functions/a.py:1", "there is no module ink")
    use(monkeypatch, Bundling(BundleError([problem])))

    result = run(SOUND, "bundle")

    assert result.exit_code == 1
    assert "1 problem in the bundles:\n  functions/a.py:1: there is no module ink" in result.stderr


def test_problems_of_the_declaration_come_first(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, Bundling())

    result = run(SOUND.replace("return app", "app.queue('Q', max_atempts=3)\n    return app"), "bundle")

    assert result.exit_code == 1
    assert "max_atempts" in result.stderr
    assert "packing" not in result.stderr


def test_a_provider_without_bundles_says_so(run: Run, provider: Capable) -> None:
    result = run(SOUND, "bundle")

    assert result.exit_code == 1
    assert "provider 'fake' makes no bundles" in result.stderr
