"""What the benchmarks' function does."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse


def get_user(request: HttpRequest) -> dict[str, Any]:
    """Answer with what the path and the query say."""
    return {"id": request.params["id"], "a": request.query.get("a")}


def post_user(request: HttpRequest) -> HttpResponse:
    """Answer with a part of the JSON that came."""
    return HttpResponse.json({"got": request.json()["name"]}, status=200)
