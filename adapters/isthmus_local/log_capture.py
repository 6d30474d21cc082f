"""What handlers log, and what the runtime warns of, while a test runs."""

from __future__ import annotations

import logging

from isthmus import context

FORMAT = "%(levelname)s %(name)s: %(message)s"

_LOGGERS = ("", "isthmus")  # the second too: an app may replace the handlers of the first, as `isthmus.logs` does


class LogCapture(logging.Handler):
    """Keeps the lines that are logged while an event is handled, and those of Isthmus itself, until `close`."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.errors: list[str] = []
        self._last: logging.LogRecord | None = None
        self.setFormatter(logging.Formatter(FORMAT))
        for name in _LOGGERS:
            logging.getLogger(name).addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record, once."""
        foreign = record.name.partition(".")[0] != "isthmus" and context.current.get() is None
        if foreign or record is self._last:
            return
        self._last = record
        line = self.format(record)
        self.lines.append(line)
        if record.levelno >= logging.ERROR:
            self.errors.append(line)

    def close(self) -> None:
        """Hear no more."""
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(self)
        super().close()
