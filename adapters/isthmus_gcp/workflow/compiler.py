"""From a definition of the States Language to a source of Google Workflows."""

from __future__ import annotations

from typing import Any

from isthmus.workflows.definition import Definition, Machine
from isthmus_gcp.workflow import library, limits
from isthmus_gcp.workflow.estimating import estimated
from isthmus_gcp.workflow.machine import MachineWriter
from isthmus_gcp.workflow.main import main
from isthmus_gcp.workflow.refusal import Fault, RefusedError
from isthmus_gcp.workflow.rules import faults_of
from isthmus_gcp.workflow.source import Source
from isthmus_gcp.workflow.step_names import Names, readable
from isthmus_gcp.workflow.targets import Targets
from isthmus_gcp.workflow.writing import written


def compile_workflow(definition: Definition, targets: Targets) -> Source:
    """Return the source that means what a definition does; `RefusedError` has all that keeps it from that.

    https://cloud.google.com/workflows/docs/reference/syntax
    """
    faults = list(faults_of(definition))
    if faults:
        raise RefusedError(faults)
    timeout = definition.root.fields.get("TimeoutSeconds")
    workshop = _Workshop(targets, faults, timed=timeout is not None)
    workshop.subworkflow(definition.root, "machine", 0)
    if faults:
        raise RefusedError(sorted(set(faults)))
    whole = {"main": main(timeout), **workshop.subworkflows}
    whole.update(library.used_by(whole))
    text = written(whole)
    source = Source(text, estimated(whole, text))
    broken = list(_broken(source))
    if broken:
        raise RefusedError(broken)
    return source


class _Workshop:
    """Holds the subworkflows of the machines as they are written."""

    def __init__(self, targets: Targets, faults: list[Fault], *, timed: bool) -> None:
        self.targets = targets
        self.timed = timed
        self.faults = faults
        self.subworkflows: dict[str, Any] = {}
        self._names = Names(frozenset({"main", *library.helpers()}))

    def subworkflow(self, machine: Machine, wanted: str, nested: int) -> str:
        """Write a machine, after which its place among the others is that where it was asked for."""
        name = self._names.give(readable(wanted).replace("-", "_"))
        self.subworkflows[name] = None
        self.subworkflows[name] = MachineWriter(self, machine, name, nested).write()
        return name


def _broken(source: Source) -> list[Fault]:
    """Return the limits that a source breaks."""
    estimates = source.estimates
    checks = (
        (
            estimates.bytes > limits.SOURCE,
            f"its source has {estimates.bytes:,} bytes; Workflows takes {limits.SOURCE:,}",
        ),
        (
            estimates.call_depth > limits.CALL_DEPTH,
            f"its machines are nested so deep that calls would be {estimates.call_depth} deep, of {limits.CALL_DEPTH}",
        ),
        (
            estimates.steps > limits.STEPS,
            f"an execution may make {estimates.steps:,} steps; Workflows ends it after {limits.STEPS:,}",
        ),
    )
    return [Fault("", reason) for is_broken, reason in checks if is_broken]
