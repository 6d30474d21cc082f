"""Logs as a developer reads them: what `isthmus dev` shows of what handlers log."""

from __future__ import annotations

import logging

from isthmus.logs import extras


def configure() -> None:
    """Print the records of every logger, from INFO on, to standard error; an app may replace this by its own."""
    handler = logging.StreamHandler()
    handler.setFormatter(Readable())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)


class Readable(logging.Formatter):
    """The message, what `extra=` gave as name=value, and the traceback where there is one."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name is logging's
        """Return all but the traceback."""
        fields = "".join(f" {name}={value}" for name, value in extras(record).items())
        return f"{record.message}{fields}"
