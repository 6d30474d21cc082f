"""The front for tests without an engine: a real program runs under Pulumi's mocks, and all of it becomes real."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, cast

import pulumi
from pulumi.runtime import mocks, rpc, settings, sync_await
from pulumi.runtime import stack as stacks

from tests.emulators.realiser import kind as kinds
from tests.emulators.realiser.kind import Kind, RealiseError, UnknownKindError
from tests.emulators.realiser.plain import plain

Call: TypeAlias = Callable[[Any, Mapping[str, Any]], Mapping[str, Any]]
"""The answer to an invoke, by session and arguments."""


class Step(NamedTuple):
    """One resource that has been made, and how many seconds that took."""

    token: str
    name: str
    id: str
    inputs: Mapping[str, Any]
    outputs: Mapping[str, Any]
    seconds: float


class Realiser(mocks.Mocks):
    """Makes each resource of a program with the creator of its type, in the program's own order."""

    def __init__(
        self, session: Any, table: Mapping[str, Kind], calls: Mapping[str, Call], *, preview: bool, base: Path
    ) -> None:
        self._session = session
        self._table = table
        self._calls = calls
        self._preview = preview
        self._base = base
        self._lock = threading.Lock()
        self.steps: list[Step] = []
        self.tokens: set[str] = set()
        self.outputs: dict[str, Any] = {}

    def new_resource(self, args: Any) -> tuple[str | None, dict[str, Any]]:
        """Make or read one resource; components and explicit providers are what the program says."""
        if args.typ.startswith("pulumi:providers:"):
            return args.name, args.inputs
        if args.custom is None and args.resource_id:  # `Thing.get(name, id)`
            return args.resource_id, self._read(args)
        if not args.custom:
            return "", args.inputs
        kind = self._kind(args)
        if self._preview:
            return "", dict(args.inputs)
        try:
            return self._make(kind, args)
        except Exception as error:
            raise RealiseError(args.typ, args.name, error) from error

    def call(self, args: Any) -> tuple[dict[str, Any], list[tuple[str, str]]]:
        """Answer an invoke."""
        if args.token not in self._calls:
            raise NotImplementedError(f"no answer for the invoke {args.token}")
        return dict(self._calls[args.token](self._session, plain(args.args, self._base))), []

    def _kind(self, args: Any) -> Kind:
        self.tokens.add(args.typ)
        if args.typ not in self._table:
            raise UnknownKindError(args.typ, args.name)
        return self._table[args.typ]

    def _make(self, kind: Kind, args: Any) -> tuple[str, dict[str, Any]]:
        inputs = kinds.named(kind, args.name, plain(args.inputs, self._base), args.name.encode())
        started = time.perf_counter()
        made = kinds.create(kind, self._session, inputs)
        step = Step(args.typ, args.name, made.id, inputs, made.outputs, time.perf_counter() - started)
        with self._lock:
            self.steps.append(step)
        name = {kind.name: inputs[kind.name]} if kind.name else {}
        return made.id, {**args.inputs, **name, **made.outputs}

    def _read(self, args: Any) -> dict[str, Any]:
        found = kinds.read(self._kind(args), self._session, args.resource_id or "", plain(args.inputs, self._base))
        if found is None:
            raise LookupError(f"{args.typ} {args.name}: there is no {args.resource_id}")
        return {**args.inputs, **found}


class Monitor(mocks.MockMonitor):
    """Pulumi's mock monitor, as strict as an engine: no URN twice, and an output that nobody supplies is unknown."""

    def __init__(self, realiser: Realiser) -> None:
        super().__init__(realiser)
        self._seen: set[str] = set()

    def Invoke(self, request: Any) -> Any:  # noqa: N802 (the engine's own name)
        """Answer an invoke; called from several threads at once."""
        with _own_loop():
            return cast("Any", super()).Invoke(request)

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 (the engine's own name)
        """Register one resource; called from several threads at once."""
        if request.type == "pulumi:pulumi:Stack":
            return cast("Any", super()).RegisterResource(request)
        with _own_loop():
            return self._register(request)

    def _register(self, request: Any) -> Any:
        urn = self.make_urn(request.parent, request.type, request.name)
        if urn in self._seen:
            raise ValueError(f"Duplicate resource URN {urn!r}")
        self._seen.add(urn)
        args = mocks.MockResourceArgs(
            typ=request.type,
            name=request.name,
            inputs=rpc.deserialize_properties(request.object, keep_unknowns=True) or {},
            provider=request.provider,
            resource_id=request.importId,
            custom=request.custom,
        )
        id_, state = cast("Any", self.mocks).new_resource(args)
        wire: Any = sync_await._sync_await(rpc.serialize_properties(state, {}))  # pyright: ignore[reportPrivateUsage]
        self.resources[urn] = self.ResourceRegistration(urn, id_ or "", state)
        fields: dict[str, Any] = {
            "urn": urn,
            "id": id_,
            "object": wire,
            "propertyDependencies": {},
            "result": 0,
            "unknown": True,
        }
        return type("Registered", (), fields)()


@contextmanager
def _own_loop() -> Generator[None]:
    """Give this thread an event loop, which Pulumi's own code would make and never close."""
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        yield
    finally:
        asyncio.set_event_loop(None)
        loop.close()


def deploy(
    program: Callable[[], object],
    session: Any,
    table: Mapping[str, Kind],
    calls: Mapping[str, Call],
    *,
    project: str,
    stack: str,
    config: Mapping[str, str] | None = None,
    preview: bool = False,
    base: Path | None = None,
) -> Realiser:
    """Run a program to its end and return what came of it: `steps` and the stack's `outputs`.

    The first error is raised once everything that had begun has ended. A second deployment in the process is a new one.
    """
    realiser = Realiser(session, table, calls, preview=preview, base=base or Path.cwd())
    pulumi.runtime.set_all_config(dict(config or {}))
    loop = asyncio.new_event_loop()
    loop.set_exception_handler(_already_raised)
    asyncio.set_event_loop(loop)
    try:
        _fresh(realiser, project, stack, preview=preview)
        loop.run_until_complete(_run(program, realiser, preview=preview))
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())  # a failed resource's siblings are still being made
        _end_tasks(loop)
        asyncio.set_event_loop(None)
        loop.close()
        _forget()
    return realiser


def _fresh(realiser: Realiser, project: str, stack: str, *, preview: bool) -> None:
    settings.set_root_resource(None)  # type: ignore[arg-type] # pyright: ignore[reportArgumentType] (as Pulumi does)
    mocks.set_mocks(realiser, project=project, stack=stack, preview=preview, monitor=Monitor(realiser))
    _forget()


def _already_raised(_loop: asyncio.AbstractEventLoop, _context: dict[str, Any]) -> None:
    """Pass over a failure that every output behind it repeats: the deployment has raised it."""


def _end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """End what still waits for a resource that failed."""
    waiting = asyncio.all_tasks(loop)
    for task in waiting:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*waiting, return_exceptions=True))


def _forget() -> None:
    """Drop the tasks that a failed deployment leaves behind: the next one would wait for them for ever."""
    running: Any = settings.SETTINGS
    running.rpc_manager.clear()
    running.outputs.clear()


async def _run(program: Callable[[], object], realiser: Realiser, *, preview: bool) -> None:
    def run() -> None:
        program()

    await stacks.run_pulumi_func(run)
    root: Any = settings.get_root_resource()
    for name, value in root.outputs.items():
        output: Any = pulumi.Output.from_input(value)
        realiser.outputs[name] = await output.future(with_unknowns=preview)
