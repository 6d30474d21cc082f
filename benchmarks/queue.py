"""Durable messages, from a sender through the handler to the acknowledgement, against litequeue's put, pop and done.

A sender is a task of the server that sends one message after the other and waits for every answer; the consumer is a
function in worker processes. litequeue runs in a single process without any handler, which flatters it. The same with
the threads of another function's handler as senders is printed without a target: there the threads' own switching is
most of what is measured.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeAlias

import uvloop

from benchmarks import peers
from benchmarks.app import app
from benchmarks.measure import in_turns, ratio, verdict
from isthmus.declarations.target import Target
from isthmus.plan import plan
from isthmus.providers import find
from isthmus_local.runtime import Options, Runtime
from isthmus_local.store.database import Durability
from isthmus_local.worker_executor import worker_executor

ROOT = Path(__file__).parent.parent
TARGET = Target("local", "bench")
ROUNDS = 5
BODY = b"x" * 250

Produce: TypeAlias = Callable[[Runtime, int, int], Awaitable[None]]
"""Sends a number of messages from a number of senders."""

LITEQUEUE = """
import sys, time
from litequeue import LiteQueue
queue, count = LiteQueue(sys.argv[1]), int(sys.argv[2])
started = time.perf_counter()
for _ in range(count):
    queue.put("x" * 250)
for _ in range(count):
    queue.done(queue.pop().message_id)
print(count / (time.perf_counter() - started))
"""


def litequeue() -> float:
    """Return litequeue's messages per second."""
    with tempfile.TemporaryDirectory() as directory:
        command = [peers.python(), "-c", LITEQUEUE, f"{directory}/queue.db", "3000"]
        return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def ours(durability: Durability, senders: int, count: int, *, in_a_handler: bool = False) -> Callable[[], float]:
    """Return what measures our messages per second."""
    produce = _from_a_handler if in_a_handler else _from_the_server
    return lambda: uvloop.run(_messages_per_second(durability, produce, senders, count))


async def _messages_per_second(durability: Durability, produce: Produce, senders: int, count: int) -> float:
    with tempfile.TemporaryDirectory() as directory:
        checked = plan(app(TARGET), TARGET, find("local"))
        checked.check()
        options = Options(directory=Path(directory), durability=durability)
        runtime = Runtime(checked, worker_executor(options, ROOT), options)
        await runtime.start("http://127.0.0.1:0")
        try:
            await _handled(runtime, produce, senders, 50 * senders)
            started = time.perf_counter()
            await _handled(runtime, produce, senders, count)
            return count / (time.perf_counter() - started)
        finally:
            await runtime.stop()


async def _handled(runtime: Runtime, produce: Produce, senders: int, count: int) -> None:
    """Send `count` messages and wait until each is handled and forgotten."""
    await produce(runtime, senders, count)
    while not runtime.idle:
        await asyncio.sleep(0.001)


async def _from_the_server(runtime: Runtime, senders: int, count: int) -> None:
    arguments = (BODY, {"isthmus-content-type": "text/plain"}, None, None, None)

    async def send(number: int) -> None:
        for _ in range(number):
            await runtime.operations.call("Produce", "queue.send", "Work", arguments)

    await asyncio.gather(*(send(count // senders) for _ in range(senders)))


async def _from_a_handler(runtime: Runtime, senders: int, count: int) -> None:
    await runtime.executor.task("Produce", {"senders": senders, "count": count}, {})


def main() -> bool:
    """Print the ratios."""
    rates = in_turns(
        {
            "litequeue": litequeue,
            "one sender": ours("process", 1, 5_000),
            "16 senders": ours("process", 16, 16_000),
            "16 senders, surviving a power cut": ours("power", 16, 16_000),
            "16 threads of a handler": ours("process", 16, 8_000, in_a_handler=True),
        },
        ROUNDS,
    )
    print("queue: " + ", ".join(f"{name} {max(values):,.0f} msg/s" for name, values in rates.items()))
    met = [
        verdict(f"{name} / litequeue", ratio(rates[name], rates["litequeue"]), at_least=target)
        for name, target in [("one sender", 1.0), ("16 senders", 5.0), ("16 senders, surviving a power cut", 4.0)]
    ]
    return all(met)


if __name__ == "__main__":
    sys.exit(not main())
