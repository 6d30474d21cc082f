"""The ids of one process's requests."""

from __future__ import annotations

import os
from itertools import count


class RequestIds:
    """Ids of 32 hexadecimal digits: 24 that are random, and made with the first request, and the request's number.

    The process is forked before that. Random digits for each request would be a call of the system, which lets other
    threads of the interpreter go first: under load it takes longer than all else that is done for a request.
    """

    __slots__ = ("_numbers", "_random")

    def __init__(self) -> None:
        self._numbers = count(1)
        self._random = ""

    def next(self) -> str:
        """Return the id of one more request."""
        if not self._random:
            self._random = os.urandom(12).hex()
        return f"{self._random}{next(self._numbers):08x}"
