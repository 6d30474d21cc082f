"""docs/workflows.md: its app works, its tests pass, and the builder comes to the document that it shows."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from isthmus.capabilities import Ignored, Unsupported
from isthmus.providers import find
from isthmus_gcp.workflow import limits
from isthmus_gcp.workflow.spreads import UNSUPPORTED
from isthmus_local.store.executions import RETENTION
from tests.docs.markdown import ROOT, blocks
from tests.docs.tables import rows

PAGE = ROOT / "docs" / "workflows.md"
TEXT = PAGE.read_text()
DEFINITION = "functions/workflows/claim.asl.json"


def definition() -> str:
    return next(blocks(PAGE, f"json {DEFINITION}")).text


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with each file of the page."""
    files = {block.file: block.text for block in blocks(PAGE, "python") if block.file} | {DEFINITION: definition()}
    for name, text in files.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    for folder in ("functions", "infra"):
        (tmp_path / folder / "__init__.py").touch()
    return tmp_path


def run(project: Path, *command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=project, capture_output=True, text=True, timeout=120, check=False)


def test_the_tests_of_the_page_pass(project: Path) -> None:
    done = run(
        project, str(Path(sys.executable).parent / "pytest"), "-q", "-p", "no:cacheprovider", "-W", "error", "tests"
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "4 passed" in done.stdout


@pytest.mark.parametrize("provider", ["local", "aws", "gcp"])
def test_the_app_of_the_page_can_be_planned_everywhere(project: Path, provider: str) -> None:
    done = run(project, str(Path(sys.executable).parent / "isthmus"), "plan", "--target", f"{provider}-dev")

    assert done.returncode == 0, done.stdout + done.stderr


def test_the_builder_comes_to_the_document_of_the_page() -> None:
    (built,) = [block.text for block in blocks(PAGE, "python") if 'StateMachine("Claim")' in block.text]
    names: dict[str, object] = {}
    exec(built, names)

    assert json.loads(str(names["text"])) == json.loads(definition())


def test_the_limits_that_the_page_tells_are_those_of_the_code() -> None:
    told = {cells[0] for cells in rows(TEXT)}

    assert limits.SOURCE == 128 * 1024
    assert f"{limits.EXPRESSION} characters of an expression" in told
    assert f"{limits.CALL_DEPTH} calls deep" in told
    assert f"{limits.STEPS:,} steps" in told
    assert f"{limits.CONDITIONS} catchers of a state" in told
    assert f"{limits.BRANCHES} branches of a step" in told
    assert f"{limits.NESTED_PARALLEL} levels of parallel steps" in told
    assert limits.VARIABLES == 512 * 1024
    assert f"{limits.AT_ONCE} at most; in the third level" in TEXT
    assert f"{limits.HTTP_SECONDS:,} s at most" in TEXT
    assert RETENTION == 90 * 24 * 3600
    assert all(f"`{field}`" in TEXT for field in UNSUPPORTED)


def test_what_google_does_not_do_is_on_the_page() -> None:
    table = find("gcp").capabilities.rows
    missing = {name for name, row in table.items() if name.startswith("workflow.") and isinstance(row, Unsupported)}

    assert isinstance(table["workflow.express"], Ignored)
    assert missing == {
        f"workflow.{name}" for name in ("fail-fast", "heartbeat", "history", "jsonata", "redrive", "timeout")
    }
