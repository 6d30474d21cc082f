"""One instance of a function: a worker process that handles one event at a time, and what has been sent to it."""

from __future__ import annotations

import asyncio
import os
import socket
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic
from typing import Any, Protocol, cast

from isthmus_local import wire_errors
from isthmus_local.channel import (
    ANSWER,
    BROKEN,
    CALL,
    HEADER,
    LARGEST_PACKET,
    PACKETS,
    READY,
    REPORT,
    RESULT,
    Frames,
    frame_id,
    pack,
    unpack,
)
from isthmus_local.executor import CrashedError, ExecutionError
from isthmus_local.job import Job
from isthmus_local.process import Process

DEPTH = 16 if PACKETS else 1
"""Invocations at once on their way to an instance: they save it the wait for the next one, and can be taken back."""

QUICK = 0.005  # seconds for a job: nothing is gained by sending the next one ahead where they take longer

_LINGER = 0.5  # seconds that the stream may outlive its process (a grandchild may hold it open)

_FAREWELL = 2.0  # seconds for a worker that has been let go: its handler's threads could keep it for ever


class Owner(Protocol):
    """What an instance tells its pool."""

    @property
    def name(self) -> str:
        """The function's name."""
        ...

    def ready(self, instance: Instance) -> None:
        """It has loaded the handler and takes events."""
        ...

    def relieved(self, instance: Instance) -> None:
        """It has finished something, and may take more."""
        ...

    def gone(self, instance: Instance, code: int) -> None:
        """It is over, with this exit code; what is left in `jobs` was being handled."""
        ...

    def garbled(self, instance: Instance, error: Exception) -> None:
        """It has sent what makes no sense, and is ended for it."""
        ...

    def operate(self, op: str, resource: str, args: tuple[Any, ...]) -> asyncio.Future[Any]:
        """It asks for an operation on a resource."""
        ...


class Instance(asyncio.Protocol):
    """A worker. `jobs` are under way in their order; `since` is when the first of them began."""

    def __init__(self, owner: Owner) -> None:
        self.owner = owner
        self.jobs: OrderedDict[int, Job] = OrderedDict()
        self.since = self.born = monotonic()
        self.is_ready = False
        self.is_leaving = False
        self._pace = 0.0
        self.broken = ""
        self.cause: Callable[[], ExecutionError] | None = None
        self._frames = Frames()
        self._answers: list[bytes] = []
        self._stream: asyncio.Transport | None = None
        self._requests: socket.socket | None = None
        self._returns: socket.socket | None = None
        self._life = -1
        self._code: int | None = None
        self._is_closed = False
        self._is_doomed = False
        self._is_garbled = False
        self._process: Process | None = None

    async def spawn(self, environment: Mapping[str, str], directory: Path) -> None:
        """Start the process and connect to it; where that fails nothing is left of it."""
        try:
            await self._spawn(environment, directory)
        except BaseException:
            self.kill()
            self._close_ends()
            raise
        if self._is_doomed:
            self.kill()

    async def _spawn(self, environment: Mapping[str, str], directory: Path) -> None:
        stream, theirs = socket.socketpair()
        alive, self._life = os.pipe()
        descriptors = [theirs.fileno(), alive]
        if PACKETS:
            self._requests, self._returns = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            self._requests.setblocking(False)
            descriptors.append(self._returns.fileno())
        try:
            self._process = Process(
                "isthmus_local.worker",
                [str(os.getpid()), *map(str, descriptors)],
                descriptors=descriptors,
                environment=environment,
                directory=directory,
                ended=self._on_exit,
            )
        except BaseException:
            stream.close()
            raise
        finally:
            theirs.close()
            os.close(alive)
        await asyncio.get_running_loop().create_connection(lambda: self, sock=stream)

    @property
    def pid(self) -> int:
        """The worker's process id; 0 before there is one."""
        return self._process.pid if self._process else 0

    @property
    def room(self) -> int:
        """How many more jobs it may get: several at once only while it is through with each in no time."""
        return (DEPTH if self._pace < QUICK else 1) - len(self.jobs)

    # what the pool does

    def give(self, job: Job, now: float) -> bool:
        """Send it a job; False where its socket has no room at the moment, or it takes no more."""
        if self.is_leaving or self._is_doomed or not self._send(job.frame):
            return False
        if not self.jobs:
            self.since = now
        self.jobs[job.id] = job
        return True

    def _send(self, frame: bytes) -> bool:
        requests = self._requests
        if requests is None:
            cast("asyncio.Transport", self._stream).write(frame)
            return True
        try:
            if len(frame) <= LARGEST_PACKET:
                requests.send(frame)
            else:
                self._send_file(requests, frame)
        except BlockingIOError:
            return False
        except OSError:
            return False  # it is ending; the pool hears of that in a moment
        return True

    @staticmethod
    def _send_file(requests: socket.socket, frame: bytes) -> None:
        descriptor = os.memfd_create("isthmus-frame")
        try:
            with open(descriptor, "wb", closefd=False) as file:
                file.write(frame)
            socket.send_fds(requests, [frame[: HEADER.size]], [descriptor])
        finally:
            os.close(descriptor)

    def take_back(self) -> list[Job]:
        """Return the jobs that the worker has not received: they are nobody's now."""
        back: list[Job] = []
        returns = self._returns
        while returns is not None:
            try:
                packet = returns.recv(LARGEST_PACKET * 2, socket.MSG_DONTWAIT)
            except OSError:
                break
            if not packet:
                break
            job = self.jobs.pop(frame_id(packet), None)
            if job is not None:  # otherwise it has claimed to be through with what it had not begun
                back.append(job)
        return back

    def leave(self) -> None:
        """Let it finish what it has begun and end; one that has not yet loaded has begun nothing."""
        self.is_leaving = True
        if not self.is_ready:
            self.kill()
        elif not self.jobs and not self._is_doomed:
            self._hang_up()

    def _hang_up(self) -> None:
        self._is_doomed = True
        asyncio.get_running_loop().call_later(_FAREWELL, self.kill)
        if self._requests is not None:
            self._requests.close()
        elif self._stream is not None and self._stream.can_write_eof():
            self._stream.write_eof()

    def kill(self, cause: Callable[[], ExecutionError] | None = None) -> None:
        """End it at once; `cause` makes the error of what it was doing."""
        self._is_doomed = True
        self.cause = self.cause or cause
        if self._process is not None:
            self._process.kill()

    # what the worker says

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the stream."""
        self._stream = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take what the worker sends; one that sends what makes no sense is ended."""
        if self._is_garbled:
            return
        try:
            self._take_all(data)
        except Exception as error:  # its handler may have written to our socket, or closed it and opened something else
            self._is_garbled = True
            self.owner.garbled(self, error)
            self.kill(lambda: CrashedError(self.owner.name, "it wrote to the socket that ties it to the server"))
        if self.is_leaving:
            self.leave()
        else:
            self.owner.relieved(self)

    def _take_all(self, data: bytes) -> None:
        finished = reported = 0
        for id, kind, payload in self._frames.feed(data):
            if kind == RESULT:
                finished += self._finish(id, payload)
            else:
                reported += kind == REPORT
                self._take(id, kind, payload)
        if finished or reported:
            self._lap(finished)

    def _finish(self, id: int, payload: bytes) -> bool:
        job = self.jobs.pop(id, None)
        if job is None:
            return False
        try:
            job.finish(payload)
        except Exception:
            self.jobs[id] = job  # it is still to be answered
            raise
        return True

    def pause_writing(self) -> None:
        """Hear nothing of a worker that does not take its answers."""
        if self._requests is not None and self._stream is not None:
            self._stream.pause_reading()

    def resume_writing(self) -> None:
        """Hear it again."""
        if self._requests is not None and self._stream is not None:
            self._stream.resume_reading()

    def _lap(self, finished: int) -> None:
        now = monotonic()
        if finished:
            self._pace += ((now - self.since) / finished - self._pace) * 0.25
        self.since = now

    def _take(self, id: int, kind: int, payload: bytes) -> None:
        if kind == CALL:
            self._operate(id, payload)
        elif kind == REPORT:
            if id in self.jobs:
                self.jobs[id].progress(payload)
        elif self.is_ready:
            raise ValueError(f"a frame of kind {kind} from a worker that is ready")
        elif kind == READY:
            self.is_ready = True
            self.owner.ready(self)
        elif kind == BROKEN:
            self.broken = str(unpack(payload))

    def _operate(self, id: int, payload: bytes) -> None:
        op, resource, args = unpack(payload)
        try:
            future = self.owner.operate(op, resource, args)
        except Exception as error:
            self._answer(id, error=error)
        else:
            future.add_done_callback(lambda done: self._answered(id, done))

    def _answered(self, id: int, future: asyncio.Future[Any]) -> None:
        error = asyncio.CancelledError() if future.cancelled() else future.exception()
        self._answer(id, error=error) if error else self._answer(id, future.result())

    def _answer(self, id: int, result: Any = None, *, error: BaseException | None = None) -> None:
        if self._stream is None or self._stream.is_closing():
            return
        try:
            frame = pack(id, ANSWER, (False, wire_errors.encode(error)) if error else (True, result))
        except ValueError as unmarshallable:
            frame = pack(id, ANSWER, (False, wire_errors.encode(unmarshallable)))
        if not self._answers:
            asyncio.get_running_loop().call_soon(self._flush)
        self._answers.append(frame)

    def _flush(self) -> None:
        """Write what one turn of the loop has answered, at once: a commit answers many."""
        frames, self._answers = self._answers, []
        if self._stream is not None and not self._stream.is_closing():
            self._stream.write(b"".join(frames))

    # the end

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that nothing more will come."""
        self._is_closed = True
        if self._code is None:
            self._after_stream()
        else:
            self._over()

    def _after_stream(self) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(_LINGER, self.kill)

    def _on_exit(self, code: int) -> None:
        self._code = code
        if self._is_closed:
            self._over()
        elif self._stream is not None:  # what it said last is still to be read
            asyncio.get_running_loop().call_later(_LINGER, self._stream.abort)

    def _over(self) -> None:
        code = self._code if self._code is not None else 0
        self.owner.gone(self, code)
        self._close_ends()

    def _close_ends(self) -> None:
        for end in (self._requests, self._returns):
            if end is not None:
                end.close()
        if self._life >= 0:
            os.close(self._life)
            self._life = -1
