"""An app whose functions have more to know than their variables have room for."""

from __future__ import annotations

from isthmus import App, Target

ROUTES = {"per-route": 400, "one": 150}
"""How many routes the api has whose functions are such."""

SETTINGS = 80
HANDLERS = "tests.aws.large_handlers"


def large_app(_target: Target) -> App:
    """Declare an api with a function per route, one that a single function answers for, and a function of many links.

    On AWS itself one would have to ask for more than 300 routes.
    """
    app = App("large", removal="remove")
    items = app.table("Items", fields={"id": "string"}, primary_index="id")
    settings = [app.linkable(f"Setting{n}", properties={"url": f"https://host-{n}.example"}) for n in range(SETTINGS)]
    app.function("Keep", f"{HANDLERS}.keep", link=[items, *settings])
    for functions, count in ROUTES.items():
        name = functions.title().replace("-", "")
        api = app.api(name, transform={"functions": functions})
        answer = api.route("POST /shelves-0/items/{id}", f"{HANDLERS}.answer", name=f"{name}Answer")
        for n in range(1, count):
            api.route(f"POST /shelves-{n}/items/{{id}}", answer)
    return app
