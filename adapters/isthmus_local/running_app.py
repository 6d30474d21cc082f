"""A running `isthmus dev`, as the commands of another terminal reach it: see `isthmus.tool_ports.RunningApp`."""

from __future__ import annotations

import http.client
import json
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from isthmus.envelope import incoming
from isthmus.errors import IsthmusError
from isthmus.message import Message
from isthmus.shapes import is_mapping
from isthmus_local import control_key, wire_errors
from isthmus_local.control import PATH
from isthmus_local.running_executions import RunningExecutions
from isthmus_local.server import HOST

CONNECT = 5.0
"""Seconds in which the server must take the connection; its answer may take as long as the function does."""


class NotRunningError(IsthmusError, ConnectionError):
    """No `isthmus dev` serves the stage."""

    def __init__(self, stage: str) -> None:
        command = "isthmus dev" if stage == "dev" else f"isthmus dev --stage {stage}"
        super().__init__(f"the app does not run here in stage {stage!r}: start it in another terminal: {command}")


class RunningApp:
    """The app that runs with the state in `directory`."""

    def __init__(self, directory: Path, stage: str) -> None:
        self._directory = directory
        self._stage = stage

    def invoke(self, function: str, payload: Any) -> Any:
        """Call a function with a JSON payload and return its result."""
        return self._ask("invoke", function, payload=payload)

    def send(self, queue: str, body: Any, *, attributes: Mapping[str, str], group: str | None = None) -> str:
        """Send a message to a queue and return its id."""
        return str(self._ask("send", queue, body=body, attributes=dict(attributes), group=group))

    def publish(self, topic: str, body: Any, *, attributes: Mapping[str, str | int | float]) -> str:
        """Publish a message to a topic and return its id."""
        return str(self._ask("publish", topic, body=body, attributes=dict(attributes)))

    def tick(self, schedule: str) -> None:
        """Let a schedule fire now."""
        self._ask("tick", schedule)

    def replay(self, stream: str, function: str, *, since: float) -> None:
        """Deliver a stream's kept records again to a function, from the time `since` on."""
        self._ask("replay", stream, function=function, since=since)

    def dead_letters(self, source: str) -> list[Message]:
        """Return what could not be handled of a source, the oldest first."""
        return [_message(letter, source) for letter in self._ask("dead_letters", source)]

    def workflow(self, name: str) -> RunningExecutions:
        """Return the executions of a workflow."""
        return RunningExecutions(self._ask, name)

    def _ask(self, action: str, name: str, **arguments: Any) -> Any:
        key = control_key.read(self._directory)
        if key is None:
            raise NotRunningError(self._stage)
        question = json.dumps({"action": action, "name": name, **arguments}).encode()
        try:
            status, body = _post(key, question)
            answer = json.loads(body)
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise NotRunningError(self._stage) from error
        if status == http.client.UNAUTHORIZED or not (is_mapping(answer) and {"result", "error"} & answer.keys()):
            raise NotRunningError(self._stage)  # another server has the port by now
        return _result(answer)


def _post(key: control_key.ControlKey, question: bytes) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(HOST, key.port, timeout=CONNECT)
    try:
        connection.connect()
        connection.sock.settimeout(None)
        headers = {"authorization": f"Bearer {key.token}", "content-type": "application/json"}
        connection.request("POST", PATH, question, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _result(answer: Mapping[str, Any]) -> Any:
    if "result" in answer:
        return answer["result"]
    raise wire_errors.decode((str(answer.get("error")), str(answer.get("message")), {}))


def _message(letter: Mapping[str, Any], source: str) -> Message:
    return Message(
        b64decode(letter["body"]),
        id=letter["id"],
        attributes=incoming(letter["attributes"])[0],
        source=source,
        attempt=letter["attempts"] + 1,
        sent_at=letter["sent"],
        group=letter["group"],
    )
