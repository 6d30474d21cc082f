"""Worker processes for the functions of a plan."""

from __future__ import annotations

from pathlib import Path

from isthmus.plan import Plan
from isthmus_local.linked import DURABILITY, STATE
from isthmus_local.pool import FunctionSpec
from isthmus_local.pools import WorkerPools
from isthmus_local.runtime import Ask, ExecutorFactory, Options


def worker_executor(options: Options, root: Path) -> ExecutorFactory:
    """Return what makes the worker processes of a plan: `options` are the runtime's, `root` is where modules are."""
    shared = {STATE: str(options.directory), DURABILITY: options.durability}

    def executor(plan: Plan, ask: Ask) -> WorkerPools:
        specs = [
            FunctionSpec(
                name=function.name,
                environment={**plan.environment(function), **shared},
                timeout=function.timeout,
                concurrency=function.concurrency,
                min_instances=function.min_instances,
            )
            for function in plan.functions
        ]
        return WorkerPools(specs, operate=ask, directory=root)

    return executor
