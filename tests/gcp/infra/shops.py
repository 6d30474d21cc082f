"""Small apps for the tests of components, and what those look at in common."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from isthmus.declarations.app import App, Removal
from isthmus.declarations.target import Target
from tests.gcp.infra.mocks import ACCOUNT, NUMBER, Deployed, Registered

HANDLERS = "tests.core.plan.handlers"

AGENT = f"serviceAccount:service-{NUMBER}@gcp-sa-pubsub.iam.gserviceaccount.com"
"""The service agent of Pub/Sub."""


def shop(declare: Callable[[App], object], *, removal: Removal = "remove") -> Callable[[Target], App]:
    """Return an app that `declare` fills."""

    def app(_target: Target) -> App:
        app = App("shop", removal=removal, tags={"team": "shop"})
        declare(app)
        return app

    return app


def email(found: Deployed, name: str) -> str:
    """Return the address of the account of a function."""
    return f"{found.named(f'{name}-account').inputs['accountId']}@{ACCOUNT}.iam.gserviceaccount.com"


def member(found: Deployed, name: str) -> str:
    """Return the same as a policy has it."""
    return f"serviceAccount:{email(found, name)}"


def members(found: Deployed, kind: str, role: str) -> list[str]:
    """Return who has a role at resources of a kind, such as `pubsub/topicIAMMember:TopicIAMMember`."""
    return sorted(one.inputs["member"] for one in found.of(kind) if one.inputs["role"] == role)


def service(found: Deployed, name: str) -> dict[str, Any]:
    """Return how the service of a function runs."""
    config: dict[str, Any] = found.named(f"{name}-function").inputs["serviceConfig"]
    return config


def variables(found: Deployed, name: str) -> dict[str, str]:
    """Return the environment variables of a function."""
    given: dict[str, str] = service(found, name)["environmentVariables"]
    return given


def identity(found: Deployed, name: str) -> dict[str, Any]:
    """Return who a function is."""
    document: dict[str, Any] = json.loads(variables(found, name)["ISTHMUS"])
    return document


def address(found: Deployed, name: str) -> str:
    """Return where a function is called."""
    inputs = found.named(f"{name}-function").inputs
    return f"https://{inputs['location']}-{ACCOUNT}.cloudfunctions.net/{inputs['name']}"


def kept(found: Deployed, name: str) -> tuple[bool, bool, bool]:
    """Return whether a child is protected, retained, and whether it refuses to be deleted before it is replaced."""
    request = found.named(name).request
    refuses = request.deleteBeforeReplaceDefined and not request.deleteBeforeReplace
    return request.protect, request.retainOnDelete, refuses


def follows(found: Deployed, later: str, earlier: str) -> bool:
    """Return whether one child is made only after another."""
    return found.named(earlier).urn in found.named(later).request.dependencies


def only(found: list[Registered]) -> Registered:
    """Return the one resource of a list."""
    (one,) = found
    return one
