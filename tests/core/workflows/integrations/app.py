"""An app whose resources the integrations use; what its queue and its topic got comes to a table."""

from __future__ import annotations

from isthmus import App, Message, Resource, Target


def app(target: Target) -> App:
    app = App("shop", removal="remove")
    app.table("Users", fields={"id": "string"}, primary_index="id")
    app.table(
        "Orders",
        fields={"customer": "string", "day": "number", "state": "string"},
        primary_index=("customer", "day"),
        global_indexes={"byState": ("state", "day")},
    )
    got = app.table("Got", fields={"id": "string"}, primary_index="id")
    here = __name__
    keep = app.function("Keep", f"{here}.keep", link=[got])
    app.queue("Work").subscribe(keep)
    app.queue("Ordered", fifo=True).subscribe(keep)
    app.topic("News").subscribe(keep)
    app.bucket("Files")
    app.function("Double", f"{here}.double")
    return app


def keep(message: Message) -> None:
    """Keep a message where the test finds it."""
    text = message.text()
    Resource.Got.put({"id": message.id, "text": text, "attributes": dict(message.attributes)})


def double(payload: dict[str, int]) -> dict[str, int]:
    """Return twice the number."""
    if "n" not in payload:
        raise KeyError("n")
    return {"n": payload["n"] * 2}
