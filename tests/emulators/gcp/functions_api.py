"""The API of Cloud Functions, as far as it tells what is deployed.

https://cloud.google.com/functions/docs/reference/rest/v2/projects.locations.functions/list
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from tests.emulators.gcp.calls import Answer, Request
from tests.emulators.gcp.machine import FUNCTIONS
from tests.emulators.gcp.resources import Inputs, Resources

_LIST = re.compile(r"/v2/(projects/[^/]+/locations/[^/]+/functions)")


class FunctionsApi:
    """Tells of functions."""

    def __init__(self, resources: Resources) -> None:
        self._resources = resources

    async def answer(self, request: Request) -> Answer | None:
        """Answer a request of the REST API; None where it is none."""
        match = _LIST.fullmatch(request.path.decode("latin-1"))
        if request.method != "GET" or match is None:
            return None
        known = self._resources.all(FUNCTIONS)
        told = [_told(name, function) for name, function in known.items() if name.startswith(match[1])]
        return Answer(200, json.dumps({"functions": told}).encode(), ((b"content-type", b"application/json"),))


def _told(name: str, function: Inputs) -> Mapping[str, Any]:
    config: Mapping[str, Any] = function.get("serviceConfig") or {}
    return {"name": name, "environment": "GEN_2", "state": "ACTIVE", "serviceConfig": config}
