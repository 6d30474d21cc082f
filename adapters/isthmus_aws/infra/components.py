"""Which component each kind of resource comes to: the visible table, and what must hold before any of it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from isthmus.components import ready as components
from isthmus.components.component import Component
from isthmus.declarations.function import Function as DeclaredFunction
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_aws.infra.api import Api
from isthmus_aws.infra.api_functions import absorbed, bundle_keys
from isthmus_aws.infra.bucket import Bucket
from isthmus_aws.infra.bundle import NoBundleError
from isthmus_aws.infra.function import Function
from isthmus_aws.infra.inbox import Inbox, is_started
from isthmus_aws.infra.parameter import Parameter
from isthmus_aws.infra.queue import Queue
from isthmus_aws.infra.schedule import Schedule
from isthmus_aws.infra.secret import Secret
from isthmus_aws.infra.stream import Stream
from isthmus_aws.infra.subscription import subscription
from isthmus_aws.infra.table import Table
from isthmus_aws.infra.topic import Topic
from isthmus_aws.infra.workflow import Workflow

CLASSES: Mapping[str, type[Component[Any]]] = {
    "api": Api,
    "bucket": Bucket,
    "function": Function,
    "parameter": Parameter,
    "queue": Queue,
    "schedule": Schedule,
    "secret": Secret,
    "stream": Stream,
    "table": Table,
    "topic": Topic,
    "workflow": Workflow,
}
"""Kind of resource to the class of its component."""


def ready(plan: Plan) -> None:
    """Look at what each component is going to be, and raise `NotReadyError` with whatever would stop one."""
    components.ready(plan, CLASSES, absorbed(plan))


def complete(plan: Plan, prepared: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what has been prepared; `NoBundleError` where the code of a function has not been."""
    for key in bundle_keys(plan):
        if key not in prepared:
            raise NoBundleError(key, prepared)
    return prepared


def function(declared: DeclaredFunction, deployment: Deployment) -> Any:
    """Return the component of a function: the one function of its api, where it is made only as part of that."""
    api = absorbed(deployment.plan).get(id(declared))
    if api is None:
        made = Function(declared, deployment)
        if is_started(deployment.plan, declared):
            Inbox(declared, deployment, made)
        return made
    return deployment.component(api).functions[declared.name]


def nothing(_declared: Any, _deployment: Deployment) -> None:
    """Make nothing: what is linked is in the link itself."""


COMPONENTS: Mapping[str, Callable[[Any, Deployment], Any]] = {
    **CLASSES,
    "function": function,
    "linkable": nothing,
    "subscription": subscription,
}
"""Kind of resource, or "subscription", to what makes its component: `provider.components`."""
