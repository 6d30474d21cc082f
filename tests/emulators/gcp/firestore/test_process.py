from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.emulators.gcp.firestore.process import ROOT, Firestore, running, start


def test_it_prints_its_addresses_and_nothing_else() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.emulators.gcp.firestore", "--port", "0"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        process.terminate()
        rest = process.stdout.read()

    host, control = line.split()
    assert host.startswith("127.0.0.1:")
    assert control.startswith("http://127.0.0.1:")
    assert rest == ""
    assert process.returncode == 0


def test_two_know_nothing_of_each_other(db: Any, letter: Any) -> None:
    letter.set({})
    with running() as other:
        other.create_database("tests")

        assert not other.client("tests").document(letter.path).get().exists


def test_it_is_gone_when_the_block_ends() -> None:
    with running() as server:
        pid = server.pid

    assert server.has_ended()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_it_takes_the_port_that_it_is_given() -> None:
    with running() as server:
        port = server.host.rpartition(":")[2]
    with running("--port", port) as again:
        assert again.host == f"127.0.0.1:{port}"


def test_a_port_that_is_taken_is_an_error(firestore: Firestore) -> None:
    with pytest.raises(RuntimeError, match="did not start"):
        start("--port", firestore.host.rpartition(":")[2])


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
def test_it_is_gone_when_who_started_it_dies(by: signal.Signals) -> None:
    script = (
        "import time\nfrom tests.emulators.gcp.firestore.process import start\n"
        "server = start(); print(server.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        starter.send_signal(by)

    assert _ends(pid)


def test_a_get_and_a_commit_cost_little_of_its_time(firestore: Firestore, letter: Any) -> None:
    for number in range(100):
        letter.set({"n": number})
    before = _processor_seconds(firestore.pid)
    for number in range(300):
        letter.set({"n": number, "text": "x" * 200})
        letter.get()

    assert (_processor_seconds(firestore.pid) - before) / 600 < 0.002  # 0.5 ms on an idle machine


def test_many_transactions_that_wait_block_nobody_else(db: Any, letters: Any) -> None:
    from concurrent.futures import ThreadPoolExecutor

    held = letters.document("held")
    transaction = db.transaction()
    transaction._begin()
    held.get(transaction=transaction)
    with ThreadPoolExecutor(100) as pool:
        waiting = [pool.submit(held.set, {"n": number}) for number in range(100)]
        time.sleep(0.3)
        letters.document("free").set({}, timeout=10)
        transaction._rollback()
        for each in waiting:
            each.result(30)

    assert held.get().exists


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _ends(pid: int) -> bool:
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
