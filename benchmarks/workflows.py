"""Durable workflows on the laptop: transitions, executions that wait, and a Map over many items.

A transition is a state that was entered and left, with what it came to in the store: after `kill -9` the execution goes
on from there. The handlers run in threads of this process, as in tests, so that the engine is what is measured.
ministack's Step Functions keeps nothing that survives its process; the same loop runs on both in turns.
"""

from __future__ import annotations

import asyncio
import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeAlias
from uuid import uuid4

import uvloop

from benchmarks.measure import in_turns, ratio, verdict
from isthmus import App, Target
from isthmus.links import Link
from isthmus.plan import plan
from isthmus.providers import find
from isthmus_local.inprocess import ThreadExecutor
from isthmus_local.linked import factories
from isthmus_local.loop_transport import LoopTransport
from isthmus_local.runtime import Ask, ExecutorFactory, Options, Runtime
from tests.emulators.aws.ministack import ENVIRONMENT, start

TARGET = Target("local", "bench")
ROUNDS = 3
TRANSITIONS = 10_000
SHORT = 1_000
WAITING = 10_000
ITEMS = 10_000
CALLERS = 8
"""How many threads start executions on ministack at once."""

Measure: TypeAlias = Callable[[Runtime], Awaitable[float]]
"""Measures something on a running app."""

LOOP: Mapping[str, Any] = {
    "StartAt": "Count",
    "States": {
        "Count": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "More"},
        "More": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.n", "NumericLessThan": TRANSITIONS // 2, "Next": "Count"}],
            "Default": "End",
        },
        "End": {"Type": "Succeed"},
    },
}
FIVE: Mapping[str, Any] = {
    "StartAt": "S1",
    "States": {
        **{f"S{number}": {"Type": "Pass", "Next": f"S{number + 1}"} for number in range(1, 5)},
        "S5": {"Type": "Succeed"},
    },
}
REST: Mapping[str, Any] = {"StartAt": "Rest", "States": {"Rest": {"Type": "Wait", "Seconds": 1_000_000, "End": True}}}
FAN: Mapping[str, Any] = {
    "StartAt": "Fan",
    "States": {
        "Fan": {
            "Type": "Map",
            "ItemsPath": "$.items",
            "MaxConcurrency": 100,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                "StartAt": "Each",
                "States": {"Each": {"Type": "Task", "Resource": "benchmarks.handlers.get_item", "End": True}},
            },
            "End": True,
        }
    },
}


def app(target: Target) -> App:
    """Declare the workflows that are measured."""
    app = App("bench", removal="remove")
    for name, definition in (("Loop", LOOP), ("Five", FIVE), ("Rest", REST), ("Fan", FAN)):
        app.workflow(name, definition)
    return app


def _executor(runtime: Callable[[], Runtime]) -> ExecutorFactory:
    def clients(transport: LoopTransport) -> Mapping[str, Callable[[Link], Any]]:
        return factories(transport, lambda: runtime().objects)

    def executor(plan: Any, ask: Ask) -> ThreadExecutor:
        return ThreadExecutor(plan, ask, clients=clients)

    return executor


async def _measured(measure: Measure) -> float:
    with tempfile.TemporaryDirectory() as directory:
        checked = plan(app(TARGET), TARGET, find("local"))
        checked.check()
        runtime = Runtime(checked, _executor(lambda: runtime), Options(directory=Path(directory)))
        await runtime.start("http://127.0.0.1:0")
        try:
            return await measure(runtime)
        finally:
            await runtime.stop()


async def _run(runtime: Runtime, workflow: str, given: Any) -> None:
    execution = await _start(runtime, workflow, given)
    seen = await runtime.operations.perform("workflow.wait", workflow, (execution, 120.0))
    if seen["status"] != "SUCCEEDED":
        raise RuntimeError(f"{execution} ended as {seen['status']}: {seen['error']} {seen['cause']}")


async def _start(runtime: Runtime, workflow: str, given: Any) -> str:
    started: str = await runtime.operations.perform("workflow.start", workflow, (json.dumps(given), None))
    return started


async def _loop(runtime: Runtime) -> float:
    """Return the transitions per second of one execution."""
    started = time.perf_counter()
    await _run(runtime, "Loop", {"n": 0})
    return TRANSITIONS / (time.perf_counter() - started)


async def _short(runtime: Runtime) -> float:
    """Return the transitions per second of many executions at once."""
    started = time.perf_counter()
    await asyncio.gather(*(_run(runtime, "Five", {"n": number}) for number in range(SHORT)))
    return 5 * SHORT / (time.perf_counter() - started)


async def _waiting_memory(runtime: Runtime) -> float:
    """Return the megabytes that executions which wait add to the process."""
    await _start(runtime, "Rest", {})
    before = _resident()
    for _ in range(WAITING // 1000):
        await asyncio.gather(*(_start(runtime, "Rest", {"note": "x" * 500}) for _ in range(1000)))
    return (_resident() - before) / 1e6


async def _waiting_time(runtime: Runtime) -> float:
    """Return which share of a processor executions which wait take."""
    await _waiting_memory(runtime)
    started = time.process_time()
    await asyncio.sleep(2)
    return (time.process_time() - started) / 2


async def _fan_seconds(runtime: Runtime) -> float:
    """Return the seconds of a Map over many items."""
    started = time.perf_counter()
    await _run(runtime, "Fan", {"items": list(range(ITEMS))})
    return time.perf_counter() - started


async def _fan_memory(runtime: Runtime) -> float:
    """Return the megabytes that a Map over many items adds to the process at its peak."""
    await _run(runtime, "Fan", {"items": list(range(ITEMS // 10))})
    before = peak = _resident()
    running = asyncio.ensure_future(_run(runtime, "Fan", {"items": list(range(ITEMS))}))
    while not running.done():
        peak = max(peak, _resident())
        await asyncio.sleep(0.02)
    await running
    return (peak - before) / 1e6


def _resident() -> int:
    """Return the bytes of this process's memory; 0 where the system does not tell."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0


def _median(measure: Measure) -> float:
    return statistics.median(uvloop.run(_measured(measure)) for _ in range(ROUNDS))


def _loop_on_ministack(client: Any) -> float:
    """Return the transitions per second of the same execution on ministack."""
    return _ran_on_ministack(client, LOOP, [{"n": 0}], TRANSITIONS)


def _short_on_ministack(client: Any) -> float:
    """Return those of as many executions at once; each is started by a request, which takes its part of the time."""
    return _ran_on_ministack(client, FIVE, [{"n": number} for number in range(SHORT)], 5 * SHORT)


def _ran_on_ministack(client: Any, definition: Mapping[str, Any], given: Sequence[Any], transitions: int) -> float:
    role = "arn:aws:iam::123456789012:role/bench"
    created = client.create_state_machine(name=f"m-{uuid4().hex}", definition=json.dumps(definition), roleArn=role)

    def run(value: Any) -> str:
        ended = client.start_sync_execution(stateMachineArn=created["stateMachineArn"], input=json.dumps(value))
        return str(ended["status"])

    started = time.perf_counter()
    with ThreadPoolExecutor(CALLERS) as pool:
        statuses = set(pool.map(run, given))
    taken = time.perf_counter() - started
    if statuses != {"SUCCEEDED"}:
        raise RuntimeError(f"executions on ministack ended as {statuses}")
    return transitions / taken


def _beside_ministack() -> bool:
    """Print how many times as fast as ministack we are, which keeps nothing on disk."""
    if not ENVIRONMENT.is_dir():
        print("  ministack is not installed: make test does it")
        return True
    server = start()
    try:
        client = server.client("stepfunctions")
        return all(
            [
                _ratio("one execution", _loop, lambda: _loop_on_ministack(client)),
                _ratio(f"{SHORT:,} executions at once", _short, lambda: _short_on_ministack(client)),
            ]
        )
    finally:
        server.stop()


def _ratio(what: str, ours: Measure, theirs: Callable[[], float]) -> bool:
    found = in_turns({"ours": lambda: uvloop.run(_measured(ours)), "theirs": theirs}, ROUNDS)
    each = " to ".join(f"{statistics.median(found[name]):,.0f}" for name in ("ours", "theirs"))
    return verdict(f"transitions/s of {what}, over ministack's ({each})", ratio(*found.values()), at_least=1)


def main() -> bool:
    """Print the figures."""
    print("workflows:")
    return all(
        [
            verdict("durable transitions/s of one execution", _median(_loop), at_least=5_000),
            verdict(f"durable transitions/s of {SHORT:,} executions at once", _median(_short), at_least=5_000),
            _beside_ministack(),
            verdict(f"MB that {WAITING:,} waiting executions take", uvloop.run(_measured(_waiting_memory)), at_most=10),
            verdict("share of a processor that they take", uvloop.run(_measured(_waiting_time)), at_most=0.01),
            verdict(f"seconds of a Map over {ITEMS:,} items", uvloop.run(_measured(_fan_seconds)), at_most=30),
            verdict("MB that it adds at its peak", uvloop.run(_measured(_fan_memory)), at_most=20),
        ]
    )


if __name__ == "__main__":
    sys.exit(not main())
