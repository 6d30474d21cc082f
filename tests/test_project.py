"""What surrounds the code: the lock, the Makefile, the changelog."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.tools import need

ROOT = Path(__file__).parent.parent


def project() -> dict[str, Any]:
    read: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return read


def canonical(requirement: str) -> str:
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def locked() -> list[str]:
    return [line for line in (ROOT / "requirements.lock").read_text().splitlines() if line and not line.startswith("#")]


def test_the_lock_pins_everything_that_an_extra_asks_for() -> None:
    extras: dict[str, list[str]] = project()["optional-dependencies"]
    asked = {canonical(requirement) for extra in extras.values() for requirement in extra} - {"isthmus"}

    assert asked - {canonical(line) for line in locked()} == set()


def test_the_lock_holds_exact_versions_and_no_address() -> None:
    assert [line for line in locked() if not re.fullmatch(r"[a-z0-9-]+==[0-9][\w.+-]*( ; .+)?", line)] == []


def test_the_core_at_run_time_needs_nothing() -> None:
    assert project()["dependencies"] == []


def test_the_project_itself_pins_no_exact_version() -> None:
    extras: dict[str, list[str]] = project()["optional-dependencies"]

    assert [
        requirement for extra in extras.values() for requirement in extra if "==" in requirement.split(";")[0]
    ] == []


def test_make_alone_tells_what_there_is() -> None:
    run = subprocess.run([need("make")], cwd=ROOT, capture_output=True, text=True, check=True)

    for target in ("dev", "test", "lint", "types", "docs", "bench", "lock"):
        assert re.search(rf"^  make {target} +\S", run.stdout, re.MULTILINE), target


@pytest.mark.parametrize("python", ["false", "no-such-python"])
def test_make_says_which_python_is_needed(tmp_path: Path, python: str) -> None:
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    for name in ("pyproject.toml", "requirements.lock"):
        (tmp_path / name).touch()

    command = [need("make"), "dev", f"PYTHON={python}"]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert run.returncode != 0
    assert "Isthmus needs Python 3.11 or newer" in run.stderr
    assert not (tmp_path / ".venv").exists()


def test_each_fragment_of_the_changelog_says_its_kind() -> None:
    names = [path.name for path in (ROOT / "changelog.d").iterdir() if path.name != "README.md"]

    assert [name for name in names if not re.fullmatch(r"[a-z0-9-]+\.(added|changed|fixed|removed)\.md", name)] == []


def test_each_decision_has_its_number_once() -> None:
    numbers = sorted(path.name[:4] for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))

    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
