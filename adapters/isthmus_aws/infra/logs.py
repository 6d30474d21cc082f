"""Who reads a log: the mappings of each function that subscribes to a stream, or to the changes of a table."""

from __future__ import annotations

from typing import Any

import pulumi

from isthmus.components.component import Component
from isthmus.declarations.function import Function
from isthmus.declarations.resource import Resource
from isthmus_aws.infra.arns import Arns
from isthmus_aws.infra.mapping import Filters, read_log
from isthmus_aws.infra.redrive import dead_letters_of


def read_by(owner: Component[Any], declared: Resource, log: pulumi.Input[str], *, filters: Filters) -> None:
    """Map the log with the ARN `log` to each function that subscribes to `declared`, as children of `owner`."""
    plan = owner.deployment.plan
    dead_letters = dead_letters_of(plan, declared)
    for subscription in plan.app.subscriptions:
        function = subscription.target
        if subscription.source is declared and isinstance(function, Function) and dead_letters is not None:
            queue = owner.deployment.component(dead_letters).queue
            arn = Arns(plan).of(dead_letters)
            read_log(owner, subscription, function, log, dead_letters=arn, filters=filters, depends_on=[queue])
