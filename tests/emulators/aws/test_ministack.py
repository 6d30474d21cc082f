from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.emulators.aws.ministack import ENVIRONMENT, ROOT, Ministack, ministack, running
from tests.tools import need

__all__ = ["ministack"]


def test_a_reset_forgets_everything(ministack: Ministack) -> None:
    sqs = ministack.client("sqs")
    sqs.create_queue(QueueName="here")

    ministack.reset()

    assert sqs.list_queues().get("QueueUrls", []) == []


def test_it_is_of_the_account_that_its_arns_name(ministack: Ministack) -> None:
    assert ministack.client("sts").get_caller_identity()["Account"] == ministack.account


def test_two_know_nothing_of_each_other(ministack: Ministack) -> None:
    with running() as other:
        other.client("sns").create_topic(Name="there")

        assert ministack.client("sns").list_topics()["Topics"] == []


def test_it_is_gone_when_the_block_ends() -> None:
    with running() as server:
        group = server.pid

    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)


def test_it_is_gone_when_a_test_fails() -> None:
    groups: list[int] = []

    def fail() -> None:
        with running() as server:
            groups.append(server.pid)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with pytest.raises(ProcessLookupError):
        os.killpg(groups[0], 0)


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
def test_it_is_gone_when_who_started_it_dies(by: signal.Signals) -> None:
    need("python", folder=ENVIRONMENT / "bin", named="ministack")
    script = (
        "import time\nfrom tests.emulators.aws.ministack import start\n"
        "server = start(); print(server.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as starter:
        assert starter.stdout is not None
        group = int(starter.stdout.readline())
        starter.send_signal(by)

    assert _ends(group)


def _ends(group: int) -> bool:
    for _ in range(100):
        states = [_group_and_state(path) for path in Path("/proc").glob("[0-9]*/stat")]
        if not any(found == group and state != "Z" for found, state in states):
            return True
        time.sleep(0.05)
    return False


def _group_and_state(path: Path) -> tuple[int, str]:
    try:
        state, _, group = path.read_text().rpartition(")")[2].split()[:3]
    except OSError:
        return 0, ""
    return int(group), state
