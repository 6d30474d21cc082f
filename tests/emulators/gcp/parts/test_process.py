"""Each server ends with whoever started it, however that went."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.emulators.gcp.parts.process import PROGRAMS, ROOT, Server
from tests.emulators.gcp.parts.pubsub import PubSub
from tests.emulators.gcp.parts.secrets import Secrets
from tests.emulators.gcp.parts.storage import Storage
from tests.tools import need

PARTS = [PubSub, Storage, Secrets]


@pytest.mark.parametrize("part", PARTS)
def test_it_is_gone_when_the_block_ends(part: Callable[[], Server]) -> None:
    with part() as server:
        group, folder = server.pid, server.folder

    assert not folder.exists()
    with pytest.raises(ProcessLookupError):
        os.killpg(group, 0)


def test_it_is_gone_when_a_test_fails() -> None:
    groups: list[int] = []

    def fail() -> None:
        with PubSub() as server:
            groups.append(server.pid)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with pytest.raises(ProcessLookupError):
        os.killpg(groups[0], 0)


def test_stopping_twice_does_no_harm() -> None:
    server = PubSub()

    server.stop()
    server.stop()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGKILL])
@pytest.mark.parametrize("part", PARTS)
def test_it_is_gone_when_who_started_it_dies(part: type[Server], by: signal.Signals) -> None:
    for name in ("pubsub", "storage"):
        need(name, folder=PROGRAMS)
    script = (
        f"import time\nfrom {part.__module__} import {part.__name__}\n"
        f"server = {part.__name__}(); print(server.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as starter:
        assert starter.stdout is not None
        group = int(starter.stdout.readline())
        starter.send_signal(by)

    assert _ends(group)


def _ends(process: int) -> bool:
    for _ in range(200):
        stat = Path(f"/proc/{process}/stat")
        if not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def test_a_server_that_does_not_start_says_what_it_wrote() -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no luck today')"]

    with pytest.raises(RuntimeError, match="no luck today"):
        Server(command, named="nobody")


def test_it_knows_nothing_of_the_environment_of_who_started_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", "the developer's own")
    script = "import os, sys; print('GOOGLE_APPLICATION_CREDENTIALS' in os.environ, flush=True); sys.stdin.read()"

    with Server([sys.executable, "-c", script], named="curious") as server:
        assert server.address == "False"


@pytest.mark.parametrize("part", PARTS)
def test_it_listens_on_the_loopback_alone(part: Callable[[], Server]) -> None:
    with part() as server:
        assert server.address.startswith("127.0.0.1:")


def test_two_know_nothing_of_each_other() -> None:
    with PubSub() as one, PubSub() as other:
        one.publisher().create_topic(name="projects/isthmus/topics/only-here")

        assert list(other.publisher().list_topics(project="projects/isthmus")) == []
