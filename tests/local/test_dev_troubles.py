"""`isthmus dev` on bad nights: taken ports, damaged data, Ctrl-C at the wrong moment, a reload under load."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.local.test_dev import Running, change, project, start

__all__ = ["project", "start"]


def test_a_port_that_a_new_api_cannot_have_leaves_the_old_app_as_it_was(
    start: Callable[..., Running], project: Path
) -> None:
    with _neighbours() as (port, other):
        running = start(port)
        assert running.ask("/hello")[0] == 200
        change(project / "infra/app.py", "    return app", '    app.api("Two")\n    return app')
        running.wait_for(lambda: "goes on as it was before" in running.output)

        assert f"port {port + 1} is taken" in running.output
        assert running.ask("/hello")[0] == 200
        other.close()
        change(project / "infra/app.py", "    return app", "    return app  # again")
        running.wait_for(lambda: "restarted" in running.output)
        assert running.ask("/hello")[0] == 200


class _neighbours:  # noqa: N801 - reads as a function
    """A free port, and a socket that holds the next one."""

    def __enter__(self) -> tuple[int, socket.socket]:
        while True:
            with socket.create_server(("127.0.0.1", 0)) as free:
                port: int = free.getsockname()[1]
                try:
                    self._other = socket.create_server(("127.0.0.1", port + 1))
                except OSError:
                    continue
            return port, self._other

    def __exit__(self, *_: object) -> None:
        self._other.close()


@pytest.mark.parametrize("damage", ["not a database", "a folder in its place", "a file in place of the folder"])
def test_data_that_cannot_be_used_is_told_in_one_line_with_the_remedy(
    start: Callable[..., Running], project: Path, damage: str
) -> None:
    state = project / ".isthmus" / "dev"
    if damage == "not a database":
        state.mkdir(parents=True)
        (state / "state.db").write_bytes(os.urandom(5000))
    elif damage == "a folder in its place":
        (state / "state.db").mkdir(parents=True)
    else:
        state.parent.mkdir()
        state.touch()
    running = start()

    assert running.process.wait(20) == 2
    running.end()
    assert running.output.count("\n") == 1, running.output
    assert str(state) in running.output
    assert "--stage NAME" in running.output


@pytest.mark.parametrize("delay", [0.0, 0.5, 0.8, 1.1])
def test_told_to_stop_in_the_middle_of_a_reload_it_stops_cleanly(
    start: Callable[..., Running], project: Path, delay: float
) -> None:
    running = start()
    assert running.ask("/hello")[0] == 200
    change(project / "infra/app.py", "/hello", "/hullo")
    time.sleep(delay)
    running.process.send_signal(signal.SIGINT)

    assert running.process.wait(10) == 0, running.output
    running.end()
    assert "Traceback" not in running.output


def test_told_to_stop_while_the_declaration_hangs_it_stops_cleanly(
    start: Callable[..., Running], project: Path
) -> None:
    running = start()
    assert running.ask("/hello")[0] == 200
    change(project / "infra/app.py", "from isthmus", "import time; time.sleep(60)\nfrom isthmus")
    time.sleep(1.2)
    running.process.send_signal(signal.SIGTERM)

    assert running.process.wait(5) == 0, running.output
    running.end()
    assert "Traceback" not in running.output


def test_no_request_is_refused_or_lost_while_the_app_is_restarted(start: Callable[..., Running], project: Path) -> None:
    change(project / "functions/shop.py", "time.sleep(1.5)", "time.sleep(4)")
    running = start()
    running.ask("/hello")
    slow: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: slow.append(running.ask("/slow")))
    asking.start()
    time.sleep(0.5)
    outcomes: Counter[object] = Counter()
    done = threading.Event()
    threads = [threading.Thread(target=_ask_on, args=(running, outcomes, done)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(5):
        change(project / "infra/app.py", "    return app", f"    return app  # {number}")
        time.sleep(0.1)
    running.wait_for(lambda: "restarted" in running.output)
    time.sleep(0.5)
    done.set()
    for thread in (*threads, asking):
        thread.join(15)

    assert slow == [(200, '"slow"')], "it ran for longer than a stop would have waited"
    assert set(outcomes) == {200}


def _ask_on(running: Running, outcomes: Counter[object], done: threading.Event) -> None:
    port = int(running.url.rpartition(":")[2])
    while not done.is_set():
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        try:
            connection.request("GET", "/hello")
            outcomes[connection.getresponse().status] += 1
        except OSError as error:
            outcomes[type(error).__name__] += 1
        finally:
            connection.close()


def test_the_durability_that_was_asked_for_reaches_the_workers(start: Callable[..., Running], project: Path) -> None:
    change(project / "functions/shop.py", '"one"', 'os.environ["ISTHMUS_DURABILITY"]')
    running = start(0, "--durability", "power")

    assert json.loads(running.ask("/hello")[1])["says"] == "power"
