"""`isthmus dev`: the whole app on this machine, reloaded as it changes."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Coroutine, Generator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from isthmus.declarations.api import Api
from isthmus.errors import IsthmusError, ServiceError
from isthmus.plan import Plan
from isthmus.tool_ports import DevOptions
from isthmus_local import control_key, planning, presign
from isthmus_local.banner import banner
from isthmus_local.control import PATH as CONTROL
from isthmus_local.control import Control
from isthmus_local.gateway import AsgiApp, Gateway
from isthmus_local.pools import WorkerPools
from isthmus_local.port_owner import owner_of
from isthmus_local.runtime import Options, Runtime
from isthmus_local.server import ApiServer, listen
from isthmus_local.state_lock import StateInUseError, StateLock
from isthmus_local.watch import changes
from isthmus_local.worker_executor import worker_executor

DRAIN = 3.0
"""Seconds that running handlers get when the server stops."""

RELOAD_DRAIN = 30.0
"""Seconds that running handlers get when the app starts anew; requests wait meanwhile."""

_FILES = 65536  # descriptors that are asked for: each connection and each worker takes some

T = TypeVar("T")


class PortTakenError(IsthmusError, OSError):
    """Somebody else listens on a port."""

    def __init__(self, port: int, reason: OSError) -> None:
        owner = owner_of(port)
        whose = f" by {owner}" if owner else f" ({reason.strerror})"
        super().__init__(
            f"port {port} is taken{whose}: stop that, or use another port: isthmus dev --port N, or PORT=N make dev"
        )


class UnusableStateError(IsthmusError, OSError):
    """The state directory cannot be written, or what is in it cannot be read."""

    def __init__(self, directory: Path, reason: Exception) -> None:
        super().__init__(
            f"cannot use the data in {directory}: {reason}. Make room and make it writable; if it is damaged, move "
            f"{directory} away, which starts empty; or start on other data: isthmus dev --stage NAME"
        )


class _StoppedError(Exception):
    """It was told to stop, in the middle of something."""


def say(line: str) -> None:
    """Tell the developer something; nobody may be there to read it."""
    with contextlib.suppress(OSError):
        print(line, flush=True)


def dev(options: DevOptions) -> int:
    """Run the app until it is told to stop; returns the exit code: 2 where it could not begin, 1 for a broken app."""
    state = options.root / ".isthmus" / options.stage
    _allow_files()
    try:
        with _state_of(state):
            lock = StateLock(state)
        try:
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                return runner.run(Dev(options, state).run())
        finally:
            lock.release()
    except (PortTakenError, StateInUseError, UnusableStateError) as error:
        print(error, file=sys.stderr)
        return 2


@contextlib.contextmanager
def _state_of(directory: Path) -> Generator[None]:
    """Turn what goes wrong with the state directory into a line that says what to do."""
    try:
        yield
    except IsthmusError as error:
        if not isinstance(error, ServiceError):
            raise
        raise UnusableStateError(directory, error) from error
    except (OSError, sqlite3.Error) as error:
        raise UnusableStateError(directory, error) from error


def _allow_files() -> None:
    """Take as many descriptors as may be had: some systems give a program 256 unless it asks."""
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


class Dev:
    """A running `isthmus dev`: servers that stay, and the runtime behind them, which is replaced as the app changes."""

    def __init__(self, options: DevOptions, state: Path) -> None:
        self._options = options
        self._state = state
        self._servers: dict[str, ApiServer] = {}
        self._runtime: Runtime | None = None
        self._made_of: set[Path] = set()
        self._is_broken = False
        self._stop = asyncio.Event()
        self._token = control_key.new_token()

    async def run(self) -> int:
        """Serve until told to stop."""
        self._handle_signals()
        with contextlib.suppress(_StoppedError):
            try:
                plan, problems = await self._plan()
                if plan is None:
                    print(problems, file=sys.stderr)
                    return 1
                await self._begin(plan, self._bind(plan))
                say(banner(plan, {name: server.url for name, server in self._servers.items()}, self._state))
                await self._watch()
            finally:
                await self._end()
        return 0

    # running

    async def _plan(self) -> tuple[Plan | None, str]:
        """Return the plan of the declaration, or what is wrong with it."""
        where = (self._options.app, self._options.stage, self._options.root)
        problems = await self._unless_stopped(planning.check(*where))
        if problems:
            return None, problems
        try:
            plan, self._made_of = planning.load(*where)
        except Exception as error:  # it has changed since
            return None, str(error)
        return plan, ""

    def _bind(self, plan: Plan) -> Mapping[str, tuple[Api, ApiServer]]:
        """Return the server of each api, with a port for each new one; `PortTakenError` changes nothing."""
        apis = [resource for resource in plan.resources if isinstance(resource, Api)]
        apis = apis or [Api(app=plan.app, name="local")]  # nothing to call, but presigned addresses need a server
        made: dict[str, ApiServer] = {}
        try:
            for api in apis:
                if api.name not in self._servers:
                    made[api.name] = ApiServer(self._listen(len(self._servers) + len(made)), drain=DRAIN)
        except PortTakenError:
            for server in made.values():
                server.discard()
            raise
        self._servers.update(made)
        return {api.name: (api, self._servers[api.name]) for api in apis}

    def _listen(self, offset: int) -> Any:
        first = self._options.port
        port = first + offset if first else 0
        try:
            return listen(port)
        except OSError as error:
            raise PortTakenError(port, error) from error

    async def _begin(self, plan: Plan, apis: Mapping[str, tuple[Api, ApiServer]]) -> None:
        """Start everything that the declaration says."""
        options = Options(directory=self._state, durability=self._options.durability)
        with _state_of(self._state):
            self._runtime = Runtime(plan, worker_executor(options, self._options.root), options)
            endpoint = await self._runtime.start(next(iter(apis.values()))[1].url)
        mounts: dict[str, AsgiApp] = {presign.PATH: endpoint, CONTROL: Control(self._runtime, self._token)}
        for api, server in apis.values():
            server.switch(Gateway(api, self._runtime.executor, mounts=mounts))
            server.start()
        with _state_of(self._state):
            control_key.write(self._state, control_key.ControlKey(next(iter(apis.values()))[1].port, self._token))

    async def _end(self) -> None:
        control_key.remove(self._state)
        stopping: list[Coroutine[Any, Any, None]] = [server.stop() for server in self._servers.values()]
        if self._runtime is not None:
            stopping.append(self._runtime.stop(drain=DRAIN))
        await asyncio.gather(*stopping)

    # changes

    async def _watch(self) -> None:
        try:
            async for changed in changes(self._options.root, self._stop):
                shown = ", ".join(sorted(os.path.relpath(path, self._options.root) for path in changed))
                if self._is_broken or changed & self._made_of:  # what mends it may be a file that is not known yet
                    await self._restart(shown)
                else:
                    self._renew(shown)
        except OSError as error:
            if isinstance(error, IsthmusError):
                raise
            say(f"the files cannot be watched ({error}): the app goes on, and takes no changes up")
            await self._stop.wait()

    def _renew(self, shown: str) -> None:
        assert self._runtime is not None
        executor = self._runtime.executor
        if isinstance(executor, WorkerPools):
            executor.renew()
        say(f"reloaded: {shown}")

    async def _restart(self, shown: str) -> None:
        """Replace the runtime by one of the new declaration; if that is broken, say so and go on with the old one."""
        plan, problems = await self._plan()
        apis: Mapping[str, tuple[Api, ApiServer]] = {}
        try:
            apis = self._bind(plan) if plan else {}
        except PortTakenError as error:
            problems = str(error)
        self._is_broken = bool(problems)
        if plan is None or problems:
            say(f"{problems}\nthe app goes on as it was before {shown} changed")
            return
        await self._unless_stopped(self._leave())
        await self._begin(plan, apis)
        say(f"restarted: {shown}")

    async def _leave(self) -> None:
        """Let what runs end, while new requests wait, and stop the runtime."""
        assert self._runtime is not None
        for server in self._servers.values():
            server.switch(None)
        await asyncio.gather(*(server.quiet(DRAIN) for server in self._servers.values()))
        await self._runtime.stop(drain=RELOAD_DRAIN)

    # signals

    async def _unless_stopped(self, work: Coroutine[Any, Any, T]) -> T:
        """Return what `work` comes to; told to stop, end it and raise `_StoppedError`."""
        working = asyncio.ensure_future(work)
        stopping = asyncio.ensure_future(self._stop.wait())
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if self._stop.is_set():
            working.cancel()
            await asyncio.wait((working,))
            raise _StoppedError
        return working.result()

    def _handle_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, self._on_signal)

    def _on_signal(self) -> None:
        if self._stop.is_set():
            os._exit(130)  # told twice: at once; the workers end with us
        self._stop.set()
        say("\nstopping; once more to stop at once")
