from __future__ import annotations

import asyncio
import json
import os
import time
from pathlib import Path
from typing import Any

import pytest

from isthmus.errors import InvocationFailedError
from isthmus.serve import Failure
from isthmus_local import instance
from isthmus_local.executor import (
    NOT_STARTED,
    BrokenHandlerError,
    BusyError,
    CrashedError,
    ExecutionError,
    HttpResult,
    TimedOutError,
)
from isthmus_local.pool import Limits
from tests.local.workers import HANDLERS, message, pools, request, spec, write


def status(outcome: Any) -> Any:
    return type(outcome) if isinstance(outcome, BaseException) else outcome[0]


def pid(outcome: Any) -> int:
    return int(json.loads(outcome[2])["pid"])


def is_alive(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_a_crash_takes_its_own_request_alone(tmp_path: Path) -> None:
    async def scenario() -> list[Any]:
        async with pools(tmp_path, spec("fickle", tmp_path, concurrency=3)) as executor:
            await executor.http("fickle", request())
            queries = ["crash" if number in {3, 20} else "" for number in range(40)]
            return await asyncio.gather(
                *(executor.http("fickle", request(query)) for query in queries), return_exceptions=True
            )

    outcomes = [status(outcome) for outcome in asyncio.run(scenario())]

    assert outcomes.count(CrashedError) == 2
    assert outcomes[3] is CrashedError
    assert outcomes[20] is CrashedError
    assert outcomes.count(200) == 38


def test_a_timeout_takes_its_own_request_alone_and_says_how_long_it_was(tmp_path: Path) -> None:
    async def scenario() -> list[Any]:
        async with pools(tmp_path, spec("fickle", tmp_path, timeout=0.5, concurrency=2)) as executor:
            await executor.http("fickle", request())
            queries = ["sleep", *[""] * 20]
            return await asyncio.gather(
                *(executor.http("fickle", request(query)) for query in queries), return_exceptions=True
            )

    slow, *others = asyncio.run(scenario())

    assert isinstance(slow, TimedOutError)
    assert slow.reason == "timed out after 0.5 s"
    assert [status(outcome) for outcome in others] == [200] * 20


def test_never_more_than_the_concurrency_of_a_function_run_at_once(tmp_path: Path) -> None:
    marks = tmp_path / "marks"
    marks.mkdir()

    async def scenario() -> list[int]:
        async with pools(tmp_path, spec("busy", tmp_path, concurrency=2)) as executor:
            answers = await asyncio.gather(*(executor.http("busy", request(str(marks))) for _ in range(16)))
            executor.renew()
            answers += await asyncio.gather(*(executor.http("busy", request(str(marks))) for _ in range(8)))
            return [json.loads(body) for _, _, body in answers]

    at_once = asyncio.run(scenario())

    assert max(at_once) == 2


def test_a_batch_reports_each_record_and_the_dead_worker_s_own_record_alone(tmp_path: Path) -> None:
    reports: list[tuple[int, Failure | None]] = []

    async def scenario() -> None:
        async with pools(tmp_path, spec("record", tmp_path)) as executor:
            records = [message(text, n) for n, text in enumerate(["a", "raise", "b", "crash", "c", "d"])]
            await executor.batch(
                "record", "queue", records, lambda index, failure: reports.append((index, failure)), ordered=False
            )

    asyncio.run(scenario())
    failures = dict(reports)

    assert [index for index, _ in reports] == [0, 1, 2, 3, 4, 5]
    assert failures[0] is failures[2] is None
    assert (failures[1].type, failures[1].message) == ("ValueError", "no good")  # type: ignore[union-attr]
    assert failures[3].message == "worker died, exit 7"  # type: ignore[union-attr]
    assert failures[4] is failures[5] is NOT_STARTED


def test_a_record_that_overruns_the_timeout_fails_and_the_rest_was_not_started(tmp_path: Path) -> None:
    reports: dict[int, Failure | None] = {}

    async def scenario() -> None:
        async with pools(tmp_path, spec("record", tmp_path, timeout=0.4)) as executor:
            records = [message(text, n) for n, text in enumerate(["a", "sleep", "b"])]
            await executor.batch("record", "queue", records, reports.__setitem__, ordered=False)

    asyncio.run(scenario())

    assert reports[0] is None
    assert reports[1].message == "timed out after 0.4 s"  # type: ignore[union-attr]
    assert reports[2] is NOT_STARTED


def test_the_rest_of_a_failed_group_is_not_started(tmp_path: Path) -> None:
    reports: dict[int, Failure | None] = {}

    async def scenario() -> None:
        async with pools(tmp_path, spec("record", tmp_path)) as executor:
            records = [message("raise", 0, group="a"), message("x", 1, group="a"), message("x", 2, group="b")]
            await executor.batch("record", "queue", records, reports.__setitem__, ordered=True)

    asyncio.run(scenario())

    assert reports[0].type == "ValueError"  # type: ignore[union-attr]
    assert reports[1] is NOT_STARTED
    assert reports[2] is None


def test_an_invocation_returns_its_result_or_the_error_by_name(tmp_path: Path) -> None:
    async def scenario() -> tuple[Any, Any, Any]:
        async with pools(tmp_path, spec("double", tmp_path)) as executor:
            good = await executor.task("double", {"n": 21}, {})
            return (
                good,
                *await asyncio.gather(
                    executor.task("double", {}, {}), executor.task("double", "crash", {}), return_exceptions=True
                ),
            )

    good, wrong, dead = asyncio.run(scenario())

    assert good == 42
    assert isinstance(wrong, InvocationFailedError)
    assert wrong.type == "KeyError"
    assert isinstance(dead, InvocationFailedError)
    assert dead.message == "worker died, exit 7"


def test_a_handler_that_does_not_load_fails_each_request_at_once_is_logged_once_and_heals(tmp_path: Path) -> None:
    write(tmp_path, "import nowhere_to_be_found\n")

    async def scenario() -> tuple[list[Any], float, list[str], Any]:
        async with pools(tmp_path, spec("hello", tmp_path)) as executor:
            begun = time.monotonic()
            outcomes = await asyncio.gather(
                *(executor.http("hello", request()) for _ in range(5)), return_exceptions=True
            )
            for _ in range(20):
                outcomes += await asyncio.gather(executor.http("hello", request()), return_exceptions=True)
            took = time.monotonic() - begun
            lines = list(executor.lines)
            write(tmp_path)
            executor.renew()
            return outcomes, took, lines, await executor.http("hello", request())

    outcomes, took, lines, healed = asyncio.run(scenario())

    assert {status(outcome) for outcome in outcomes} == {BrokenHandlerError}
    assert took < 10
    assert len(lines) == 1
    assert "nowhere_to_be_found" in lines[0]
    assert healed[0] == 200


def test_records_for_a_handler_that_does_not_load_are_given_back_without_an_attempt(tmp_path: Path) -> None:
    write(tmp_path, "raise RuntimeError('not today')\n")
    reports: list[tuple[int, Failure | None]] = []

    async def scenario() -> float:
        async with pools(tmp_path, spec("record", tmp_path)) as executor:
            begun = time.monotonic()
            for _ in range(3):
                await executor.batch(
                    "record",
                    "queue",
                    [message("a")],
                    lambda index, failure: reports.append((index, failure)),
                    ordered=False,
                )
            return time.monotonic() - begun

    took = asyncio.run(scenario())

    assert reports == [(0, NOT_STARTED)] * 3
    assert took > 0.5, "the tries must not spin"


def test_new_code_is_taken_up_while_what_runs_ends_on_the_old(tmp_path: Path) -> None:
    old = """
    import time
    from isthmus import HttpResponse
    def hello(request):
        time.sleep(0.4)
        return HttpResponse.json('old')
    """
    write(tmp_path, old)

    async def scenario() -> tuple[bytes, bytes]:
        async with pools(tmp_path, spec("hello", tmp_path)) as executor:
            running = executor.http("hello", request())
            await asyncio.sleep(0.5)
            write(tmp_path, old.replace("old", "new").replace("time.sleep(0.4)", "pass"))
            late = executor.http("hello", request())
            await asyncio.sleep(0.05)
            executor.renew()
            after = await executor.http("hello", request())
            await late
            return (await running)[2], after[2]

    assert asyncio.run(scenario()) == (b'"old"', b'"new"')


def test_too_many_waiting_requests_are_refused_at_once_and_too_long_ones_in_time(tmp_path: Path) -> None:
    async def scenario() -> list[Any]:
        limits = Limits(waiting=3, patience=0.5)
        async with pools(tmp_path, spec("fickle", tmp_path, concurrency=1, timeout=5), limits=limits) as executor:
            await executor.http("fickle", request())
            calls = [executor.http("fickle", request("sleep"))]
            await asyncio.sleep(0.05)
            calls += [executor.http("fickle", request()) for _ in range(4)]
            await asyncio.sleep(0.02)
            calls += [executor.http("fickle", request()) for _ in range(3)]
            return [*await asyncio.gather(*calls[1:], return_exceptions=True)]

    outcomes = asyncio.run(scenario())

    assert all(isinstance(outcome, BusyError) for outcome in outcomes)
    assert any("waited 0.5 s" in str(outcome) for outcome in outcomes)
    assert any("are waiting already" in str(outcome) for outcome in outcomes)


def test_a_body_larger_than_a_socket_s_buffer_arrives_whole(tmp_path: Path) -> None:
    body = os.urandom(5 * 1024 * 1024)

    async def scenario() -> bytes:
        async with pools(tmp_path, spec("echo", tmp_path, concurrency=1)) as executor:
            answers = await asyncio.gather(*(executor.http("echo", request("", body)) for _ in range(5)))
            assert {len(answer[2]) for answer in answers} == {len(body)}
            return answers[-1][2]

    assert asyncio.run(scenario()) == body


def test_idle_instances_end_down_to_those_kept_warm(tmp_path: Path) -> None:
    async def scenario() -> tuple[int, int]:
        limits = Limits(idle=0.3)
        async with pools(tmp_path, spec("hello", tmp_path, min_instances=1), limits=limits) as executor:
            first = pid(await executor.http("hello", request()))
            await asyncio.sleep(1.0)
            return first, pid(await executor.http("hello", request()))

    first, second = asyncio.run(scenario())

    assert first == second


def test_an_instance_that_is_not_kept_warm_ends_when_it_is_idle(tmp_path: Path) -> None:
    async def scenario() -> bool:
        async with pools(tmp_path, spec("hello", tmp_path), limits=Limits(idle=0.2)) as executor:
            process = pid(await executor.http("hello", request()))
            await asyncio.sleep(1.0)
            return is_alive(process)

    assert asyncio.run(scenario()) is False


def test_stopping_ends_what_does_not_end_by_itself(tmp_path: Path) -> None:
    async def scenario() -> tuple[Any, float]:
        async with pools(tmp_path, spec("fickle", tmp_path)) as executor:
            await executor.http("fickle", request())
            stuck = executor.http("fickle", request("sleep"))
            await asyncio.sleep(0.1)
            begun = time.monotonic()
            await executor.stop(drain=0.3)
            return (await asyncio.gather(stuck, return_exceptions=True))[0], time.monotonic() - begun

    outcome, took = asyncio.run(scenario())

    assert isinstance(outcome, ExecutionError)
    assert took < 3


def test_an_instance_that_dies_at_its_start_fails_nobody_who_waits_for_another(tmp_path: Path) -> None:
    loads_once = f"open({str(tmp_path / 'loaded')!r}, 'x').close()\n"
    write(tmp_path, HANDLERS + loads_once)

    async def scenario() -> list[HttpResult]:
        async with pools(tmp_path, spec("fickle", tmp_path)) as executor:
            await executor.http("fickle", request())
            answers = await asyncio.gather(*(executor.http("fickle", request()) for _ in range(200)))
            assert any("does not start" in line for line in executor.lines)
            return answers

    answers = asyncio.run(scenario())

    assert {answer[0] for answer in answers} == {200}


def test_stopping_charges_no_attempt_to_what_it_has_to_end(tmp_path: Path) -> None:
    reports: dict[int, Failure | None] = {}

    async def scenario() -> None:
        async with pools(tmp_path, spec("record", tmp_path)) as executor:
            texts = [message("ok"), message("sleep"), message("ok")]
            over = executor.batch("record", "queue", texts, reports.__setitem__, ordered=False)
            while not reports:
                await asyncio.sleep(0.01)
            await executor.stop(drain=0.1)
            await over

    asyncio.run(scenario())

    assert reports == {0: None, 1: NOT_STARTED, 2: NOT_STARTED}


def test_a_process_that_a_handler_left_behind_does_not_hold_its_worker_s_end_up(tmp_path: Path) -> None:
    write(tmp_path, "import os, time\ndef fork(r):\n    if os.fork() == 0:\n        time.sleep(60)\n    os._exit(3)\n")

    async def scenario() -> tuple[Any, float]:
        async with pools(tmp_path, spec("fork", tmp_path)) as executor:
            begun = time.monotonic()
            outcome = (await asyncio.gather(executor.http("fork", request()), return_exceptions=True))[0]
            return outcome, time.monotonic() - begun

    outcome, took = asyncio.run(scenario())

    assert isinstance(outcome, CrashedError)
    assert outcome.reason == "worker died, exit 3"
    assert took < 5


@pytest.mark.parametrize("name", ["crash"])
def test_a_function_that_always_crashes_goes_on_being_tried(tmp_path: Path, name: str) -> None:
    async def scenario() -> list[Any]:
        async with pools(tmp_path, spec(name, tmp_path, concurrency=1)) as executor:
            return [(await asyncio.gather(executor.http(name, request()), return_exceptions=True))[0] for _ in range(3)]

    assert [status(outcome) for outcome in asyncio.run(scenario())] == [CrashedError] * 3


def test_without_packets_a_crash_takes_its_own_request_alone_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instance, "PACKETS", False)
    monkeypatch.setattr(instance, "DEPTH", 1)

    async def scenario() -> list[Any]:
        async with pools(tmp_path, spec("fickle", tmp_path, concurrency=2), spec("echo", tmp_path)) as executor:
            large = executor.http("echo", request("", b"x" * 2_000_000))
            queries = ["crash" if number == 3 else "" for number in range(20)]
            outcomes = await asyncio.gather(
                *(executor.http("fickle", request(query)) for query in queries), return_exceptions=True
            )
            executor.renew()
            again = await executor.http("fickle", request())
            return [len((await large)[2]), *outcomes, again]

    size, *outcomes = asyncio.run(scenario())

    assert size == 2_000_000
    assert [status(outcome) for outcome in outcomes] == [200] * 3 + [CrashedError] + [200] * 17
