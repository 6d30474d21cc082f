"""A small app whose handlers do what a message asks for, to see how a test of one fares."""

from __future__ import annotations

import logging
import os
import time

from isthmus import App, Context, HttpRequest, HttpResponse, Message, ObjectEvent, Resource, TableChange, Target, Tick

log = logging.getLogger("desk")


def app(target: Target) -> App:
    app = App("desk", removal="remove")
    rows = app.table(
        "Rows",
        fields={"id": "string", "owner": "string"},
        primary_index="id",
        global_indexes={"byOwner": "owner"},
        ttl="expires",
    )
    work = app.queue("Work", max_attempts=2, retry_delay=5, visibility_timeout=60)
    news = app.topic("News")
    files = app.bucket("Files")
    secret = app.secret("Key")
    clicks = app.stream("Clicks")
    api = app.api("Api")
    here = "tests.testing.desk_app"
    api.route("POST /rows", f"{here}.create", link=[rows, news.publish])
    api.route("GET /rows/{id}", f"{here}.read", link=[rows.read])
    api.route("GET /steal", f"{here}.steal", link=[rows.read])
    api.route("GET /secret", f"{here}.secret", link=[secret])
    api.route("GET /mode", f"{here}.mode", environment={"DESK_MODE": "quiet"})
    api.route("GET /sleep", f"{here}.sleep", timeout=0.3)
    work.subscribe(f"{here}.work", link=[rows], timeout=1)
    news.subscribe(work)
    files.subscribe(f"{here}.stored", link=[rows])
    clicks.subscribe(f"{here}.clicked", link=[rows])
    rows.subscribe(f"{here}.changed", link=[rows])
    app.schedule("Hourly", "rate(1 hour)", f"{here}.hourly", payload={"n": 1}, link=[rows])
    app.function("Double", f"{here}.double", link=[rows])
    return app


def create(request: HttpRequest) -> HttpResponse:
    row = {**request.json(), "done": 0}
    Resource.Rows.put(row)
    Resource.News.publish({"id": row["id"]})
    return HttpResponse.json(row, status=201)


def read(request: HttpRequest) -> object:
    return Resource.Rows.get(request.params["id"])


def steal(request: HttpRequest) -> None:
    Resource.Rows.delete("a")


def secret(request: HttpRequest) -> str:
    value: str = Resource.Key.value()
    return value


def mode(request: HttpRequest) -> str:
    return os.environ["DESK_MODE"]


def sleep(request: HttpRequest) -> str:
    time.sleep(float(request.query["seconds"]))
    return "slept"


def work(message: Message) -> None:
    body = message.json()
    log.warning("working on %s", body["id"])
    if body.get("fail"):
        raise RuntimeError(f"cannot work on {body['id']}")
    time.sleep(body.get("pause", 0))
    Resource.Rows.update(body["id"], add={"done": 1})


def stored(event: ObjectEvent) -> None:
    Resource.Rows.update(f"{event.kind} {event.key}", set={"size": event.size})


def clicked(message: Message) -> None:
    Resource.Rows.update(f"click {message.json()['n']}", add={"seen": 1})


def changed(change: TableChange) -> None:
    if change.key["id"].startswith("watched"):
        Resource.Rows.put({"id": f"saw {change.key['id']}", "kind": change.kind, "expired": change.expired})


def hourly(tick: Tick) -> None:
    Resource.Rows.update("hours", add={"n": tick.payload["n"]}, set={"due": tick.due})


def double(payload: int, context: Context) -> int:
    return 2 * payload
