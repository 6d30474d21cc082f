"""The app that the contract is proved with: one of each kind, with `def` and `async def` handlers for each event.

What a provider declares unsupported is left out: there the contract's tests prove that it is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeAlias

from isthmus.capabilities import Capabilities, Unsupported
from isthmus.declarations.api import Api, Cors
from isthmus.declarations.app import App
from isthmus.declarations.bucket import Bucket
from isthmus.declarations.queue import Queue
from isthmus.declarations.subscription import Filter
from isthmus.declarations.table import Table
from isthmus.declarations.target import Target
from isthmus.providers import find
from isthmus.testing.contract.machines import EXPRESS, EXPRESSIONS, MACHINES

HANDLERS = "isthmus.testing.contract.handlers"
TOPIC_FILTERS: Mapping[str, Filter] = {
    "Everything": {},
    "Exact": {"type": ["order.placed", "order.paid"]},
    "Prefix": {"type": [{"prefix": "order."}]},
    "AnythingBut": {"type": [{"anything-but": ["order.lost"]}]},
    "Numeric": {"weight": [{"numeric": [">", 5, "<=", 9.5]}]},
    "ExactNumber": {"weight": [7]},
    "Exists": {"urgent": [{"exists": True}]},
    "Absent": {"urgent": [{"exists": False}]},
    "Both": {"type": [{"prefix": "order."}], "weight": [{"numeric": [">=", 5]}]},
}
"""Function name to the filter of its subscription to the topic `Events`: every form of filter that there is."""


FILTER_FORMS: Mapping[str, tuple[str, ...]] = {
    "Everything": (),
    "Exact": ("exact",),
    "Prefix": ("prefix",),
    "AnythingBut": ("anything-but",),
    "Numeric": ("numeric",),
    "ExactNumber": ("exact",),
    "Exists": ("exists",),
    "Absent": ("exists",),
    "Both": ("prefix", "numeric"),
}
"""Function name to the forms of filter that its subscription needs."""

Can: TypeAlias = "Callable[[str], bool]"
"""Says whether the provider supports a feature."""


def heard(can: Can) -> list[str]:
    """Return the functions that hear the topic `Events`: those whose filters the provider supports."""
    return [name for name, forms in FILTER_FORMS.items() if all(can(f"filter.{form}") for form in forms)]


def contract_app(target: Target) -> App:
    """Declare the app for a target whose provider is installed."""
    return declare(find(target.provider).capabilities)


def declare(capabilities: Capabilities) -> App:
    """Declare as much of the app as `capabilities` allow."""

    def can(feature: str) -> bool:
        return not isinstance(capabilities.support(feature), Unsupported)

    app = App("contract", removal="remove")
    seen = app.table("Seen", fields={"case": "string", "id": "string"}, primary_index=("case", "id"))
    items = _tables(app, seen, can)
    works = _queues(app, seen, can)
    _topics(app, seen, works, can)
    if can("stream"):
        _streams(app, seen)
    files = _buckets(app, seen)
    _schedules(app, seen)
    _functions(app, seen, items, works[0])
    _trail(app, seen, files)
    _apis(app, can)
    if can("workflow"):
        _workflows(app, seen, can)
    return app


def _tables(app: App, seen: Table, can: Can) -> Table:
    """Declare a table for each form of key, and who hears of the changes of `Items`."""
    items = app.table(
        "Items",
        fields={"id": "string", "owner": "string", "rank": "number", "label": "string"},
        primary_index="id",
        global_indexes={"byOwner": ("owner", "rank"), "byLabel": "label"},
        ttl="expires" if can("table.ttl") else None,
    )
    items.subscribe(f"{HANDLERS}.tables.changed", name="Changed", link=[seen])
    items.subscribe(f"{HANDLERS}.tables.noticed", name="Noticed", link=[seen])
    app.table("Books", fields={"shelf": "string", "title": "string"}, primary_index=("shelf", "title"))
    app.table("Readings", fields={"sensor": "string", "at": "number"}, primary_index=("sensor", "at"))
    app.table("Digests", fields={"digest": "binary", "part": "binary"}, primary_index=("digest", "part"))
    return items


def _queues(app: App, seen: Table, can: Can) -> tuple[Queue, Queue]:
    """Declare a queue for each way to be served; dead letters are recorded by a function of their own."""
    work = app.queue("Work", max_attempts=3, visibility_timeout=30, retry_delay=0.1)
    work.subscribe(f"{HANDLERS}.queues.work", name="Worker", batch_size=10, link=[seen])
    errands = app.queue("Errands", max_attempts=2, visibility_timeout=30, retry_delay=0.1)
    errands.subscribe(f"{HANDLERS}.queues.errand", name="Errand", batch_size=1, link=[seen])
    raw = app.queue("Raw", max_attempts=2, visibility_timeout=30)
    raw.subscribe(f"{HANDLERS}.queues.raw", name="RawWorker", link=[seen])
    if can("queue.subscribe.max_concurrency"):
        narrow = app.queue("Narrow", max_attempts=5, visibility_timeout=60)
        narrow.subscribe(f"{HANDLERS}.queues.turn", name="Narrow2", batch_size=1, max_concurrency=2, link=[seen])
    if can("queue.fifo"):
        line = app.queue("Line", fifo=True, max_attempts=3, visibility_timeout=30, retry_delay=0.1)
        line.subscribe(f"{HANDLERS}.queues.work", name="InLine", batch_size=5, link=[seen])
        _bury(line.dead_letters, seen)
    _bury(work.dead_letters, seen)
    _bury(errands.dead_letters, seen)
    return work, errands


def _bury(dead_letters: Queue | None, seen: Table) -> None:
    """Record what arrives in a dead-letter queue."""
    assert dead_letters is not None
    dead_letters.subscribe(f"{HANDLERS}.queues.bury", name=f"Bury{dead_letters.name}", link=[seen])


def _topics(app: App, seen: Table, works: tuple[Queue, Queue], can: Can) -> None:
    """Declare a topic with every form of filter, and one that fans out to two queues and two functions."""
    events = app.topic("Events")
    for name in heard(can):
        allowed = TOPIC_FILTERS[name]
        events.subscribe(f"{HANDLERS}.topics.hear", name=name, filter=allowed, link=[seen])
    news = app.topic("News")
    for work in works:
        news.subscribe(work)
    news.subscribe(f"{HANDLERS}.topics.hear", name="Hear", max_attempts=2, link=[seen])
    news.subscribe(f"{HANDLERS}.topics.overhear", name="Overhear", max_attempts=2, link=[seen])
    _bury(news.dead_letters, seen)


def _streams(app: App, seen: Table) -> None:
    """Declare a stream with two readers."""
    clicks = app.stream("Clicks", shards=2)
    clicks.subscribe(f"{HANDLERS}.streams.read", name="Read", batch_size=10, max_attempts=2, link=[seen])
    clicks.subscribe(f"{HANDLERS}.streams.skim", name="Skim", batch_size=3, max_attempts=2, link=[seen])
    _bury(clicks.dead_letters, seen)


def _buckets(app: App, seen: Table) -> Bucket:
    """Declare a bucket whose events are told by prefix, suffix and skip."""
    files = app.bucket("Files")
    files.subscribe(f"{HANDLERS}.buckets.stored", name="Stored", prefix="in/", skip=["in/skipped/"], link=[seen])
    files.subscribe(f"{HANDLERS}.buckets.noted", name="Noted", prefix="notes/", suffix=".txt", link=[seen])
    files.subscribe(
        f"{HANDLERS}.buckets.shrink",
        name="Shrink",
        events=["created"],
        prefix="photos/",
        skip=["photos/processed/"],
        link=[seen, files],
    )
    return files


def _schedules(app: App, seen: Table) -> None:
    """Declare schedules that do not fire by themselves while a test runs."""
    payload = {"keep": 30, "tables": ["Items"], "note": "nächtlich"}
    app.schedule("Nightly", "0 3 * * *", f"{HANDLERS}.schedules.fired", payload=payload, link=[seen])
    app.schedule("Yearly", "0 4 1 1 *", f"{HANDLERS}.schedules.struck", timezone="Europe/Berlin", link=[seen])


def _functions(app: App, seen: Table, items: Table, work: Queue) -> None:
    """Declare functions to invoke, each with the least links that its tests need."""
    path = f"{HANDLERS}.functions"
    secret = app.secret("ApiKey")
    unset = app.secret("Unset")
    parameter = app.parameter("Greeting", "hello")
    settings = app.linkable("Settings", properties={"endpoint": "https://example.com", "retries": 3})
    add = app.function("Add", f"{path}.add")
    app.function("AddLater", f"{path}.add_later")
    app.function("Fail", f"{path}.fail")
    app.function("Nonsense", f"{path}.nonsense")
    app.function("Attempt", f"{path}.attempt", link=[seen])
    app.function("About", f"{path}.about", timeout=20)
    app.function("Confide", f"{path}.confide", link=[secret, unset])
    app.function("Reader", f"{path}.use", link=[items.read, parameter, settings, add])
    app.function("Writer", f"{path}.use", link=[items.write, work])
    app.function("Claim", f"{path}.claim", link=[items])


def _trail(app: App, seen: Table, files: Bucket) -> None:
    """Declare a way of several hops: a request, a topic, a queue, then a table and a bucket with their events."""
    traced = app.table("Traced", fields={"id": "string"}, primary_index="id")
    relay = app.queue("Relay", visibility_timeout=30)
    trail = app.topic("Trail")
    trail.subscribe(relay)
    relay.subscribe(f"{HANDLERS}.http.relay", name="Relayed", link=[seen, traced, files.write])
    traced.subscribe(f"{HANDLERS}.tables.changed", name="TracedChanged", link=[seen])
    api = app.api("Api")
    api.route("POST /trace", f"{HANDLERS}.http.trace", link=[seen, trail])
    _routes(api)


def _apis(app: App, can: Can) -> None:
    """Declare an api with CORS and a small limit."""
    cors = Cors(origins=["https://example.com"], expose=["x-total"], credentials=True, max_age=60)
    site = app.api("Site", cors=cors if can("api.cors") else None, body_limit=1000)
    site.route("GET /page", f"{HANDLERS}.http.text", name="SitePage")
    site.route("POST /page", f"{HANDLERS}.http.echo", name="SitePost")
    site.route("GET /broken", f"{HANDLERS}.http.broken", name="SiteBroken")


def _routes(api: Api) -> None:
    """Declare what the HTTP contract asks for."""
    echo = api.route("GET /echo", f"{HANDLERS}.http.echo")
    assert echo is not None
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        api.route(f"{method} /echo", echo)
    api.route("GET /items/{id}", echo)
    api.route("GET /items/{id}/parts/{part}", echo)
    api.route("GET /items/special", f"{HANDLERS}.http.text")
    api.route("GET /files/{path+}", echo)
    api.route("ANY /any", echo)
    api.route("GET /slow", f"{HANDLERS}.http.slow", timeout=1)
    api.route("GET /later", f"{HANDLERS}.http.echo_later")
    for name in ("binary", "cookies", "nothing", "broken", "nonsense", "value", "refused", "teapot", "many_headers"):
        api.route(f"GET /{name}", f"{HANDLERS}.http.{name}")
    for name in ("read_json", "read_form", "parse"):
        api.route(f"POST /{name}", f"{HANDLERS}.http.{name}")


def _workflows(app: App, seen: Table, can: Can) -> None:
    """Declare the workflows, and a function that may start one of them."""
    made = {name: app.workflow(name, machine, link=[seen]) for name, machine in MACHINES.items()}
    if can("workflow.express"):
        app.workflow("Express", EXPRESS, express=True)
    if can("workflow.jsonata"):
        app.workflow("Expressions", EXPRESSIONS)
    app.function("Launch", f"{HANDLERS}.workflows.launch", link=[made["Resilient"].start])
    approval = made["Approval"]
    app.function("Answer", f"{HANDLERS}.workflows.answer", link=[approval.complete, approval.read])
