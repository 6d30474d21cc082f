"""The orders app: what there is, who handles what, and who may touch what. No cloud is named here."""

from __future__ import annotations

from isthmus import App, Cors, Target
from isthmus.declarations.api import Api
from isthmus.declarations.stream import Stream
from isthmus.declarations.table import Table
from isthmus.declarations.topic import Topic

DAY = 24 * 3600


def app(target: Target) -> App:
    """Declare the app for one target: a provider and a stage."""
    app = App("orders", removal="retain" if target.stage == "production" else "remove", tags={"team": "shop"})

    shop = app.parameter("ShopName", f"The Isthmus Shop ({target.stage})")
    webhook_key = app.secret("WebhookKey")
    orders = app.table(
        "Orders", fields={"id": "string", "userId": "string"}, primary_index="id", global_indexes={"byUser": "userId"}
    )
    stock = app.table("Stock", fields={"item": "string"}, primary_index="item")
    words = app.table(
        "Words", fields={"word": "string", "order": "string"}, primary_index=("word", "order"), ttl="expires"
    )
    counters = app.table(
        "Counters", fields={"day": "string", "entry": "string"}, primary_index=("day", "entry"), ttl="expires"
    )
    reports = app.table("Reports", fields={"day": "string"}, primary_index="day")
    images = app.bucket("Images")
    events = app.topic("Events")
    work = app.queue("Work", max_attempts=5, visibility_timeout=181)  # its dead-letter queue comes with it
    analytics = app.stream("Analytics", retention=7 * DAY)

    api = app.api("Api", cors=Cors(origins=["*"]))
    api.route(
        "POST /orders", "functions.orders.create", link=[orders.read, orders.write, events.publish, analytics.put]
    )
    api.route("GET /orders", "functions.orders.list_orders", link=[orders.read])
    api.route("GET /orders/{id}", "functions.orders.read", link=[orders.read])
    api.route("GET /users/{userId}/orders", "functions.orders.list_by_user", link=[orders.read])
    api.route("PUT /stock/{item}", "functions.inventory.set_stock", link=[stock.write])
    api.route("GET /stock/{item}", "functions.inventory.read_stock", link=[stock.read])
    api.route("POST /images/{name+}", "functions.images.upload", link=[images.write])
    api.route("GET /images/{name+}", "functions.images.download", link=[images.read])
    api.route("GET /search", "functions.search.find", link=[words.read])
    api.route("GET /reports/{day}", "functions.reports.read", link=[reports.read])
    api.route("POST /webhooks/payment", "functions.payments.received", link=[orders.write, webhook_key])

    events.subscribe(work, filter={"type": ["order.placed"]})
    work.subscribe(
        "functions.inventory.reserve", batch_size=100, batch_window=0.2, max_concurrency=10, link=[orders, stock]
    )
    images.subscribe("functions.images.process", events=["created"], skip=["processed/"], link=[images])
    orders.subscribe("functions.search.index", link=[words.write])
    analytics.subscribe("functions.analytics.collect", link=[counters.write])
    app.schedule("Nightly", "5 0 * * *", "functions.reports.nightly", link=[counters.read, reports.write, shop])

    _processing(app, api, orders=orders, stock=stock, events=events, analytics=analytics)

    app.output(apiUrl=api.url, orders=orders, images=images, work=work)
    return app


def _processing(app: App, api: Api, *, orders: Table, stock: Table, events: Topic, analytics: Stream) -> None:
    """Declare how an order is processed: by a workflow, which a request starts, or a message."""
    processing = app.queue("Processing", max_attempts=3)
    process = app.workflow(
        "ProcessOrder",
        "functions/workflows/process_order.asl.json",
        link=[orders.read, orders.write, stock.read, events.publish, analytics.put],
    )
    api.route(
        "POST /orders/{id}/process", "functions.order_flow.process", link=[orders.read, orders.write, process.start]
    )
    api.route("GET /orders/{id}/process", "functions.order_flow.state", link=[orders.read, process.read])
    processing.subscribe("functions.order_flow.process_queued", link=[orders.read, orders.write, process.start])
