"""A small app with one of each that holds data, and what a test changes about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from isthmus.declarations.app import App
from isthmus.declarations.target import Target

Change = Mapping[str, Any]

CHANGES: Mapping[str, Change] = {
    "": {},
    "key": {"key": "sku"},
    "renamed": {"name": "Goods", "transform": {"renamed_from": "Stock"}},
    "other-indexes": {"indexes": {"byMaker": ("maker", "item")}},
    "no-index": {"indexes": {}},
    "no-reader": {"handler": ""},
    "other-settings": {"attempts": 9, "memory": 1024, "timeout": 20},
    "bad-link": {"stranger": True},
    "large": {"environment": {"BIG": "x" * 4096}},
    "bad-bundle": {"handler": "tests.aws.engine.program.unbundled.read"},
    "adopt": {"transform": {"adopt": True}},
}
"""Name of a change to the arguments of `declare` that it comes to."""


def shop(change: str, name: str = "shop") -> Callable[[Target], App]:
    """Return the declaration of the app, changed."""
    return lambda target: declare(target, app_name=name, **CHANGES[change])


def declare(
    target: Target,
    *,
    app_name: str = "shop",
    name: str = "Stock",
    key: str = "item",
    indexes: Mapping[str, Any] | None = None,
    transform: Mapping[str, Any] | None = None,
    handler: str = "functions.inventory.reserve",
    attempts: int = 5,
    memory: int = 512,
    timeout: int = 30,
    stranger: bool = False,
    environment: Mapping[str, str] | None = None,
) -> App:
    """Declare it."""
    app = App(app_name, removal="retain" if target.stage == "production" else "remove")
    app.table(
        name,
        fields={key: "string", "maker": "string"},
        primary_index=key,
        global_indexes={"byMaker": "maker"} if indexes is None else indexes,
        transform=transform,
    )
    work = app.queue("Work", max_attempts=attempts, visibility_timeout=180)
    events = app.topic("Events")
    events.subscribe(work)
    link = [App("other").queue("Strange").send] if stranger else []
    if handler:
        options: Any = {"memory": memory, "timeout": timeout, "environment": environment or {}}
        work.subscribe(handler, name="Reader", link=link, **options)
    app.bucket("Pictures").subscribe("functions.images.process", name="Looker")
    app.output(work=work)
    return app
