"""`isthmus plan`."""

from __future__ import annotations

import json

import click

from isthmus.cli.project import Project, with_project
from isthmus.declarations.problem import Problem
from isthmus.plan import Plan, PlanError
from isthmus.plan import plan as make_plan


@click.command()
@with_project
@click.option("--json", "as_json", is_flag=True, help="Print all of the plan as JSON.")
def plan(project: Project, *, as_json: bool) -> None:
    """Check the declaration for a target, and tell every problem at once.

    Exits with 1 where there is any. Nothing is made, but handlers' modules are imported.

    \b
    Examples:
      isthmus plan
      isthmus plan --target local-dev --json
    """
    planned, problems = _planned(project)
    if as_json:
        click.echo(json.dumps(planned.manifest() if planned else _only(problems), indent=2, ensure_ascii=False))
    else:
        _tell(planned, problems)
    if problems:
        raise SystemExit(1)


def _planned(project: Project) -> tuple[Plan | None, tuple[Problem, ...]]:
    """Return the plan and its problems; no plan where the declaration is so broken that there is no app."""
    try:
        planned = make_plan(project.app(), project.target, project.provider)
    except PlanError as error:
        return None, error.problems
    return planned, planned.problems


def _only(problems: tuple[Problem, ...]) -> dict[str, object]:
    return {"problems": [{"where": problem.where, "what": problem.what} for problem in problems], "notes": []}


def _tell(planned: Plan | None, problems: tuple[Problem, ...]) -> None:
    for note in planned.notes if planned else ():
        click.echo(f"note: {note}")
    if problems:
        click.echo(str(PlanError(problems)), err=True)
    elif planned:
        click.echo(_summary(planned))


def _summary(planned: Plan) -> str:
    kinds = [resource.kind for resource in planned.resources]
    counts = ", ".join(f"{kinds.count(kind)} {kind}" for kind in dict.fromkeys(sorted(kinds)))
    target = planned.target
    return f"{planned.app.name} on {target.provider}, stage {target.stage}: {counts or 'nothing'}. No problems."
