"""What workflows do by themselves to the resources of their app: through the clients that handlers have."""

from __future__ import annotations

import asyncio
from typing import Any

from isthmus import context
from isthmus.context import Context
from isthmus.envelope import CORRELATION_ID, TRACEPARENT
from isthmus.identities import link_properties
from isthmus.links import Link
from isthmus.workflows.frames import Call
from isthmus.workflows.integrations.integrate import integrate
from isthmus.workflows.resource_uris import UnmappedResourceError
from isthmus_local.linked import factories
from isthmus_local.loop_transport import LoopTransport
from isthmus_local.operations import Operations
from isthmus_local.workflow_envelope import carried, request_id
from isthmus_local.workflow_programs import Called, Program


class Integrations:
    """Does what an integration asks for; called in a thread."""

    def __init__(self, operations: Operations, objects: Any) -> None:
        transport = LoopTransport(asyncio.get_running_loop(), operations.perform)
        self._factories = factories(transport, lambda: objects)
        self._clients: dict[str, Any] = {}

    def __call__(self, program: Program, called: Called, call: Call) -> Any:
        """Return what an integration comes to; `StatesError` by the language's name for a failure."""
        token = context.current.set(_context(call))
        try:
            return integrate(called.task, call.arguments, lambda said: self._client(program, said))
        finally:
            context.current.reset(token)

    def _client(self, program: Program, said: str) -> Any:
        """Return a client of what a document calls by a name, with all verbs: the definition says what may be done."""
        try:
            resource = program.find(said)
        except UnmappedResourceError as error:
            raise LookupError(str(error)) from error
        if resource.name not in self._clients:
            link = Link(resource.kind, resource.name, resource.name, resource.verbs, link_properties(resource))
            self._clients[resource.name] = self._factories[resource.kind](link)
        return self._clients[resource.name]


def _context(call: Call) -> Context:
    """Return the context of a call: whatever it causes is told on whose behalf."""
    told = carried(call)
    return Context(
        request_id=request_id(call),
        correlation_id=told.get(CORRELATION_ID, ""),
        traceparent=told.get(TRACEPARENT, ""),
    )
