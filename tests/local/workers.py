"""Functions in worker processes for the tests of the pool and the gateway: modules in a folder, pools over them."""

from __future__ import annotations

import asyncio
import textwrap
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from isthmus.links import Identity, Link, encode
from isthmus_local.linked import STATE
from isthmus_local.pool import FunctionSpec, Limits
from isthmus_local.pools import WorkerPools

HANDLERS = """
import os, sys, time
from isthmus import HttpResponse, Resource

def hello(request):
    return HttpResponse.json({"pid": os.getpid(), "body": len(request.body), "query": request.query_string})

def echo(request):
    return HttpResponse.binary(request.body)

def crash(request):
    os._exit(7)

def fickle(request):
    if request.query_string == "crash":
        os._exit(7)
    if request.query_string == "sleep":
        time.sleep(60)
    time.sleep(0.005)
    return HttpResponse.json({"ok": True})

def busy(request):
    folder = request.query_string
    mine = os.path.join(folder, str(os.getpid()))
    open(mine, "w").close()
    seen = len(os.listdir(folder))
    time.sleep(0.03)
    os.unlink(mine)
    return HttpResponse.json(seen)

def record(message):
    text = message.text()
    if text == "crash":
        os._exit(7)
    if text == "sleep":
        time.sleep(60)
    if text == "raise":
        raise ValueError("no good")

def double(payload):
    if payload == "crash":
        os._exit(7)
    return payload["n"] * 2

def shared(request):
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(8) as threads:
        sizes = list(threads.map(lambda n: len(Resource.Work.send("x" * n)), range(40)))
    return HttpResponse.json(sizes)

def refused(request):
    try:
        Resource.Work.send("forbidden")
    except Exception as error:
        return HttpResponse.json([type(error).__name__, str(error), error.verb])
"""


def identity(name: str, handler: str, *, timeout: float = 30.0) -> Identity:
    return Identity(
        app="app",
        stage="test",
        provider="local",
        function=name,
        handler=handler,
        timeout=timeout,
        links={"Work": Link("queue", "Work", "Work", ("send",))},
    )


def spec(name: str, folder: Path, *, handler: str = "", timeout: float = 30.0, **options: Any) -> FunctionSpec:
    who = identity(name, handler or f"handlers.{name}", timeout=timeout)
    environment = {"ISTHMUS": encode(who), STATE: str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    return FunctionSpec(name=name, timeout=timeout, environment=environment, **options)


def write(folder: Path, text: str = HANDLERS, *, module: str = "handlers") -> None:
    (folder / f"{module}.py").write_text(textwrap.dedent(text))


class Desk:
    """Answers what workers ask: `send` with the body's length as text, and keeps what was asked."""

    def __init__(self, answer: Any = None) -> None:
        self.asked: list[tuple[str, str, str, Sequence[Any]]] = []
        self._answer = answer

    def __call__(self, function: str, op: str, resource: str, args: Sequence[Any]) -> asyncio.Future[Any]:
        self.asked.append((function, op, resource, args))
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if isinstance(self._answer, Exception):
            future.set_exception(self._answer)
        else:
            asyncio.get_running_loop().call_later(0.001, future.set_result, self._answer or "id")
        return future


class Pools(WorkerPools):
    """Pools that keep what they log."""

    lines: list[str]


@asynccontextmanager
async def pools(
    folder: Path, *specs: FunctionSpec, desk: Desk | None = None, limits: Limits | None = None
) -> AsyncGenerator[Pools]:
    if not (folder / "handlers.py").exists():
        write(folder)
    lines: list[str] = []
    made = Pools(specs, operate=desk or Desk(), directory=folder, log=lines.append, limits=limits)
    made.lines = lines
    await made.start()
    try:
        yield made
    finally:
        await made.stop(drain=0.5)


def request(query: str = "", body: bytes = b"", *, method: str = "GET") -> tuple[Any, ...]:
    return (method, "/", query.encode(), [(b"host", b"localhost")], body, {}, "127.0.0.1", "request-1")


def message(text: str, number: int = 0, *, group: str | None = None) -> tuple[Any, ...]:
    return (f"id-{number}", text.encode(), {}, 1, 0.0, group, None, "Work")
