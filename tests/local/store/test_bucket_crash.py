"""kill -9 in the middle of puts: what was acknowledged is there, whole, and nothing is named that has no bytes."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from isthmus.declarations.app import App
from isthmus_local.store import buckets
from tests.local.desk import Desk

WRITER = """
import itertools, random, sys
from pathlib import Path
from isthmus.declarations.app import App
from isthmus_local.clients.bucket import BucketClient
from tests.local.desk import Desk

app = App("shop")
app.bucket("Files")
desk = Desk(app, Path(sys.argv[1]))
files = BucketClient(desk.link("Files"), desk, desk.objects)
chance = random.Random(int(sys.argv[2]))
print("ready", flush=True)
for number in itertools.count():
    key = f"key-{chance.randrange(20)}"
    if chance.random() < 0.2:
        files.delete(key)
        print(f"- {key} -", flush=True)
    else:
        info = files.put(key, chance.randbytes(chance.randrange(100_000)))
        print(f"+ {key} {info.etag}", flush=True)
"""


def run_and_kill(directory: Path, seed: int, count: int, delay: float) -> list[list[str]]:
    """Return what a writer acknowledged until it was killed, `delay` after `count` operations: sign, key and etag."""
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(directory), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    assert writer.stdout is not None
    with writer.stdout:
        assert writer.stdout.readline() == "ready\n"
        lines = [writer.stdout.readline() for _ in range(count)]
        time.sleep(delay)
        writer.send_signal(signal.SIGKILL)
        lines += writer.stdout.read().splitlines(keepends=True)
    assert writer.wait(10) == -signal.SIGKILL
    return [line.split() for line in lines if line.endswith("\n")]


def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    chance = random.Random(7)
    known: dict[str, str] = {}
    for seed in range(6):
        operations = run_and_kill(tmp_path, seed, chance.randrange(1, 100), chance.uniform(0, 0.01))
        known |= {key: etag for _, key, etag in operations}
        app = App("shop")
        app.bucket("Files")
        desk = Desk(app, tmp_path)
        desk.objects.sweep(desk.do(buckets.files))
        rows, _ = desk.do(buckets.listing, app.resources[1], "", 1000, None)
        stored = {row[0]: row[2] for row in rows}
        for key, etag in stored.items():
            file, _ = desk.do(buckets.read, app.resources[1], key)
            with desk.objects.open("Files", file) as stream:
                assert hashlib.sha256(stream.read()).hexdigest() == etag
        differing = [key for key, etag in known.items() if stored.get(key, "-") != etag]
        assert len(differing) <= 1, "only the operation whose answer was never given may have happened as well"
        assert len(desk.files()) == len(stored)
        known = {key: stored.get(key, "-") for key in known | stored}
        desk.database.close()
