"""What somebody is told who mistypes the reference app's declaration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra.app import app
from isthmus.declarations.target import Target
from isthmus.plan import plan
from isthmus.types_module import source

LAPTOP = Target(provider="local", stage="dev")

ROOT = Path(__file__).parent.parent.parent

MISTAKES = {
    'link=[orders.read])\n    api.route("GET /orders/{id}"': 'link=[orders.raed])\n    api.route("GET /orders/{id}"',
    '"GET /orders"': '"GTE /orders"',
    "max_attempts=5": "max_atempts=5",
}
"""A link, a route and an option, as they stand and mistyped."""


def test_the_reference_app_has_no_problem() -> None:
    assert [str(problem) for problem in plan(app(LAPTOP), LAPTOP).problems] == []


def test_a_mistyped_link_route_and_option_are_told_at_once_with_their_lines() -> None:
    path = ROOT / "infra" / "app.py"
    source = path.read_text()
    for right, wrong in MISTAKES.items():
        assert right in source
        source = source.replace(right, wrong)
    names: dict[str, Any] = {"__name__": "mistyped"}
    exec(compile(source, str(path), "exec", dont_inherit=True), names)

    problems = [str(problem) for problem in plan(names["app"](LAPTOP), LAPTOP).problems]

    told = "\n".join(problems)
    assert "raed" in told, told
    assert "GTE /orders" in told, told
    assert "did you mean 'max_attempts'?" in told, told
    assert all("app.py:" in problem for problem in problems), told


def test_the_typed_links_are_those_of_the_declaration() -> None:
    written = (ROOT / "functions" / "resources.py").read_text()

    assert written == source(app(LAPTOP)), "write it anew: isthmus types"
