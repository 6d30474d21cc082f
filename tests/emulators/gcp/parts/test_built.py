"""How `make` builds the parts that are written in Go."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.emulators.gcp.parts.process import ROOT
from tests.tools import need

PART = "tests/emulators/gcp/parts/pubsub"
BUILT = ".venv/emulators/bin/pubsub"

FAKE_GO = """#!/bin/sh
if [ "$1" = version ]; then echo go version go9.9 here; exit; fi
while [ $# -gt 0 ]; do if [ "$1" = -o ]; then out=$2; fi; shift; done
echo built > "$out"
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The Makefile with one part, whose environment is there already."""
    (tmp_path / "Makefile").write_text((ROOT / "Makefile").read_text())
    (tmp_path / PART).mkdir(parents=True)
    (tmp_path / PART / "go.mod").write_text("module x\n\ngo 1.99\n")
    (tmp_path / PART / "main.go").write_text("package main\n")
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / ".made").touch()
    (tmp_path / "go").write_text(FAKE_GO)
    (tmp_path / "go").chmod(0o755)
    return tmp_path


def make(checkout: Path, go: str) -> subprocess.CompletedProcess[str]:
    command = [need("make"), BUILT, f"GO={go}"]
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    return subprocess.run(command, cwd=checkout, env=outside, capture_output=True, text=True, check=False)


def test_make_says_which_go_is_needed(checkout: Path) -> None:
    run = make(checkout, "no-such-go")

    assert run.returncode != 0
    assert "Go 1.99 or newer; 'no-such-go' is not there" in run.stderr
    assert not (checkout / BUILT).exists()


def test_the_first_build_says_that_it_takes_long(checkout: Path) -> None:
    run = make(checkout, str(checkout / "go"))

    assert run.stdout == "building the pubsub emulator with go9.9; the first time takes minutes\n"
    assert (checkout / BUILT).read_text() == "built\n"


@pytest.mark.parametrize("changed", ["main.go", "go.mod", ""])
def test_a_part_is_built_again_only_when_its_sources_changed(checkout: Path, changed: str) -> None:
    make(checkout, str(checkout / "go"))
    if changed:
        later = (checkout / BUILT).stat().st_mtime + 10
        os.utime(checkout / PART / changed, (later, later))

    again = make(checkout, str(checkout / "go")).stdout

    assert again.startswith("building") == bool(changed)
