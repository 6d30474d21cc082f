"""The app that is measured."""

from __future__ import annotations

from isthmus import App, Target


def app(target: Target) -> App:
    """Declare two routes, and a queue with a function at each end."""
    app = App("bench", removal="remove")
    api = app.api("Api")
    api.route("GET /users/{id}", "benchmarks.handlers.get_user", concurrency=4)
    api.route("POST /orders", "benchmarks.handlers.create", concurrency=4)
    work = app.queue("Work")
    work.subscribe("benchmarks.handlers.consume", batch_size=10, concurrency=2)
    app.function("Produce", "benchmarks.handlers.produce", link=[work.send], timeout=300)
    return app
