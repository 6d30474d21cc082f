"""What a deployment refuses although each step is well formed: names that stand for nothing, and jumps to nowhere.

- `symbol 'x' is neither a variable nor a sub-workflow name`.
  https://cloud.google.com/workflows/docs/troubleshooting#deployment-errors
- A variable of a loop, of `except` or of a branch cannot be used outside.
  https://cloud.google.com/workflows/docs/reference/syntax/variables#variable-scope
- A branch may only assign variables from outside that are `shared`.
  https://cloud.google.com/workflows/docs/samples/workflows-parallel-shared-variables
- Names of steps are unique in a workflow or subworkflow.
  https://cloud.google.com/workflows/docs/reference/syntax/steps
- A jump goes to a step of its own list or of one around it; into a list, or out of `try`, of a loop and of a branch it
  is not documented, and refused. Out of `except` it is:
  https://cloud.google.com/workflows/docs/samples/workflows-error-catch
- `return`, `end`, `break` and `continue` that would leave a branch or a parallel iteration are not documented either.
"""

from __future__ import annotations

from collections.abc import Mapping

from tests.emulators.gcp.workflows.jumps import jumps
from tests.emulators.gcp.workflows.steps import Routine
from tests.emulators.gcp.workflows.symbols import Symbols


def problems(routines: Mapping[str, Routine]) -> list[str]:
    """Return all that is wrong."""
    symbols = Symbols(routines)
    found: list[str] = []
    for routine in routines.values():
        found.extend(f"failed to build: {one}" for one in symbols.problems(routine))
        found.extend(f"failed to build: in workflow '{routine.name}', {one}" for one in jumps(routine))
    return found
