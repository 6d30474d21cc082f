"""Many messages in one call: prepared one by one, sent in chunks, and each that was refused is named."""

from __future__ import annotations

from isthmus._typing import Any, Callable, Iterable, Iterator, Sequence, TypeAlias
from isthmus.errors import InvalidValueError, PartialSendError, ServiceError, TooLargeError

Send: TypeAlias = "Callable[[Sequence[Any]], Sequence[str | ServiceError]]"
"""Sends a chunk of messages and returns each one's id, or in its place the error why it was refused."""


def send_all(
    bodies: Iterable[Any],
    prepared: Callable[[Any], tuple[Any, ...]],
    send: Send,
    *,
    most: int,
    most_bytes: int,
) -> list[str]:
    """Send `bodies` in chunks and return their ids, in order; `PartialSendError` names those that were refused.

    `prepared` makes a message of a body: a tuple that begins with its bytes; what it raises, that body is refused for.
    A chunk is full at `most` messages or at `most_bytes`; a `ServiceError` that `send` raises counts for all of it.
    """
    ids: list[str] = []
    failed: list[tuple[int, str]] = []
    total = 0
    for chunk in _chunks(bodies, prepared, failed, most, most_bytes):
        total = chunk.end
        for position, answer in zip(chunk.positions, _sent(chunk, send), strict=True):
            if isinstance(answer, str):
                ids.append(answer)
            else:
                failed.append((position, str(answer)))
    if failed:
        raise PartialSendError(sorted(failed), total)
    return ids


def _sent(chunk: _Chunk, send: Send) -> Sequence[str | ServiceError]:
    try:
        return send(chunk.messages) if chunk.messages else ()
    except ServiceError as error:
        return [error] * len(chunk.messages)


class _Chunk:
    """Messages to send in one call; `end` is how many bodies were seen up to here, refused ones included."""

    __slots__ = ("end", "messages", "positions", "size")

    def __init__(self) -> None:
        self.messages: list[Any] = []
        self.positions: list[int] = []
        self.size = 0
        self.end = 0

    def add(self, position: int, message: Any) -> None:
        self.messages.append(message)
        self.positions.append(position)
        self.size += len(message[0])


def _chunks(
    bodies: Iterable[Any],
    prepared: Callable[[Any], tuple[Any, ...]],
    failed: list[tuple[int, str]],
    most: int,
    most_bytes: int,
) -> Iterator[_Chunk]:
    chunk = _Chunk()
    for position, body in enumerate(bodies):
        chunk.end = position + 1
        try:
            chunk.add(position, prepared(body))
        except (InvalidValueError, TooLargeError) as error:
            failed.append((position, str(error)))
        if len(chunk.messages) >= most or chunk.size >= most_bytes:
            yield chunk
            chunk = _Chunk()
    if chunk.end:
        yield chunk
