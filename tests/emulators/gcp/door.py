"""The control door: `/_cloud/KIND/NAME` holds what is deployed, and a few verbs let tests look and break things.

`PUT` deploys a resource, `GET` returns it, `DELETE` removes it, each in JSON. `GET /_cloud` tells the variables that
lead to all services, `GET /_cloud/logs` what the instances of each function have written, `POST /_cloud/kill/NAME`
kills the instances of a function as they stand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from tests.emulators.gcp.calls import Answer, Request
from tests.emulators.gcp.machine import Machine
from tests.emulators.gcp.resources import Resources

PREFIX = b"/_cloud"
_JSON = ((b"content-type", b"application/json"),)


class Door:
    """Answers at `PREFIX`."""

    def __init__(self, resources: Resources, machine: Machine, variables: Callable[[], Mapping[str, str]]) -> None:
        self._resources = resources
        self._machine = machine
        self._variables = variables

    async def answer(self, request: Request) -> Answer:
        """Answer a request to the door."""
        path = request.path.decode().split("/", 3)
        kind, name = path[2] if len(path) > 2 else "", path[3] if len(path) > 3 else ""
        if not kind:
            return _json(dict(self._variables()))
        if kind == "logs":
            return _json({name: service.log for name, service in self._machine.services().items()})
        if kind == "kill":
            return _json({"killed": self._machine.kill(name)})
        return self._resource(request, kind, name)

    def _resource(self, request: Request, kind: str, name: str) -> Answer:
        if request.method == "PUT":
            self._resources.put(kind, name, json.loads(request.body))
            return _json({})
        found = self._resources.get(kind, name) if name else self._resources.all(kind)
        if found is None:
            return Answer(404, b"{}", _JSON)
        if request.method == "DELETE":
            self._resources.drop(kind, name)
        return _json(dict(found))


def _json(value: Mapping[str, Any]) -> Answer:
    return Answer(200, json.dumps(value).encode(), _JSON)
