"""The commands' door into a running `isthmus dev`, knocked at by the commands and by others."""

from __future__ import annotations

import http.client
import json
import signal
import socket
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from isthmus.dead_letters import ATTEMPTS, REASON
from isthmus.errors import InvalidValueError, InvocationFailedError, TooLargeError
from isthmus_local import control_key
from isthmus_local.control import BODY_LIMIT, PATH
from isthmus_local.running_app import NotRunningError, RunningApp
from tests.local.test_dev import Running

DECLARATION = """
from isthmus import App, Target

def app(target: Target) -> App:
    app = App("desk")
    api = app.api("Api")
    seen = app.table("Seen", fields={"id": "string", "at": "string"}, primary_index=("id", "at"))
    work = app.queue("Work", max_attempts=2, retry_delay=0.1)
    line = app.queue("Line", fifo=True)
    events = app.topic("Events")
    clicks = app.stream("Clicks")
    api.route("GET /seen/{id}", "functions.desk.read", link=[seen.read])
    api.route("POST /clicks", "functions.desk.click", link=[clicks.put])
    for source in (work, line, clicks):
        source.subscribe(f"functions.desk.see_{source.name.lower()}", link=[seen.write])
    events.subscribe("functions.desk.see_events", link=[seen.write], filter={"total": [{"numeric": [">", 5]}]})
    app.schedule("Nightly", "5 0 * * *", "functions.desk.see_tick", link=[seen.write])
    app.function("Double", "functions.desk.double")
    return app
"""

HANDLERS = """
import time
from isthmus import Resource

def _see(id, **fields):
    Resource.Seen.put({"id": id, "at": str(time.time_ns()), **fields})

def _message(message):
    if message.body == b"poison":
        raise ValueError("cannot be handled")
    _see(message.source, body=message.text(), attributes=dict(message.attributes))

def see_work(message): _message(message)
def see_line(message): _message(message)
def see_events(message): _message(message)
def see_clicks(message): _message(message)
def see_tick(tick): _see("tick")
def read(request): return list(Resource.Seen.query(request.params["id"]))
def click(request): Resource.Clicks.put(request.json(), key="ada")

def double(payload):
    if payload == "bad":
        raise ValueError("not a number")
    return payload * 2
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("desk")
    for name, text in (("infra/app.py", DECLARATION), ("functions/desk.py", HANDLERS)):
        file = folder / name
        file.parent.mkdir()
        (file.parent / "__init__.py").touch()
        file.write_text(text)
    server = Running(folder, 0)
    assert server.url
    yield server
    server.end()


@pytest.fixture
def state(running: Running) -> Path:
    return running.folder / ".isthmus" / "dev"


@pytest.fixture
def app(state: Path) -> RunningApp:
    return RunningApp(state, "dev")


def seen(running: Running, source: str, count: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []

    def enough() -> bool:
        rows[:] = json.loads(running.ask(f"/seen/{source}")[1])
        return len(rows) >= count

    running.wait_for(enough)
    return rows


def ask(state: Path, headers: dict[str, str], body: bytes = b"{}", *, method: str = "POST", path: str = PATH) -> int:
    key = control_key.read(state)
    assert key is not None
    known = {"authorization": f"Bearer {key.token}", "content-type": "application/json", **headers}
    connection = http.client.HTTPConnection("127.0.0.1", key.port, timeout=20)
    try:
        connection.request(method, path, body, {name: value for name, value in known.items() if value})
        return connection.getresponse().status
    finally:
        connection.close()


def test_a_message_that_is_sent_reaches_its_handler_with_its_attributes(running: Running, app: RunningApp) -> None:
    assert app.send("Work", {"order": 1}, attributes={"urgent": "yes"})
    assert app.send("Line", "plain text", attributes={}, group="ada")

    assert seen(running, "Work", 1)[0]["body"] == '{"order":1}'
    assert seen(running, "Work", 1)[0]["attributes"] == {"urgent": "yes"}
    assert seen(running, "Line", 1)[0]["body"] == "plain text"


def test_a_message_that_is_published_is_filtered_by_its_numbers(running: Running, app: RunningApp) -> None:
    app.publish("Events", "small", attributes={"total": 5})
    app.publish("Events", "large", attributes={"total": 5.5})

    assert {row["body"] for row in seen(running, "Events", 1)} == {"large"}


def test_a_schedule_fires_when_it_is_told_to(running: Running, app: RunningApp) -> None:
    app.tick("Nightly")

    assert seen(running, "tick", 1)


def test_a_function_is_invoked_and_tells_its_result_or_what_it_raised(app: RunningApp) -> None:
    assert app.invoke("Double", 21) == 42
    with pytest.raises(InvocationFailedError, match="Double failed: ValueError: not a number"):
        app.invoke("Double", "bad")


def test_a_function_that_takes_events_is_not_given_a_payload(app: RunningApp) -> None:
    with pytest.raises(InvalidValueError, match="'DeskRead' takes events of http, not a payload"):
        app.invoke("DeskRead", {})


def test_a_streams_records_are_delivered_again_from_the_time_on_that_is_named(
    running: Running, app: RunningApp, state: Path
) -> None:
    key = control_key.read(state)
    assert key is not None
    connection = http.client.HTTPConnection("127.0.0.1", key.port, timeout=20)
    connection.request("POST", "/clicks", b'{"page": "/"}', {"content-type": "application/json"})
    assert connection.getresponse().status == 204
    connection.close()
    seen(running, "Clicks", 1)

    app.replay("Clicks", "DeskSeeClicks", since=time.time() + 60)
    app.replay("Clicks", "DeskSeeClicks", since=0)
    assert [row["body"] for row in seen(running, "Clicks", 2)][:2] == ['{"page":"/"}'] * 2
    with pytest.raises(InvalidValueError, match="'DeskSeeClick' does not read stream 'Clicks': did you mean"):
        app.replay("Clicks", "DeskSeeClick", since=0)


def test_a_dead_letter_is_shown_whole_with_its_reason(running: Running, app: RunningApp) -> None:
    app.send("Work", "poison", attributes={"kept": "too"})
    running.wait_for(lambda: app.dead_letters("Work"))
    (letter,) = app.dead_letters("Work")

    assert letter.text() == "poison"
    assert letter.attributes["kept"] == "too"
    assert letter.attributes[ATTEMPTS] == "2"
    assert letter.attributes[REASON] == "ValueError: cannot be handled"
    assert app.dead_letters("Nightly") == []
    with pytest.raises(InvalidValueError, match="'Api' delivers nothing, so it has no dead letters"):
        app.dead_letters("Api")


def test_what_a_handler_could_not_send_the_commands_cannot_either(app: RunningApp) -> None:
    with pytest.raises(TooLargeError):
        app.send("Work", "x" * 300_000, attributes={})
    with pytest.raises(InvalidValueError, match="FIFO"):
        app.send("Line", "x", attributes={})
    with pytest.raises(InvalidValueError, match=r"no queue 'Wrok': did you mean 'Work'"):
        app.send("Wrok", "x", attributes={})
    with pytest.raises(InvalidValueError, match="no queue 'Events'"):
        app.send("Events", "x", attributes={})


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"authorization": ""}, 401),
        ({"authorization": "Bearer "}, 401),
        ({"authorization": "Bearer x"}, 401),
        ({"authorization": "Bearer \xe9\xe9"}, 401),
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "http://localhost:3000"}, 403),
        ({"origin": "null"}, 403),
        ({"host": "evil.example"}, 403),
        ({"content-type": "text/plain"}, 415),
        ({"content-type": ""}, 415),
    ],
)
def test_nobody_but_a_command_comes_in(state: Path, headers: dict[str, str], status: int) -> None:
    question = json.dumps({"action": "send", "name": "Work", "body": "forged"}).encode()

    assert ask(state, headers, question) == status


@pytest.mark.parametrize(("method", "path"), [("GET", PATH), ("OPTIONS", PATH), ("POST", f"{PATH}/x"), ("PUT", PATH)])
def test_only_the_one_question_is_answered(state: Path, method: str, path: str) -> None:
    assert ask(state, {}, method=method, path=path) == 405


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"\xff",
        b"{}",
        b"[" * 100_000,
        b'{"action": "__class__", "name": "Work"}',
        b'{"action": ["send"], "name": "Work"}',
        b'{"action": "send", "name": 5}',
        b'{"action": "replay", "name": "Clicks", "function": "DeskSeeClicks", "since": "x"}',
    ],
)
def test_a_malformed_question_is_refused(state: Path, body: bytes) -> None:
    assert ask(state, {}, body) == 400


@pytest.mark.parametrize("attributes", ["text", [1], {"a": {"b": 1}}, {"isthmus-correlation-id": "forged"}, {"": "x"}])
def test_attributes_that_are_none_are_refused(state: Path, attributes: object) -> None:
    question = {"action": "send", "name": "Work", "body": "x", "attributes": attributes}

    assert ask(state, {}, json.dumps(question).encode()) in (400, 422)


def test_a_question_that_is_too_large_is_refused(state: Path) -> None:
    assert ask(state, {}, b"x" * (BODY_LIMIT + 1)) == 413


def test_the_key_is_its_owners_alone_and_new_for_each_server(state: Path) -> None:
    file = state / control_key.FILE

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert len({control_key.new_token() for _ in range(100)}) == 100


def test_the_key_goes_with_the_server(tmp_path: Path) -> None:
    folder = tmp_path / "infra"
    folder.mkdir()
    (folder / "app.py").write_text("from isthmus import App\n\ndef app(target):\n    return App('empty')\n")
    server = Running(tmp_path, 0)
    server.wait_for(lambda: "Ctrl-C" in server.output)
    file = tmp_path / ".isthmus" / "dev" / control_key.FILE
    there = file.exists()
    server.process.send_signal(signal.SIGINT)
    code = server.process.wait(20)
    server.end()

    assert (there, code, file.exists()) == (True, 0, False)


def test_a_key_that_was_there_before_is_replaced_whatever_its_mode(tmp_path: Path) -> None:
    file = tmp_path / control_key.FILE
    file.write_text("{}")
    file.chmod(0o644)
    control_key.write(tmp_path, control_key.ControlKey(1, "token"))

    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert control_key.read(tmp_path) == (1, "token")


@pytest.mark.parametrize("text", [None, "", "[]", "{}", '{"port": "x", "token": "y"}', "\x00"])
def test_without_a_server_the_command_to_start_one_is_told(tmp_path: Path, text: str | None) -> None:
    if text is not None:
        (tmp_path / control_key.FILE).write_text(text)

    with pytest.raises(NotRunningError, match=r"in stage 'other'.*isthmus dev --stage other"):
        RunningApp(tmp_path, "other").tick("Nightly")


def test_a_server_that_has_ended_is_told_though_its_key_is_left(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    control_key.write(tmp_path, control_key.ControlKey(port, "token"))

    with pytest.raises(NotRunningError, match="isthmus dev"):
        RunningApp(tmp_path, "dev").tick("Nightly")


def test_another_server_on_the_port_is_not_taken_for_the_app(tmp_path: Path, state: Path) -> None:
    key = control_key.read(state)
    assert key is not None
    control_key.write(tmp_path, control_key.ControlKey(key.port, "a token of before"))

    with pytest.raises(NotRunningError):
        RunningApp(tmp_path, "dev").tick("Nightly")
