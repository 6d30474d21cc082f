"""Where a function is called: https://cloud.google.com/functions/docs/calling/http#url."""

from __future__ import annotations

import os

VARIABLE = "CLOUD_FUNCTIONS_EMULATOR_HOST"
"""The variable that names the host and port of what stands in for Cloud Functions."""


def address(project: str, region: str, name: str) -> str:
    """Return the address of a function: known from its name, so that links may be mutual."""
    emulator = os.environ.get(VARIABLE)
    if emulator:
        return f"http://{emulator}/{project}/{region}/{name}"
    return f"https://{region}-{project}.cloudfunctions.net/{name}"
