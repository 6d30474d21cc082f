"""How Step Functions calls what a document names: by ARN, by URL, or by the fixed name."""

from __future__ import annotations

from collections.abc import Callable

from isthmus.declarations.function import Function
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus_aws.infra.arns import ALIAS, Arns
from isthmus_aws.infra.location import partition


class Addresses:
    """The addresses of an app's resources; `warm` tells whether a function is called by the alias of its instances."""

    def __init__(self, arns: Arns, warm: Callable[[Function], bool]) -> None:
        self.arns = arns
        self._warm = warm

    def integration(self, name: str) -> str:
        """Return the resource of one of Step Functions' integrations: "sqs:sendMessage"."""
        return f"arn:{partition(self.arns.plan.target.region)}:states:::{name}"

    def arn(self, resource: Resource) -> str:
        """Return what a resource is called by; a function by its alias, where it has warm instances."""
        return self.function(resource) if isinstance(resource, Function) else self.arns.of(resource)

    def function(self, function: Function) -> str:
        """Return what a function is called by."""
        arn = self.arns.of(function)
        return f"{arn}:{ALIAS}" if self._warm(function) else arn

    def queue_url(self, queue: Queue) -> str:
        """Return the URL of a queue."""
        return self.arns.queue_url(queue.name)

    def named(self, naming: str, resource: Resource) -> str:
        """Return what stands for a resource in the argument `naming` of an integration."""
        if isinstance(resource, Queue):
            return self.queue_url(resource)
        if naming.rpartition(".")[2] in ("TableName", "Bucket"):
            return self.arns.name(resource.kind, resource.name)
        return self.arn(resource)
