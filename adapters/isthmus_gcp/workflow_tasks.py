"""The handler of a workflow's own function: what a task asks of a resource, done by the client of that resource.

A payload is `{"resource": …, "action": …, "arguments": …}`, with "form" where the document calls as an SDK does. What
comes back, and how errors are called, is what the States Language's integrations do.
"""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.errors import BadRequestError
from isthmus.resource import Resource
from isthmus_gcp.events.shape import is_object
from isthmus_gcp.events.task import NamedFailureError

KINDS: Mapping[str, str] = {
    "send": "queue",
    "sendMessage": "queue",
    "publish": "topic",
    "putEvents": "topic",
    "getObject": "bucket",
    "putObject": "bucket",
}
"""The kind of resource that an action is done to; any other is a table's."""

FORMS = ("", "sdk", "json")
"""How what comes back may be asked for: see `isthmus.workflows.tasks.Task`."""

NEUTRAL = ("send",)
"""The actions of tasks that are no integration of the language."""


def handle(payload: Any) -> Any:
    """Do what a task asks and return its result."""
    from isthmus.workflows.integrations.integrate import integrate
    from isthmus.workflows.states_error import StatesError
    from isthmus.workflows.tasks import Task

    given: dict[str, Any] = payload if is_object(payload) else {}
    resource, action, form = given.get("resource"), given.get("action"), given.get("form", "")
    if not (isinstance(resource, str) and isinstance(action, str) and form in FORMS):
        raise BadRequestError("a workflow's task names a resource, an action and its arguments")
    client = getattr(Resource, resource)
    task = Task(
        kind=KINDS.get(action, "table"),
        action=action,
        integrated=action not in NEUTRAL,
        form=form,
    )
    try:
        return integrate(task, given.get("arguments"), lambda _: client)
    except StatesError as error:
        raise NamedFailureError(error.error, error.cause) from error
