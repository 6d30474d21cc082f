"""Wait: for some seconds, or until a moment.

https://cloud.google.com/workflows/docs/reference/stdlib/sys/sleep
"""

from __future__ import annotations

from isthmus.workflows.definition import State
from isthmus.workflows.states_error import RUNTIME
from isthmus_gcp.workflow import flow, limits, templates
from isthmus_gcp.workflow.expressions import expression
from isthmus_gcp.workflow.numbers import number
from isthmus_gcp.workflow.refusal import UnportableError
from isthmus_gcp.workflow.scope import Scope
from isthmus_gcp.workflow.steps import Steps


def wait(steps: Steps, state: State) -> None:
    """Write what a Wait waits for."""
    if "Timestamp" in state.fields or "TimestampPath" in state.fields:
        return _until(steps, state)
    seconds = number(steps, state, "Seconds", most=limits.EXECUTION_SECONDS)
    if seconds is None:
        raise UnportableError("it says neither seconds nor a moment")
    return steps.sleep(seconds)


def _until(steps: Steps, state: State) -> None:
    moment = steps.call("states_moment", {"value": _moment(steps, state)}, "moment")
    over = steps.new_label("over")
    known = steps.new_label("until")
    steps.branch(f"{moment} != null", known, "is_moment")
    steps.run("states_fail", {"error": RUNTIME, "cause": "this is no timestamp"}, "fail")
    steps.label(known)
    steps.assign("pause", expression(f"{moment}.seconds - sys.now() + {moment}.nanoseconds / 1000000000.0"))
    steps.branch("pause <= 0", over, "is_over")
    steps.sleep("${pause}")
    steps.label(over)


def _moment(steps: Steps, state: State) -> object:
    if "Timestamp" in state.fields:
        with flow.within("Timestamp"):
            return steps.literal(state.fields["Timestamp"])
    with flow.within("TimestampPath"):
        scope = Scope(steps.short(flow.effective(steps, state.fields)))
        return expression(steps.short(templates.computed(steps, state.fields["TimestampPath"], scope)))
