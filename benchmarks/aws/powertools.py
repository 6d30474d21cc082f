"""The same routes by aws-lambda-powertools' resolver, which is in the peers' environment."""

from __future__ import annotations

from importlib import import_module
from typing import Any


def resolver(others: int) -> Any:
    """Return the resolver of both routes that are asked for, among `others` that nobody asks for."""
    app: Any = import_module("aws_lambda_powertools.event_handler").APIGatewayHttpResolver()
    for number in range(others // 2):
        app.get(f"/things{number}/<id>")(_nothing)

    def get_user(id: str) -> dict[str, Any]:
        return {"id": id, "q": app.current_event.get_query_string_value("a")}

    def create() -> tuple[dict[str, Any], int]:
        return {"created": app.current_event.json_body}, 201

    app.get("/users/<id>")(get_user)
    app.post("/orders")(create)
    for number in range(others // 2, others):
        app.get(f"/things{number}/<id>")(_nothing)
    return app.resolve


def _nothing(id: str) -> None:
    """Answer nobody."""
