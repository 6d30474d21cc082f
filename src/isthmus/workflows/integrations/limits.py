"""How much a task may take in and give back."""

DATA_BYTES = 262_144
"""The most bytes of a state's data, as JSON in UTF-8."""

HTTP_SECONDS = 60.0
"""How long an HTTP task waits for the whole answer."""

SYNC_SECONDS = 3600.0
"""How long a task waits at most for the end of an execution that it has started."""
