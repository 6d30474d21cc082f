"""An app that asks its functions to do what their links say, and what they do not say."""

from __future__ import annotations

from typing import Any

from isthmus import App, Target
from isthmus.declarations.resource import Resource

HANDLER = "tests.emulators.sdk_calls.attempt"


def auth_app(target: Target) -> App:
    """Declare a resource of each kind, and a function for each verb that has that one alone."""
    app = App("auth", removal="remove")
    resources: dict[str, Any] = {
        "Items": app.table("Items", fields={"id": "string", "owner": "string"}, primary_index="id"),
        "Work": app.queue("Work"),
        "News": app.topic("News"),
        "Files": app.bucket("Files"),
        "Clicks": app.stream("Clicks"),
        "Key": app.secret("Key"),
        "Other": app.function("Other", "tests.emulators.sdk_calls.other"),
    }
    for resource in resources.values():
        for verb in verbs(resource):
            app.function(name(resource.name, verb), HANDLER, link=[getattr(resource, verb)])
    return app


def verbs(resource: Resource) -> tuple[str, ...]:
    """Return all that one may do with a resource."""
    return type(resource).verbs


def name(resource: str, verb: str) -> str:
    """Return the name of the function that may do one thing."""
    return f"{resource}{verb.title()}"
