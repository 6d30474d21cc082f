"""A provider that can do what the commands ask for, and notes it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from click.testing import Result

from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.message import Message
from isthmus.tool_ports import DevOptions, SecretInfo
from tests.fakes import FakeProvider

Run = Callable[..., Result]
"""Runs a command in a project whose declaration is the first argument."""


class Info:
    def __init__(self, name: str, version: int) -> None:
        self.name = name
        self.version = version


class Store:
    """Secrets of a test: names to values, in the order in which they were set."""

    def __init__(self) -> None:
        self.kept: dict[str, list[str]] = {}

    def set(self, name: str, value: str) -> int:
        self.kept.setdefault(name, []).append(value)
        return len(self.kept[name])

    def list(self) -> list[SecretInfo]:
        return [Info(name, len(values)) for name, values in self.kept.items()]

    def remove(self, name: str) -> bool:
        return self.kept.pop(name, None) is not None


class Live:
    """A running app of a test: it notes what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[Any, ...]] = []
        self.letters: list[Message] = []

    def invoke(self, function: str, payload: Any) -> Any:
        self.asked.append(("invoke", function, payload))
        return {"got": payload}

    def send(self, queue: str, body: Any, *, attributes: Mapping[str, str], group: str | None = None) -> str:
        self.asked.append(("send", queue, body, dict(attributes), group))
        return "message-1"

    def publish(self, topic: str, body: Any, *, attributes: Mapping[str, str | int | float]) -> str:
        self.asked.append(("publish", topic, body, dict(attributes)))
        return "message-2"

    def tick(self, schedule: str) -> None:
        self.asked.append(("tick", schedule))

    def replay(self, stream: str, function: str, *, since: float) -> None:
        self.asked.append(("replay", stream, function, since))

    def dead_letters(self, source: str) -> list[Message]:
        return self.letters


class Capable(FakeProvider):
    """A provider that keeps secrets, runs apps here, and reaches those that run."""

    def __init__(self) -> None:
        super().__init__()
        self.store = Store()
        self.asked: list[DevOptions] = []
        self.live = Live()

    def running(self, app: App, target: Target) -> Live:
        assert (app.name, target.stage) == ("shop", "dev")
        return self.live

    def secrets(self, app_name: str, target: Target) -> Store:
        assert (app_name, target.stage) == ("shop", "dev")
        return self.store

    def dev(self, options: DevOptions) -> int:
        self.asked.append(options)
        return 3
