"""Which component each kind of resource comes to: the visible table, and what must hold before any of it is made."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from isthmus.components import ready as components
from isthmus.components.component import Component
from isthmus.declarations.function import Function as DeclaredFunction
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_gcp.infra.api import Api
from isthmus_gcp.infra.bucket import Bucket
from isthmus_gcp.infra.bundle import NoBundleError
from isthmus_gcp.infra.dead_letters import given_up
from isthmus_gcp.infra.deployables import absorbed, deployables, of_declared
from isthmus_gcp.infra.function import Function
from isthmus_gcp.infra.linkable import Linkable
from isthmus_gcp.infra.parameter import Parameter
from isthmus_gcp.infra.queue import Queue
from isthmus_gcp.infra.schedule import Schedule
from isthmus_gcp.infra.secret import Secret
from isthmus_gcp.infra.stream import Stream
from isthmus_gcp.infra.subscription import subscription
from isthmus_gcp.infra.table import Table
from isthmus_gcp.infra.topic import Topic
from isthmus_gcp.infra.workflow import Workflow

CLASSES: Mapping[str, type[Component[Any]]] = {
    "api": Api,
    "bucket": Bucket,
    "function": Function,
    "linkable": Linkable,
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
    for name in deployables(plan):
        if name not in prepared:
            raise NoBundleError(name, prepared)
    return prepared


def function(declared: DeclaredFunction, deployment: Deployment) -> Any:
    """Return the component of a function: the one function of its api, where it is made only as part of that."""
    api = absorbed(deployment.plan).get(id(declared))
    if api is not None:
        return deployment.component(api).functions[declared.name]
    deployable = of_declared(declared, deployment.plan)
    given_up(deployment, declared)
    return deployment.once(("function", declared.name), lambda: Function(deployable, deployment))


COMPONENTS: Mapping[str, Callable[[Any, Deployment], Any]] = {
    **CLASSES,
    "function": function,
    "subscription": subscription,
}
"""Kind of resource, or "subscription", to what makes its component: `provider.components`."""
