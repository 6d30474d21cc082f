"""What `isthmus dev` serves an app with, able to kill itself at a chosen moment of a workflow.

`python -m tests.local.workflows.orders_server STATE PORT DURABILITY [POINT COUNT]`, in the project's folder.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from isthmus.declarations.api import Api
from isthmus_local import planning
from isthmus_local.gateway import Gateway
from isthmus_local.runtime import Options, Runtime
from isthmus_local.server import ApiServer, listen
from isthmus_local.state_lock import StateLock
from isthmus_local.store import execution_history, executions
from isthmus_local.store.database import Durability
from isthmus_local.store.ledger import StoredLedger
from isthmus_local.worker_executor import worker_executor
from isthmus_local.workflow_engine import WorkflowEngine
from isthmus_local.workflow_requests import Requests
from isthmus_local.workflow_steps import Steps
from tests.local.kill_server import Fuse, end_with

WITHIN: dict[str, tuple[Any, str]] = {
    "begun": (Steps, "start"),
    "done": (Steps, "done"),
    "failed": (Steps, "failed"),
    "woken": (Steps, "wake"),
    "called": (Steps, "called"),
    "child": (Steps, "start_child"),
    "handed back": (Steps, "_hand_back"),
    "completed": (Requests, "succeed"),
    "recalled": (Steps, "_recalled"),
    "prepared": (Steps, "prepare"),
    "written": (StoredLedger, "_write"),
    "recorded": (execution_history, "add"),
    "finished": (executions, "finish"),
}
"""The moments within a transaction: after this part of it, and before its commit."""

POINTS = (*WITHIN, "committed", "brought about")
"""And those between a commit and what it brings about, and after that."""


def arm(fuse: Fuse) -> None:
    """Let the fuse burn at its point."""
    for point, (owner, name) in WITHIN.items():
        fuse.within(owner, name, point)
    hear: Callable[..., Any] = WorkflowEngine.hear

    def heard(*args: Any) -> None:
        fuse.burn("committed")
        hear(*args)
        fuse.burn("brought about")

    setattr(WorkflowEngine, "hear", heard)  # noqa: B010


async def serve(state: Path, port: int, durability: Durability) -> None:
    root = Path.cwd()
    plan, _ = planning.load("orders_app.py", state.name, root)
    options = Options(directory=state, durability=durability)
    runtime = Runtime(plan, worker_executor(options, root), options)
    api = next(resource for resource in plan.resources if isinstance(resource, Api))
    server = ApiServer(listen(port))
    await runtime.start(server.url)
    server.switch(Gateway(api, runtime.executor))
    server.start()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    await asyncio.gather(server.stop(), runtime.stop(drain=0.5))


def main() -> None:
    threading.Thread(target=end_with, args=(os.getppid(),), daemon=True).start()
    directory, port, durability, *fuse = sys.argv[1:]
    point, count = fuse or ("", "0")
    arm(Fuse(point, int(count)))
    lock = StateLock(Path(directory))
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(Path(directory), int(port), cast("Durability", durability)))
    lock.release()


if __name__ == "__main__":
    main()
