"""Parallel and Map: branches and iterations are subworkflows, run by parallel steps.

An error within one is caught there and kept in a shared variable, since a parallel step lets its siblings finish in any
case. Deeper than Workflows nests parallel steps, one comes after the other.
https://cloud.google.com/workflows/docs/reference/syntax/parallel-steps
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from isthmus.shapes import is_mapping
from isthmus.workflows.definition import State
from isthmus.workflows.states_error import RUNTIME, TOLERATED
from isthmus_gcp.workflow import flow, limits, paths, templates
from isthmus_gcp.workflow.expressions import expression
from isthmus_gcp.workflow.numbers import number
from isthmus_gcp.workflow.refusal import UnportableError
from isthmus_gcp.workflow.scope import VARIABLES, Scope
from isthmus_gcp.workflow.steps import CONTEXT, Steps

UNSUPPORTED = {
    "ItemReader": "items can only be a list in the state's input",
    "ItemBatcher": "each iteration has one item",
    "ResultWriter": "a Map's results are its output",
}
"""Fields of a distributed Map without a counterpart → what there is instead."""

OUTPUT = "output"
"""The variable of what a branch or an iteration comes to, which is its own: no other step may assign it outside."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A Parallel or a Map: `inner` are the subworkflows of its machines, `nested` the parallel steps around it."""

    state: State
    inner: Sequence[str]
    nested: int

    @property
    def is_sequential(self) -> bool:
        """Whether what is below it has to run one after the other."""
        return self.nested >= limits.NESTED_PARALLEL

    @property
    def is_distributed(self) -> bool:
        """Whether it is a Map whose iterations may fail."""
        return is_distributed(self.state)


def is_distributed(state: State) -> bool:
    """Return whether a Map's iterations are executions of their own, for the States Language."""
    processor = state.machines[0].fields.get("ProcessorConfig") if state.machines else None
    return is_mapping(processor) and processor.get("Mode") == "DISTRIBUTED"


def is_one_by_one(state: State) -> bool:
    """Return whether the iterations of a Map come one after the other."""
    return state.type == "Map" and state.fields.get("MaxConcurrency") == 1


def parallel(steps: Steps, spread: Spread) -> None:
    """Write what a Parallel does, up to its output."""
    data = steps.short(flow.arguments(steps, spread.state.fields))
    steps.assign("results", [None] * len(spread.inner))
    steps.assign("items", None)
    steps.assign("failed", None)
    in_turn = spread.is_sequential or len(spread.inner) < 2
    output = "result" if in_turn else OUTPUT
    branches = [_branch(steps, name, number, data, output) for number, name in enumerate(spread.inner)]
    if in_turn:
        for branch in branches:
            steps.add({"switch": [{"condition": "${failed == null}", "steps": branch}]}, "branch")
    elif len(branches) <= limits.BRANCHES:
        named = [{steps.new_label("branch"): {"steps": branch}} for branch in branches]
        steps.add({"parallel": {"shared": ["results", "failed"], "branches": named}}, "branches")
    else:
        steps.add({"parallel": _numbered(steps, branches)}, "branches")
    _raise_failed(steps)
    flow.leave(steps, spread.state.fields, "results")


def iterate(steps: Steps, spread: Spread) -> None:
    """Write what a Map does, up to its output."""
    for field, instead in UNSUPPORTED.items():
        if field in spread.state.fields:
            raise UnportableError(f"{field} has no counterpart: {instead}", f"/{field}")
    if not spread.inner:
        raise UnportableError("it has no ItemProcessor")
    data = steps.short(flow.effective(steps, spread.state.fields))
    _items(steps, spread.state, data)
    limit = _limit(steps, spread)
    tolerance = _tolerance(steps, spread)
    steps.assign("results", "${items}")
    steps.assign("failed", None)
    steps.assign("failures", 0)
    body = _iteration(steps, spread, data, tolerance)
    loop: dict[str, Any] = {"for": {"value": "item", "index": "index", "in": "${items}", "steps": body}}
    if not (spread.is_sequential or is_one_by_one(spread.state)):
        shared: dict[str, Any] = {"shared": ["results", "failed", "failures"]}
        limited: dict[str, Any] = {"concurrency_limit": limit} if limit else {}
        loop = {"parallel": {**shared, **limited, **loop}}
    some = [{steps.new_label("iterations"): loop}]
    steps.add({"switch": [{"condition": "${len(items) > 0}", "steps": some}]}, "each")
    _raise_failed(steps)
    flow.leave(steps, spread.state.fields, "results")


def _branch(steps: Steps, name: str, number: int, data: str, output: str) -> list[dict[str, Any]]:
    """Return the steps of a branch: its output, or its error, goes to a shared variable."""
    with steps.nested() as work:
        _run(steps, name, expression(data), CONTEXT, VARIABLES, output)
        steps.assign(f"results[{number}]", expression(output))
    return _kept(steps, work, [{"failed": "${default(failed, fault)}"}])


def _kept(steps: Steps, work: list[dict[str, Any]], assigned: list[dict[str, Any]]) -> list[dict[str, Any]]:
    with steps.nested() as named:
        steps.name_error("fault")
        for assignment in assigned:
            for variable, value in assignment.items():
                steps.assign(variable, value)
    with steps.nested() as found:
        steps.add({"try": {"steps": work}, "except": {"as": "e", "steps": named}}, "run")
    return found


def _run(steps: Steps, name: str, data: Any, context: str, variables: str, output: str) -> None:
    given: Any = {} if not variables else expression(variables)
    arguments = {"data": data, "context": expression(context), "variables": given, "envelope": "${envelope}"}
    steps.call(name, arguments, "call", output)


def _numbered(steps: Steps, branches: Sequence[list[dict[str, Any]]]) -> Mapping[str, Any]:
    """Return a parallel loop over the numbers of branches, for there are more than a step may have."""
    with steps.nested() as chosen:
        for number, branch in enumerate(branches):
            steps.add({"switch": [{"condition": f"${{branch == {number}}}", "steps": branch}]}, "branch")
    loop = {"value": "branch", "in": list(range(len(branches))), "steps": chosen}
    return {"shared": ["results", "failed"], "for": loop}


def _raise_failed(steps: Steps) -> None:
    steps.add({"switch": [{"condition": "${failed != null}", "raise": "${failed}"}]}, "failed")


def _items(steps: Steps, state: State, data: str) -> None:
    with flow.within("ItemsPath"):
        path = state.fields.get("ItemsPath", "$")
        code = paths.read(steps, str(path), Scope(data))
    steps.assign("items", expression(code))
    cause = f'Reference path "{str(path)[:100]}" must point to array.'
    arguments = {"value": "${items}", "type": "list", "error": RUNTIME, "cause": steps.text(cause)}
    steps.run("states_need", arguments, "items")


def _limit(steps: Steps, spread: Spread) -> Any:
    """Return how many iterations run at once, as a value of YAML; None where nothing but Google's limit is said."""
    limit = number(steps, spread.state, "MaxConcurrency")
    if isinstance(limit, str):
        code = limit[2:-1]
        return expression(f"if({code} > 0 and {code} < {limits.AT_ONCE}, {code}, {limits.AT_ONCE})")
    return limit if limit and limit < limits.AT_ONCE else None


def _tolerance(steps: Steps, spread: Spread) -> str:
    """Return code that is true as soon as too many iterations have failed; "" where none may."""
    count = number(steps, spread.state, "ToleratedFailureCount")
    share = number(steps, spread.state, "ToleratedFailurePercentage", most=100, whole=False)
    if not spread.is_distributed:
        return ""
    if count is None and share is None:
        count = 0
    tests = [f"failures > {_code(count)}"] if count is not None else []
    tests += [f"failures * 100 > {_code(share)} * len(items)"] if share is not None else []
    return " or ".join(tests)


def _code(value: Any) -> str:
    return value[2:-1] if isinstance(value, str) else str(value)


def _iteration(steps: Steps, spread: Spread, data: str, tolerance: str) -> list[dict[str, Any]]:
    """Return the steps of an iteration, none of which begins after one has failed that must not."""
    steps.temporary, outside = "i", steps.context
    with steps.nested() as work:
        item = steps.let({"Map": {"Item": {"Index": "${index}", "Value": "${item}"}}})
        steps.assign("iteration", expression(f"map.merge({outside}, {item})"))
        steps.context = "iteration"
        chosen = _chosen(steps, spread.state, data)
        _run(steps, spread.inner[0], chosen, "iteration", "" if spread.is_distributed else VARIABLES, OUTPUT)
        steps.assign("results[index]", expression(OUTPUT))
    steps.temporary, steps.context = "t", outside
    tried = _kept(steps, work, _failure(tolerance))
    if tolerance and steps.timed:
        _count(steps, tried, '"Status" in fault', "${fault}")
    if tolerance:
        error = {"Error": TOLERATED, "Cause": "The specified tolerated failure threshold was exceeded"}
        _count(steps, tried, tolerance, error)
    with steps.nested() as found:
        steps.add({"switch": [{"condition": "${failed == null}", "steps": tried}]}, "iteration")
    return found


def _failure(tolerance: str) -> list[dict[str, Any]]:
    if not tolerance:
        return [{"failed": "${default(failed, fault)}"}]
    return [{"results[index]": None}, {"failures": "${failures + 1}"}]


def _count(steps: Steps, tried: list[dict[str, Any]], condition: str, error: Any) -> None:
    """Add to what is done after a failure: an error of the whole Map, if the code is true."""
    handler: list[Any] = next(iter(tried[-1].values()))["except"]["steps"]
    with steps.nested() as found:
        steps.assign("failed", error)
    with steps.nested() as counted:
        steps.add({"switch": [{"condition": expression(condition), "steps": found}]}, "tolerance")
    handler.extend(counted)


def _chosen(steps: Steps, state: State, data: str) -> Any:
    for field in ("ItemSelector", "Parameters"):
        if field in state.fields:
            with flow.within(field):
                return templates.value(steps, state.fields[field], Scope(data))
    return "${item}"
