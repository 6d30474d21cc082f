"""Small apps for the tests of components, and what those look at in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from isthmus.declarations.app import App, Removal
from isthmus.declarations.target import Target
from tests.aws.infra.mocks import ACCOUNT, REGION, Deployed, Registered

HANDLERS = "tests.core.plan.handlers"

QUEUE = "sqs/queue:Queue"
MAPPING = "eventSourceMapping:EventSourceMapping"
POLICY = "sqs/queuePolicy:QueuePolicy"


def shop(declare: Callable[[App], object], *, removal: Removal = "remove") -> Callable[[Target], App]:
    """Return an app that `declare` fills."""

    def app(_target: Target) -> App:
        app = App("shop", removal=removal, tags={"team": "shop"})
        declare(app)
        return app

    return app


def arn(service: str, rest: str) -> str:
    """Return an ARN of the tests' account."""
    return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{rest}"


def allowed(policy: Registered) -> list[dict[str, Any]]:
    """Return the statements of a resource policy that allow something."""
    return [statement for statement in policy.json("policy")["Statement"] if statement["Effect"] == "Allow"]


def kept(found: Deployed, name: str) -> tuple[bool, bool, bool]:
    """Return whether a child is protected, retained, and whether it refuses to be deleted before it is replaced."""
    request = found.named(name).request
    refuses = request.deleteBeforeReplaceDefined and not request.deleteBeforeReplace
    return request.protect, request.retainOnDelete, refuses


def follows(found: Deployed, later: str, earlier: str) -> bool:
    """Return whether one child is made only after another."""
    return found.named(earlier).urn in found.named(later).request.dependencies
