from __future__ import annotations

import itertools
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from click.testing import CliRunner, Result

from isthmus.cli import dev as dev_module
from isthmus.cli import project as project_module
from isthmus.cli.commands import cli
from tests.cli.capable import Capable, Run

_numbers = itertools.count()


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Capable:
    """Let every target's provider be this one."""
    capable = Capable()

    def find(name: str) -> Capable:
        return capable

    for module in (project_module, dev_module):
        monkeypatch.setattr(module, "find", find)
    return capable


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in a project whose declaration is `text`."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])

    def run(text: str, *arguments: str, input: bytes | None = None) -> Result:
        name = f"commanded_{next(_numbers)}.py"
        (tmp_path / name).write_text("from isthmus import App\n" + dedent(text))
        words = list(arguments)
        at = 2 if words[0] in ("secret", "workflow") else 1
        return CliRunner().invoke(cli, [*words[:at], "--app", name, *words[at:]], input=input, prog_name="isthmus")

    return run
