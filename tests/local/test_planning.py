from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from isthmus_local import planning

GOOD = """
from isthmus import App, Target

def app(target: Target) -> App:
    return App("shop")
"""


def check(folder: Path, text: str) -> str:
    (folder / "infra").mkdir()
    (folder / "infra" / "app.py").write_text(text)
    return asyncio.run(planning.check("infra/app.py:app", "dev", folder))


def test_a_good_declaration_has_no_problems(tmp_path: Path) -> None:
    assert check(tmp_path, GOOD) == ""


@pytest.mark.parametrize("ending", ["while True: pass", "import time; time.sleep(60)"])
def test_planning_that_does_not_end_is_ended_and_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(planning, "PATIENCE", 1.0)
    begun = time.monotonic()

    said = check(tmp_path, f"{GOOD}\n{ending}\n")

    assert "did not end within 1 s" in said
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize(
    "ending", ["import os; os._exit(0)", "import os, signal; os.kill(os.getpid(), signal.SIGKILL)"]
)
def test_a_declaration_that_ends_the_process_is_not_taken_for_a_good_one(tmp_path: Path, ending: str) -> None:
    assert "end the process?" in check(tmp_path, f"{GOOD}\n{ending}\n")


def test_of_a_declaration_that_prints_without_measure_the_end_is_kept(tmp_path: Path) -> None:
    said = check(tmp_path, f"print('x' * 3_000_000)\nraise ValueError('the reason')\n{GOOD}")

    assert "the reason" in said
    assert len(said) < 100_000
