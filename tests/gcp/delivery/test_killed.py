"""A drain whose process dies loses nothing, and a real process takes pushes."""

from __future__ import annotations

import json
import time
from contextlib import suppress
from pathlib import Path

import httpx

from tests.emulators.gcp.parts.channel import Channel
from tests.emulators.gcp.parts.pubsub import PubSub
from tests.gcp.framework import Framework
from tests.gcp.serving import MAIN, function, pushed, queue

SHORT = "from isthmus_gcp.delivery import leases\n\nleases.LEASE = 3\n"
"""What makes a lease end soon after the process that held it."""

DRAIN = {"isthmus-drain": "1"}
MESSAGES = 60
FATAL = 30


def noted(path: Path) -> list[int]:
    return [int(line) for line in path.read_text().split()] if path.exists() else []


def test_a_drain_that_is_killed_in_the_middle_loses_nothing(pubsub: PubSub, tmp_path: Path) -> None:
    dead = Channel(pubsub)
    policy = {"dead_letter_topic": dead.topic, "max_delivery_attempts": 20}
    work = Channel(pubsub, dead_letter_policy=policy, ack_deadline_seconds=10)
    name = work.subscription.rpartition("/")[2]
    work.send(*(json.dumps({"n": number, "exit": number == FATAL}) for number in range(MESSAGES)))
    pulls = json.dumps({name: {"batch": MESSAGES}})
    environment = {**pubsub.variables, "ISTHMUS_PULL": pulls, "NOTES": str(tmp_path / "notes")}
    known = function("note_or_die", "queue", sources={name: queue()}, timeout=30)
    with Framework(known, environment=environment, main=SHORT + MAIN) as framework:
        with suppress(httpx.HTTPError):
            framework.client.post("/", headers=DRAIN)
        before = noted(tmp_path / "notes")
        limit = time.monotonic() + 30
        while set(noted(tmp_path / "notes")) != set(range(MESSAGES)) and time.monotonic() < limit:
            with suppress(httpx.HTTPError):  # the server starts its worker anew
                framework.client.post("/", headers=DRAIN)
            time.sleep(0.2)

    times = noted(tmp_path / "notes")
    assert 0 < len(before) < MESSAGES
    assert set(times) == set(range(MESSAGES))
    assert len(times) < MESSAGES + len(before)  # what was acknowledged before has not come again


def test_a_real_process_acknowledges_what_it_handles_and_nothing_else() -> None:
    known = function("picky", "queue", sources={"sub": queue()})
    with Framework(known, main=MAIN) as framework:
        answers = [framework.client.post("/", json=pushed({"fail": fails})).status_code for fails in (0, 1)]
        log = framework.log

    assert answers == [204, 500]
    assert "OutOfStockError: attempt 1" in log
