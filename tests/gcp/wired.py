"""Requests as bytes, for what no client would send."""

from __future__ import annotations

import socket
from collections.abc import Mapping

ORIGIN = "https://example.com"
HEAD = f"Host: x\r\nOrigin: {ORIGIN}\r\n"


class Answer:
    """One answer as it came."""

    def __init__(self, head: bytes, body: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        self.status = int(first.split(" ")[1])
        self.lines = [line.partition(": ")[::2] for line in lines]
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in self.lines}
        self.body = body


def sent(port: int, data: str | bytes, *, shut: bool = False, patience: float = 10) -> bytes:
    """Send bytes, and return all that comes until the server closes the connection or says nothing more for long."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.settimeout(patience)
        connection.sendall(data if isinstance(data, bytes) else data.encode("latin-1"))
        if shut:
            connection.shutdown(socket.SHUT_WR)
        pieces: list[bytes] = []
        try:
            while piece := connection.recv(65536):
                pieces.append(piece)
        except (TimeoutError, ConnectionResetError):
            pass
        return b"".join(pieces)


def answers(data: bytes, *, heads: bool = False) -> list[Answer]:
    """Return the answers in what came, but those that only say 100; `heads` where they are answers to HEAD."""
    found: list[Answer] = []
    while data:
        head, _, rest = data.partition(b"\r\n\r\n")
        answer = Answer(head, b"")
        length = 0 if heads else int(answer.headers.get("content-length", "0"))
        answer.body, data = rest[:length], rest[length:]
        if answer.status != 100:
            found.append(answer)
    return found


def asked(port: int, request: str, *, shut: bool = False) -> Answer:
    """Send a request, its headers after the first line left out where it has none, and return the one answer."""
    first, _, rest = request.partition("\r\n")
    data = f"{first}\r\n{HEAD}{rest}" if rest else f"{first}\r\n{HEAD}Connection: close\r\n\r\n"
    (answer,) = answers(sent(port, data, shut=shut))
    return answer
