"""Handlers to be named in the tests' apps; none of them is ever called."""

from __future__ import annotations

from typing import Any

from isthmus.context import Context
from isthmus.http.request import HttpRequest
from isthmus.message import Message
from isthmus.object_event import ObjectEvent
from isthmus.table_change import TableChange
from isthmus.tick import Tick

NOTHING = 5


def anything(event: Any) -> None: ...


def with_context(event: Any, context: Context) -> None: ...


async def later(event: Any) -> None: ...


def request(event: HttpRequest) -> None: ...


def message(event: Message) -> None: ...


def request_or_message(event: HttpRequest | Message) -> None: ...


def change(event: TableChange) -> None: ...


def object_event(event: ObjectEvent) -> None: ...


def tick(event: Tick) -> None: ...


def mapping(event: dict[str, Any]) -> None: ...


def unresolvable(event: NotToBeFound) -> None: ...  # type: ignore[name-defined]  # noqa: F821 # pyright: ignore


def three(event: Any, context: Context, more: str) -> None: ...


def none() -> None: ...


def keyword(event: Any, *, needed: str) -> None: ...
