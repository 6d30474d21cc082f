"""From a source to its main workflow and its subworkflows.

- A source is a list of steps, or a map that has `main` and subworkflows, each with `steps` and, where it takes any,
  `params`: `main` one at most, a subworkflow ten, of which the last may have defaults.
  https://cloud.google.com/workflows/docs/reference/syntax/subworkflows
  https://cloud.google.com/workflows/docs/reference/syntax/runtime-args
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tests.emulators.gcp.workflows.document import read
from tests.emulators.gcp.workflows.failures import DeploymentError
from tests.emulators.gcp.workflows.library.table import FUNCTIONS, HELPERS
from tests.emulators.gcp.workflows.reader import NAME, Reader
from tests.emulators.gcp.workflows.steps import Routine
from tests.emulators.gcp.workflows.values import is_list, is_map

MAIN = "main"
PARAMS = 10
_DOTTED = re.compile(r"\$\{")


def routines(source: str) -> Mapping[str, Routine]:
    """Return the workflows of a source by name; `DeploymentError` with all that is wrong in their form."""
    document = read(source)
    problems: list[str] = []
    if is_list(document):
        document = {MAIN: {"steps": document}}
    if not is_map(document) or MAIN not in document:
        raise DeploymentError(["parse error: main workflow is not defined"])
    found = {name: _routine(name, body, problems) for name, body in document.items()}
    if problems:
        raise DeploymentError(problems)
    return found


def _routine(name: str, body: Any, problems: list[str]) -> Routine:
    place = f"parse error: in workflow '{name}'"
    known = name in HELPERS or name in {function.partition(".")[0] for function in FUNCTIONS}
    if not NAME.fullmatch(name) or known:
        problems.append(f"{place}: {'the name is taken' if known else 'invalid name'}")
    if not is_map(body) or not is_list(body.get("steps")):
        problems.append(f"{place}: 'steps' is required, a list")
        return Routine(name, ())
    problems.extend(f"{place}: unexpected entry {key!r}" for key in body if key not in ("params", "steps"))
    params, defaults = _params(place, body.get("params") or [], problems)
    if len(params) > (1 if name == MAIN else PARAMS):
        problems.append(f"{place}: too many params")
    return Routine(name, params, defaults, Reader(name, problems).steps(body["steps"]))


def _params(place: str, given: Any, problems: list[str]) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Return the parameters, and the defaults of those that have one, which come last."""
    if not is_list(given):
        problems.append(f"{place}: 'params' is a list")
        return (), {}
    params = [_param(one) for one in given]
    names = [name for name, _ in params]
    late = [name for number, (name, default) in enumerate(params) if not default and any(d for _, d in params[:number])]
    problems.extend(f"{place}: invalid parameter {name!r}" for name in names if not NAME.fullmatch(name))
    problems.extend(f"{place}: parameter {name!r} without a default after one that has one" for name in late)
    defaults = {name: default[0] for name, default in params if default}
    if len(set(names)) < len(names) or any(_DOTTED.search(str(one)) for one in defaults.values()):
        problems.append(f"{place}: a parameter is there once, and its default is a literal value")
    return tuple(names), defaults


def _param(given: Any) -> tuple[str, tuple[Any, ...]]:
    """Return a parameter's name and its default, if any."""
    if is_map(given) and len(given) == 1:
        name, default = next(iter(given.items()))
        return name, (default,)
    return str(given), ()
