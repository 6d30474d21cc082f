"""What the neutral core adds to a warm HTTP event, against a function written by hand for the same event."""

from __future__ import annotations

import json
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from benchmarks import handlers
from benchmarks.measure import in_turns, per_call, ratio, verdict
from isthmus.context import Context
from isthmus.handler import Handler
from isthmus.http import serving
from isthmus.http.request import HttpRequest
from isthmus.http.router import Router

BODY = json.dumps({"id": "0f8fad5b", "item": "lamp", "quantity": 2, "note": "x" * 140}).encode()
HEADERS = [("host", "localhost"), ("content-type", "application/json"), ("user-agent", "bench"), ("accept", "*/*")]
GET: dict[str, Any] = {"method": "GET", "path": "/users/42", "query": "a=1", "params": {"id": "42"}, "body": b""}
POST: dict[str, Any] = {"method": "POST", "path": "/orders", "query": "", "params": {}, "body": BODY}

CALLS = 2_000
ROUNDS = 25


def by_hand_get(event: dict[str, Any]) -> dict[str, Any]:
    """Answer as `handlers.get_user` does, with nothing between."""
    query = parse_qs(event["query"])
    body = json.dumps({"id": event["params"]["id"], "q": query["a"][0] if "a" in query else None})
    return {"status": 200, "headers": {"content-type": "application/json"}, "body": body}


def by_hand_post(event: dict[str, Any]) -> dict[str, Any]:
    """Answer as `handlers.create` does, with nothing between."""
    body = json.dumps({"created": json.loads(event["body"])})
    return {"status": 201, "headers": {"content-type": "application/json"}, "body": body}


def through_the_core(handler: Handler, event: dict[str, Any]) -> Any:
    """Serve an event as an adapter does."""
    request = HttpRequest(
        event["method"],
        event["path"],
        query_string=event["query"],
        headers=HEADERS,
        body=event["body"],
        params=event["params"],
    )
    context = Context(request_id="r", deadline=time.time() + 30, function="f")
    response = serving.http(handler, request, context)
    return {"status": response.status, "headers": response.wire_headers(), "body": response.body}


def main() -> bool:
    """Print the ratios."""
    met = [
        _against_by_hand("GET", by_hand_get, Handler(handlers.get_user), GET, at_most=2.0),
        _against_by_hand("JSON POST", by_hand_post, Handler(handlers.create), POST, at_most=1.5),
        _flat(),
    ]
    return all(met)


def _against_by_hand(
    name: str,
    by_hand: Callable[[dict[str, Any]], dict[str, Any]],
    handler: Handler,
    event: dict[str, Any],
    *,
    at_most: float,
) -> bool:
    times = in_turns(
        {
            "by hand": lambda: per_call(lambda: by_hand(event), CALLS),
            "isthmus": lambda: per_call(lambda: through_the_core(handler, event), CALLS),
        },
        ROUNDS,
    )
    print(f"dispatch of a {name}: " + ", ".join(f"{who} {min(best) * 1e6:.1f} us" for who, best in times.items()))
    return verdict(f"warm {name} / hand-written", ratio(times["isthmus"], times["by hand"]), at_most=at_most)


def _flat() -> bool:
    routers = {count: _router(count) for count in (1, 10, 100, 1000)}
    times = in_turns({str(count): _lookups(router, count) for count, router in routers.items()}, ROUNDS)
    best = {count: statistics.median(values) for count, values in times.items()}
    print("routing: " + ", ".join(f"{count} routes {seconds * 1e6:.2f} us" for count, seconds in best.items()))
    return verdict("routing among 1,000 / among 1", best["1000"] / best["1"], at_most=1.25)


def _lookups(router: Router, count: int) -> Callable[[], float]:
    path = f"/things{count - 1}/42/parts"
    return lambda: per_call(lambda: router.match("GET", path), CALLS)


def _router(count: int) -> Router:
    return Router([("GET", f"/things{number}/{{id}}/parts", number) for number in range(count)])


if __name__ == "__main__":
    sys.exit(not main())
