"""Workers that do what no handler should: they write to our socket, never end, end at once, or multiply."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from isthmus_local.executor import BrokenHandlerError, CrashedError
from isthmus_local.pool import Limits
from tests.local.test_pool import is_alive, pid
from tests.local.workers import pools, request, spec, write

FORGERY = """
import gc, os, socket, time
from isthmus import HttpResponse
from isthmus_local.channel import *
from isthmus_local.transport import SocketTransport

def forge(request):
    kind = request.query_string
    stream = next(found for found in gc.get_objects() if isinstance(found, SocketTransport))._stream
    for number in range(1, 50):
        stream.sendall(eval(kind))
    time.sleep(20)

def fine(request):
    return HttpResponse.json({"pid": os.getpid()})

def forge_or_not(request):
    return forge(request) if request.query_string else fine(request)
"""


@pytest.mark.parametrize(
    "frame",
    [
        "b'printed to the wrong descriptor\\n'",
        "HEADER.pack(0xffffffff, number, RESULT)",
        "HEADER.pack(3, number, RESULT) + b'\\xff\\xff\\xff'",
        "pack(number, RESULT, None)",
        "pack(number, RESULT, ('200', 5, 'x'))",
        "HEADER.pack(3, number, CALL) + b'\\xff\\xff\\xff'",
        "pack(number, CALL, 5)",
        "pack(number, 99, None)",
        "pack(0, READY, 1)",
        "pack(0, BROKEN, 'x')",
        "HEADER.pack(5_000_000, number, CALL) + b'[\\x01\\x00\\x00\\x00' * 1_000_000",
    ],
)
def test_a_worker_that_sends_what_is_no_message_is_ended_and_its_request_alone_fails(
    tmp_path: Path, frame: str
) -> None:
    write(tmp_path, FORGERY)

    async def scenario() -> tuple[list[Any], float, list[str]]:
        async with pools(tmp_path, spec("forge_or_not", tmp_path, concurrency=1)) as executor:
            begun = time.monotonic()
            calls = [executor.http("forge_or_not", request(query)) for query in (frame, "", "")]
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
            return outcomes, time.monotonic() - begun, list(executor.lines)

    (forged, *others), took, lines = asyncio.run(scenario())

    assert isinstance(forged, CrashedError)
    assert [status for status, _, _ in others] == [200, 200]
    assert took < 8
    assert len([line for line in lines if "sent what is no message" in line]) == 1


def test_a_worker_whose_threads_never_end_does_not_keep_its_place_after_a_reload(tmp_path: Path) -> None:
    text = """
    import os, threading, time
    from isthmus import HttpResponse
    def lingering(request):
        threading.Thread(target=time.sleep, args=(60,)).start()
        return HttpResponse.json({"pid": os.getpid()})
    """
    write(tmp_path, text)

    async def scenario() -> tuple[int, int, float]:
        async with pools(tmp_path, spec("lingering", tmp_path, concurrency=1)) as executor:
            first = pid(await executor.http("lingering", request()))
            begun = time.monotonic()
            executor.renew()
            return first, pid(await executor.http("lingering", request())), time.monotonic() - begun

    first, second, took = asyncio.run(scenario())

    assert first != second
    assert took < 6
    assert not is_alive(first)


def test_a_handler_that_never_finishes_its_import_makes_way_for_the_new_code_at_once(tmp_path: Path) -> None:
    write(tmp_path, "while True: pass")

    async def scenario() -> tuple[Any, float]:
        async with pools(tmp_path, spec("hello", tmp_path, concurrency=1)) as executor:
            waiting = executor.http("hello", request())
            await asyncio.sleep(0.5)
            write(tmp_path)
            begun = time.monotonic()
            executor.renew()
            return await waiting, time.monotonic() - begun

    answer, took = asyncio.run(scenario())

    assert answer[0] == 200
    assert took < 5


def test_an_instance_that_always_ends_as_soon_as_it_is_warm_is_not_started_without_end(tmp_path: Path) -> None:
    starts = tmp_path / "starts"
    text = f"""
    import os, threading
    open({str(starts)!r}, "a").write("x")
    threading.Timer(0.02, lambda: os._exit(9)).start()
    def hello(request):
        return "hello"
    """
    write(tmp_path, text)

    async def scenario() -> None:
        async with pools(tmp_path, spec("hello", tmp_path, min_instances=1)):
            await asyncio.sleep(2.5)

    asyncio.run(scenario())

    assert 1 <= len(starts.read_text()) <= 4


def test_a_process_that_a_handler_forks_and_lets_return_answers_nothing_in_its_place(tmp_path: Path) -> None:
    children = tmp_path / "children"
    text = f"""
    import os, time
    from isthmus import HttpResponse
    def forking(request):
        if os.fork() == 0:
            open({str(children)!r}, "w").write(str(os.getpid()))
            return HttpResponse.json("the child")
        time.sleep(0.4)
        return HttpResponse.json("the parent")
    """
    write(tmp_path, text)

    async def scenario() -> tuple[bytes, bool]:
        async with pools(tmp_path, spec("forking", tmp_path, concurrency=1)) as executor:
            answer = await executor.http("forking", request())
            return answer[2], is_alive(int(children.read_text()))

    answer, child_is_alive = asyncio.run(scenario())

    assert answer == b'"the parent"'
    assert not child_is_alive


def test_a_worker_that_cannot_be_started_leaves_nothing_open(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()

    async def scenario() -> tuple[list[Any], int, int]:
        async with pools(folder, spec("hello", folder)) as executor:
            shutil.rmtree(folder)
            outcomes: list[Any] = [*await asyncio.gather(executor.http("hello", request()), return_exceptions=True)]
            before = len(os.listdir("/proc/self/fd"))
            for _ in range(3):
                executor.renew()
                outcomes += await asyncio.gather(executor.http("hello", request()), return_exceptions=True)
            return outcomes, before, len(os.listdir("/proc/self/fd"))

    outcomes, before, after = asyncio.run(scenario())

    assert {type(outcome) for outcome in outcomes} == {BrokenHandlerError}
    assert after <= before


def test_a_worker_that_does_not_take_its_answers_does_not_fill_the_supervisor(tmp_path: Path) -> None:
    text = """
    import gc, time
    from isthmus_local.channel import CALL, pack
    from isthmus_local.transport import SocketTransport
    def flood(request):
        stream = next(found for found in gc.get_objects() if isinstance(found, SocketTransport))._stream
        frames = b"".join(pack(number, CALL, ("queue.send", "Work", ("x" * 100,))) for number in range(1, 500))
        stream.settimeout(0.5)
        try:
            for _ in range(2000):
                stream.sendall(frames)
        except TimeoutError:
            return "it was kept waiting"
        return "it was let"
    """
    write(tmp_path, text)

    async def scenario() -> Any:
        limits = Limits()
        async with pools(tmp_path, spec("flood", tmp_path, timeout=20), limits=limits) as executor:
            return (await asyncio.gather(executor.http("flood", request()), return_exceptions=True))[0]

    outcome = asyncio.run(scenario())

    # Its answer comes behind half a frame of its flood, so that it is nothing we could read: it is ended for that.
    assert isinstance(outcome, CrashedError) or outcome[2] == b"it was kept waiting"
