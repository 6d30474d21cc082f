"""Handlers of an app that is large: many routes lead to one, and the other has many links."""

from __future__ import annotations

from isthmus import HttpRequest, HttpResponse, Resource


def answer(request: HttpRequest) -> HttpResponse:
    """Tell which route it was."""
    return HttpResponse.json({"path": request.path, **request.params}, status=201)


def keep(name: str) -> str:
    """Keep what a linked value says, and return what was kept."""
    Resource.Items.put({"id": name, "url": getattr(Resource, name).url})
    kept: str = Resource.Items.get(name)["url"]
    return kept
