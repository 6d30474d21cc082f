"""What a resource was named when it was made: it keeps its fixed name, and so what it holds."""

from __future__ import annotations

from isthmus.declarations.app import App
from isthmus.declarations.queue import Queue
from isthmus.shapes import is_mapping


def former_name(app: App, name: str) -> str:
    """Return the name that a resource had when it was made, `transform={"renamed_from": …}`; "" where it has no other.

    The dead-letter queue that comes with a resource is renamed with it.
    """
    for resource in app.resources:
        transform = resource.transform
        former = transform.get("renamed_from") if is_mapping(transform) else None
        if isinstance(former, str) and former:
            dead_letters = getattr(resource, "dead_letters", None)
            if resource.name == name:
                return former
            if isinstance(dead_letters, Queue) and dead_letters.name == name:
                return name.replace(resource.name, former, 1)
    return ""
