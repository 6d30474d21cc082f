"""An object as a file that is open for reading: its bytes come from S3 as they are read."""

from __future__ import annotations

import io

from isthmus._typing import Any, Callable

BUFFER = 256 * 1024
"""How many bytes are taken from the connection at a time."""


class _Body(io.RawIOBase):
    """The body of a botocore answer; `failed` makes the error to raise of one that cuts it short (None: raise it)."""

    def __init__(self, body: Any, failed: Callable[[Exception], Exception | None]) -> None:
        super().__init__()
        self._body = body
        self._failed = failed

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            data: bytes = self._body.read(len(buffer))
        except Exception as error:
            failed = self._failed(error)
            if failed is None:
                raise
            raise failed from error
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()


def open_body(body: Any, failed: Callable[[Exception], Exception | None]) -> io.BufferedReader:
    """Return the body of an answer as a file: `read(n)`, lines, `with`, but no `seek`."""
    return io.BufferedReader(_Body(body, failed), BUFFER)
