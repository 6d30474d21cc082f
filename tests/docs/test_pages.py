"""The pages say what is so: their Python runs, their apps work, their links lead somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus import ports
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.providers import find
from tests.docs.markdown import ROOT, blocks, links, pages


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def snippets(page: Path) -> list[Any]:
    return [block for block in blocks(page, "python") if not block.file]


def apps() -> list[Path]:
    return [page for page in pages() if any(block.file == "functions/hello.py" for block in blocks(page, "python"))]


class Declared:
    """`Resource` in a page: clients of what the page has declared as `app` so far, with all verbs."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._names = names
        self._testbed: ports.Testbed | None = None

    def __getattr__(self, resource: str) -> Any:
        if self._testbed is None:
            app: App = self._names["app"]

            def declare(_: Target) -> App:
                return app

            self._testbed = find("local").testbed(declare)
        return self._testbed.resource(resource)

    def close(self) -> None:
        if self._testbed is not None:
            self._testbed.close()


@pytest.fixture
def names() -> Iterator[dict[str, Any]]:
    """What the blocks of one page share."""
    names: dict[str, Any] = {"__name__": "page"}
    names["Resource"] = Declared(names)
    yield names
    names["Resource"].close()


@pytest.mark.parametrize("page", [page for page in pages() if snippets(page)], ids=name)
def test_the_python_of_a_page_runs_from_top_to_bottom(
    page: Path, names: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "page", type(sys)("page"))  # dataclasses look their module up
    resource = names["Resource"]
    for block in snippets(page):
        code = compile("\n" * (block.line - 1) + block.text, str(page), "exec", dont_inherit=True)
        exec(code, names)

    assert names["Resource"] is resource  # a page that imports its own would not be run on the page's app
    declared = names.get("app")
    assert not isinstance(declared, App) or declared.problems == []


@pytest.mark.parametrize("page", apps(), ids=name)
def test_the_app_of_a_page_works(page: Path, tmp_path: Path) -> None:
    for block in blocks(page, "python"):
        if block.file:
            file = tmp_path / block.file
            file.parent.mkdir(exist_ok=True)
            (file.parent / "__init__.py").touch()
            file.write_text(block.text)
    greets = 'def test_it_greets(app):\n    assert app.get("/hello/eva").json() == {"hello": "eva", "visits": 1}\n'
    (tmp_path / "test_greeting.py").write_text(greets)

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "error", str(tmp_path)]
    run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False)

    assert run.returncode == 0, run.stdout + run.stderr


@pytest.mark.parametrize("page", pages(), ids=name)
def test_a_link_of_a_page_leads_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


def test_every_page_is_reached_from_the_readme() -> None:
    seen: set[Path] = set()
    waiting = [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        seen.add(page)
        reached = [(page.parent / target).resolve() for target in links(page)] if page.suffix == ".md" else []
        waiting += [target for target in reached if target not in seen and target.is_file()]

    assert [name(page) for page in sorted((ROOT / "docs").glob("*.md")) if page not in seen] == []


def test_the_page_on_the_structure_names_every_part_of_the_core() -> None:
    core = ROOT / "src" / "isthmus"
    parts = {path.stem for path in core.glob("*.py")} | {path.parent.name for path in core.glob("*/__init__.py")}
    block = next(blocks(ROOT / "docs" / "architecture.md", "text"))
    named = set(re.findall(r"[a-z_]+", block.text))

    assert sorted(part for part in parts - named if not part.startswith("_")) == []
