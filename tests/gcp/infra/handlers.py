"""Handlers for apps that are deployed under mocks, and never run."""

from __future__ import annotations

from isthmus import HttpRequest, Message, ObjectEvent, TableChange


def answer(request: HttpRequest) -> str:
    return request.path


def other(request: HttpRequest) -> str:
    return request.path


def work(payload: object) -> object:
    return payload


def message(message: Message) -> None:
    message.json()


def stored(event: ObjectEvent) -> str:
    return event.key


def changed(change: TableChange) -> object:
    return change.new
