from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.local.test_pool import is_alive

DECLARATION = """
from isthmus import App, Target

def app(target: Target) -> App:
    app = App("shop")
    api = app.api("Api")
    api.route("GET /hello", "functions.shop.hello")
    api.route("GET /slow", "functions.shop.slow")
    return app
"""

HANDLERS = """
import os, time
from isthmus import HttpResponse

def hello(request):
    return HttpResponse.json({"says": "one", "pid": os.getpid()})

def slow(request):
    time.sleep(1.5)
    return HttpResponse.json("slow")
"""


class Running:
    """`isthmus dev` in a process, with what it prints."""

    def __init__(self, folder: Path, port: int, *options: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", "from isthmus.cli import main; main()", "dev", "--port", str(port), *options],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
        )
        self.output = ""
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.output += line

    def wait_for(self, condition: Callable[[], object], seconds: float = 20) -> None:
        until = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < until, self.output
            time.sleep(0.05)

    @property
    def url(self) -> str:
        self.wait_for(lambda: "Ctrl-C" in self.output)
        found = re.search(r"http://localhost:\d+", self.output)
        assert found, self.output
        return found[0]

    def ask(self, path: str) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(self.url + path, timeout=10) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def end(self) -> int:
        if self.process.poll() is None:
            self.process.kill()
        code = self.process.wait()
        self._reader.join(5)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return code


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in (("infra/app.py", DECLARATION), ("functions/shop.py", HANDLERS)):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        (file.parent / "__init__.py").touch()
        file.write_text(text)
    return tmp_path


@pytest.fixture
def start(project: Path) -> Iterator[Callable[..., Running]]:
    started: list[Running] = []

    def run(port: int = 0, *options: str) -> Running:
        started.append(Running(project, port, *options))
        return started[-1]

    yield run
    for running in started:
        running.end()


def change(file: Path, old: str, new: str) -> None:
    file.write_text(file.read_text().replace(old, new))


def descendants(process: int) -> set[int]:
    children = {int(c) for f in Path(f"/proc/{process}/task").glob("*/children") for c in f.read_text().split()}
    return children.union(*(descendants(child) for child in children))


def test_it_prints_where_the_app_is_and_reloads_handlers_and_declaration(
    start: Callable[..., Running], project: Path
) -> None:
    running = start()
    assert json.loads(running.ask("/hello")[1])["says"] == "one"
    assert "GET     /hello" in running.output
    assert f"data: {Path('.isthmus/dev')}" in running.output

    change(project / "functions/shop.py", '"one"', '"two"')
    running.wait_for(lambda: "reloaded: functions/shop.py" in running.output)
    assert json.loads(running.ask("/hello")[1])["says"] == "two"

    change(project / "infra/app.py", "GET /hello", "GET /hullo")
    running.wait_for(lambda: "restarted: infra/app.py" in running.output)
    assert running.ask("/hello")[0] == 404
    assert running.ask("/hullo")[0] == 200

    change(project / "infra/app.py", "api.route", "api.root")
    running.wait_for(lambda: "goes on as it was before" in running.output)
    assert "root" in running.output
    assert running.ask("/hullo")[0] == 200

    change(project / "infra/app.py", "api.root", "api.route")
    change(project / "infra/app.py", "/hullo", "/again")
    running.wait_for(lambda: running.output.count("restarted: infra/app.py") == 2)
    assert running.ask("/again")[0] == 200


def test_a_save_of_the_same_size_in_the_same_second_is_taken_up_too(
    start: Callable[..., Running], project: Path
) -> None:
    handlers, declaration = project / "functions/shop.py", project / "infra/app.py"
    second = int(time.time()) - 10
    for file in (handlers, declaration):
        os.utime(file, (second, second))
    running = start()
    assert json.loads(running.ask("/hello")[1])["says"] == "one"

    change(handlers, '"one"', '"two"')
    os.utime(handlers, (second, second))
    running.wait_for(lambda: "reloaded: functions/shop.py" in running.output)
    assert json.loads(running.ask("/hello")[1])["says"] == "two"

    change(declaration, "GET /hello", "GET /hullo")
    os.utime(declaration, (second, second))
    running.wait_for(lambda: "restarted: infra/app.py" in running.output)
    assert running.ask("/hullo")[0] == 200


def test_a_handler_that_breaks_is_told_in_the_log_and_heals(start: Callable[..., Running], project: Path) -> None:
    running = start()
    assert running.ask("/hello")[0] == 200

    change(project / "functions/shop.py", "def hello", "def hello(((")
    running.wait_for(lambda: "reloaded" in running.output)
    status, body = running.ask("/hello")
    assert status == 502
    assert "Traceback" not in body
    running.wait_for(lambda: "SyntaxError" in running.output)

    change(project / "functions/shop.py", "def hello(((", "def hello")
    running.wait_for(lambda: running.output.count("reloaded") == 2)
    assert running.ask("/hello")[0] == 200


def test_a_request_that_runs_ends_on_the_old_code(start: Callable[..., Running], project: Path) -> None:
    running = start()
    running.ask("/hello")
    answers: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: answers.append(running.ask("/slow")))
    asking.start()
    time.sleep(0.7)
    change(project / "functions/shop.py", '"slow"', '"changed"')
    running.wait_for(lambda: "reloaded" in running.output)
    asking.join(10)

    assert answers == [(200, '"slow"')]


def test_everything_that_is_wrong_is_told_at_once(start: Callable[..., Running], project: Path) -> None:
    change(project / "infra/app.py", '"GET /hello"', '"FETCH /hello"')
    change(project / "infra/app.py", "shop.slow", "shop.sloow")
    change(project / "infra/app.py", 'app.api("Api")', 'app.api("Api", body_limmit=3)')
    running = start()

    assert running.process.wait(20) == 1
    running.end()
    assert "3 problems" in running.output
    for word in ("FETCH", "sloow", "body_limmit"):
        assert word in running.output


def test_a_taken_port_is_told_with_the_remedy(start: Callable[..., Running]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        running = start(port)

        assert running.process.wait(20) == 2
        running.end()
    assert running.output.count("\n") == 1
    assert f"port {port} is taken by" in running.output
    assert "--port N" in running.output
    assert "PORT=N make dev" in running.output


def test_two_servers_on_one_state_are_refused(start: Callable[..., Running]) -> None:
    first = start()
    assert first.ask("/hello")[0] == 200
    second = start()

    assert second.process.wait(20) == 2
    second.end()
    assert f"process {first.process.pid}" in second.output
    assert "--stage NAME" in second.output


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_when_it_is_told_to(start: Callable[..., Running], number: signal.Signals) -> None:
    running = start()
    running.ask("/hello")
    answers: list[tuple[int, str]] = []
    asking = threading.Thread(target=lambda: answers.append(running.ask("/slow")))
    asking.start()
    time.sleep(0.7)
    processes = descendants(running.process.pid)
    begun = time.monotonic()
    running.process.send_signal(number)
    code = running.process.wait(10)
    took = time.monotonic() - begun
    asking.join(5)

    assert code == 0, running.output
    assert took < 5
    assert answers == [(200, '"slow"')], "what was running was answered"
    assert "Traceback" not in running.output
    running.wait_for(lambda: not any(is_alive(process) for process in processes), 5)


def test_told_twice_it_stops_at_once(start: Callable[..., Running]) -> None:
    running = start()
    asking = threading.Thread(target=lambda: _ignoring(running, "/slow"))
    asking.start()
    time.sleep(1)
    running.process.send_signal(signal.SIGINT)
    time.sleep(0.2)
    begun = time.monotonic()
    running.process.send_signal(signal.SIGINT)

    assert running.process.wait(5) == 130
    assert time.monotonic() - begun < 1
    asking.join(5)


def _ignoring(running: Running, path: str) -> None:
    try:
        running.ask(path)
    except OSError:
        return


def test_a_killed_server_leaves_no_worker_and_the_port_free(start: Callable[..., Running]) -> None:
    running = start()
    running.ask("/hello")
    asking = threading.Thread(target=lambda: _ignoring(running, "/slow"))
    asking.start()
    time.sleep(0.5)
    port = int(running.url.rpartition(":")[2])
    processes = descendants(running.process.pid)
    running.process.kill()
    running.process.wait()
    asking.join(5)

    assert processes
    running.wait_for(lambda: not any(is_alive(process) for process in processes), 5)
    again = start(port)
    assert again.ask("/hello")[0] == 200


def test_what_a_handler_logs_is_shown_with_its_fields(start: Callable[..., Running], project: Path) -> None:
    logged = """
import logging
from isthmus import compose
from isthmus.middleware.logs import logs

def greet(request):
    logging.getLogger("shop").info("greeting %s", "ada", extra={"shelf": 7})
    logging.getLogger("shop").debug("never shown")
    return {"hello": "ada"}

hello = compose(logs, greet)
"""
    file = project / "functions/shop.py"
    file.write_text(file.read_text() + logged)
    running = start()
    assert running.ask("/hello")[0] == 200
    running.wait_for(lambda: "ShopHello: 200" in running.output)

    assert "greeting ada shelf=7\n" in running.output
    assert re.search(
        r"ShopHello: 200 event=HttpRequest outcome=200 durationMs=[\d.]+ method=GET path=/hello\n", running.output
    )
    assert "never shown" not in running.output
