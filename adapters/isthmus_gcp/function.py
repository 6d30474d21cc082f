"""One function on Cloud Functions: what comes goes to the server of HTTP, or to that of all events, as is declared."""

from __future__ import annotations

import os

from isthmus import handler as handlers
from isthmus import logs
from isthmus._typing import Any, Callable
from isthmus.invocations import Invocations
from isthmus.links import VARIABLE, Identity, decode
from isthmus.parts import part
from isthmus.resource import Scope, activate
from isthmus_gcp.linked import factories
from isthmus_gcp.serial import one_at_a_time
from isthmus_gcp.services import Services

WEB = "isthmus_gcp.web:Web"
"""What answers requests, as "module:class"."""

DELIVERIES = "isthmus_gcp.delivery.deliveries:Deliveries"
"""What takes all events."""


def start() -> Callable[[Any], Any]:
    """Return what answers a Flask request of the function that the environment names.

    Its links are connected, and its handler is loaded. A function that answers requests takes nothing else: whatever
    comes there is a request, whatever it looks like.
    """
    try:
        document = os.environ[VARIABLE]
    except KeyError:
        raise RuntimeError(
            f"the environment variable {VARIABLE} is not set: it says who this function is, and Isthmus sets it "
            "when it deploys"
        ) from None
    logs.configure(level=os.environ.get("ISTHMUS_LOG_LEVEL") or "INFO")
    identity = decode(document)
    services = Services(identity)
    os.register_at_fork(after_in_child=services.leave_to_parent)  # the framework loads a function, and forks then
    activate(Scope(identity, factories(services)))
    return served(identity, services)


def served(identity: Identity, services: Services) -> Callable[[Any], Any]:
    """Return what answers a Flask request to the function of `identity`."""
    invocations = Invocations(identity)
    handler: Any = handlers.load(identity.handler) if identity.handler else None
    if handler is not None and identity.handler in identity.serial:
        handler = one_at_a_time(handler)
    if "http" in identity.triggers:
        answer = part(WEB)(identity, invocations, handler).answer
    else:
        answer = part(DELIVERIES)(identity, services, invocations, handler).answer

    def handle(request: Any) -> Any:  # the framework takes a function, and no other callable
        return answer(request)

    return handle
