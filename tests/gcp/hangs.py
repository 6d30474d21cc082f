"""A module that takes long to import."""

from __future__ import annotations

import time

time.sleep(3)


def handle(request: object) -> str:
    return "at last"
