from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from isthmus.errors import AccessDeniedError, ConditionFailedError, IsthmusError, ObjectNotFoundError, TooLargeError
from isthmus.links import Identity, Link, encode
from isthmus_local import wire_errors
from isthmus_local.channel import ANSWER, CALL, HEADER, Frames, pack, unpack
from isthmus_local.linked import DURABILITY, STATE
from isthmus_local.pool import FunctionSpec
from isthmus_local.transport import SocketTransport
from tests.local.test_pool import is_alive
from tests.local.workers import HANDLERS, Desk, pools, request, spec, write


def test_threads_of_one_handler_call_at_the_same_time_and_each_gets_its_own_answer(tmp_path: Path) -> None:
    desk = Desk()

    async def scenario() -> Any:
        async with pools(tmp_path, spec("shared", tmp_path), desk=desk) as executor:
            return await executor.http("shared", request())

    status, _, body = asyncio.run(scenario())

    assert status == 200
    assert json.loads(body) == [2] * 40
    assert {(function, op, resource) for function, op, resource, _ in desk.asked} == {("shared", "queue.send", "Work")}


def test_an_error_of_the_supervisor_arrives_as_the_class_that_it_was(tmp_path: Path) -> None:
    desk = Desk(AccessDeniedError("Work", "send", function="refused", granted=()))

    async def scenario() -> Any:
        async with pools(tmp_path, spec("refused", tmp_path), desk=desk) as executor:
            return json.loads((await executor.http("refused", request()))[2])

    name, text, verb = asyncio.run(scenario())

    assert name == "AccessDeniedError"
    assert "may not send 'Work'" in text
    assert verb == "send"


@pytest.mark.parametrize(
    "error",
    [
        ConditionFailedError("no"),
        TooLargeError("the item", 500_000, 400_000),
        ObjectNotFoundError("Images", "a.png"),
        AccessDeniedError("Work", "send", function="f", granted=("x",)),
    ],
)
def test_errors_keep_their_class_text_and_members(error: IsthmusError) -> None:
    copy = wire_errors.decode(wire_errors.encode(error))

    assert type(copy) is type(error)
    assert str(copy) == str(error)
    assert vars(copy) == vars(error)


def test_a_foreign_error_becomes_a_service_error_that_names_it() -> None:
    copy = wire_errors.decode(wire_errors.encode(ZeroDivisionError("oops")))

    assert type(copy).__name__ == "ServiceError"
    assert str(copy) == "ZeroDivisionError: oops"


@pytest.mark.parametrize("size", [1, 7, 9, 10, 4096])
def test_frames_are_cut_right_wherever_the_bytes_are_split(size: int) -> None:
    sent = [(n, CALL, ["x" * n, n]) for n in (0, 1, 200, 70_000, 3)]
    data = b"".join(pack(*frame) for frame in sent)
    frames = Frames()

    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    received = [frame for piece in pieces for frame in frames.feed(piece)]

    assert [(id, kind, unpack(payload)) for id, kind, payload in received] == sent


def test_a_caller_is_not_kept_by_another_that_waits_longer() -> None:
    ours, theirs = socket.socketpair()
    transport = SocketTransport(ours)
    answers: dict[str, Any] = {}

    def call(name: str) -> None:
        answers[name] = transport.call("op", name)

    slow = threading.Thread(target=call, args=("slow",))
    slow.start()
    first = theirs.recv(65536)
    quick = threading.Thread(target=call, args=("quick",))
    quick.start()
    second = theirs.recv(65536)
    theirs.sendall(pack(HEADER.unpack_from(second)[1], ANSWER, (True, 2)))
    quick.join(5)

    assert answers == {"quick": 2}

    theirs.sendall(pack(HEADER.unpack_from(first)[1], ANSWER, (True, 1)))
    slow.join(5)
    ours.close()
    theirs.close()

    assert answers == {"quick": 2, "slow": 1}


def test_a_call_fails_where_the_supervisor_is_gone() -> None:
    ours, theirs = socket.socketpair()
    theirs.close()

    with pytest.raises(OSError):  # noqa: PT011 - a broken pipe, or an error of ours: both are OSError
        SocketTransport(ours).call("op", "Work")
    ours.close()


def test_what_a_handler_prints_reaches_the_output_of_the_server(tmp_path: Path) -> None:
    write(
        tmp_path, "import sys\ndef hello(r):\n    print('to out')\n    print('to err', file=sys.stderr)\n    return 1\n"
    )
    program = _program(tmp_path, "print(status(await executor.http('hello', request())))")

    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)

    assert "to out\n" in run.stdout
    assert "to err\n" in run.stderr


@pytest.mark.parametrize("handler", ["hello", "stuck", "deaf"])
def test_no_worker_outlives_a_killed_server(tmp_path: Path, handler: str) -> None:
    more = """
    def stuck(request):
        open("began", "w").close()
        while True:
            pass

    def deaf(request):
        import signal
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        open("began", "w").close()
        time.sleep(60)
    """
    write(tmp_path, textwrap.dedent(HANDLERS) + textwrap.dedent(more))
    program = _program(
        tmp_path,
        f"""
    import json
    ready = await executor.http("hello", request())
    print(json.loads(ready[2])["pid"], flush=True)
    running = executor.http({handler!r}, request())
    await asyncio.sleep(60)
    """,
    )
    server = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    worker = int(server.stdout.readline())
    children = _children(server.pid)
    until = time.monotonic() + 10
    while handler != "hello" and not (tmp_path / "began").exists() and time.monotonic() < until:
        time.sleep(0.02)
        children |= _children(server.pid)
    server.send_signal(signal.SIGKILL)
    server.wait()
    server.stdout.close()

    assert worker in children
    assert _all_gone(children)


def _program(folder: Path, body: str) -> str:
    text = textwrap.dedent(body).strip().replace("\n", "\n        ")
    return f"""
import asyncio, sys
sys.path.insert(0, {str(Path.cwd())!r})
from pathlib import Path
from tests.local.test_pool import status
from tests.local.workers import pools, request, spec

async def scenario():
    folder = Path({str(folder)!r})
    names = ["hello", "stuck", "deaf"]
    async with pools(folder, *(spec(name, folder) for name in names)) as executor:
        {text}

asyncio.run(scenario())
"""


def _children(process: int) -> set[int]:
    found = Path(f"/proc/{process}/task").glob("*/children")
    return {int(child) for file in found for child in file.read_text().split()}


def _all_gone(processes: set[int]) -> bool:
    until = time.monotonic() + 5
    while any(is_alive(process) for process in processes):
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return os.path.isdir("/proc")


def test_what_a_handler_stores_is_as_durable_as_the_server_was_told_whatever_it_does_to_its_environment(
    tmp_path: Path,
) -> None:
    text = """
    import os
    from isthmus import HttpResponse, Resource
    def durable(request):
        os.environ.clear()
        os.chdir("/")
        return HttpResponse.json(Resource.Pictures._objects._durable)
    """
    write(tmp_path, text)
    link = Link("bucket", "Pictures", "Pictures", ("read", "write"))
    who = Identity(
        app="app",
        stage="test",
        provider="local",
        function="durable",
        handler="handlers.durable",
        links={"Pictures": link},
    )

    async def scenario(durability: str) -> bytes:
        environment = {"ISTHMUS": encode(who), STATE: str(tmp_path), DURABILITY: durability}
        async with pools(tmp_path, FunctionSpec(name="durable", environment=environment)) as executor:
            return (await executor.http("durable", request()))[2]

    assert asyncio.run(scenario("power")) == b"true"
    assert asyncio.run(scenario("process")) == b"false"
