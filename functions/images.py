"""Pictures: uploaded, stripped of their metadata under `processed/`, and downloaded."""

from __future__ import annotations

import hashlib

from functions.pictures import strip_metadata
from functions.resources import Resource
from isthmus import HttpRequest, HttpResponse, ObjectEvent
from isthmus.errors import BadRequestError, NotFoundError, ObjectNotFoundError

PROCESSED = "processed/"


def upload(request: HttpRequest) -> HttpResponse:
    """Keep a picture under its name; `process` hears of it."""
    name = request.params["name"]
    if name.startswith(PROCESSED):
        raise BadRequestError(f"names under {PROCESSED} are kept for processed pictures")
    Resource.Images.put(name, request.body, content_type=request.content_type or "application/octet-stream")
    return HttpResponse.json({"name": name, "processed": PROCESSED + name}, status=201)


def process(event: ObjectEvent) -> None:
    """Write a picture without its metadata, and with its checksum, under `processed/`.

    Done twice it writes the same bytes again, so a duplicate event does no harm. A picture that was deleted meanwhile
    has nothing to process; one that is cut short is kept as it is, and the object's metadata says so.
    """
    info = Resource.Images.head(event.key)
    if info is None:
        return
    picture = Resource.Images.get(event.key)
    try:
        processed = strip_metadata(picture)
        state = "none found" if processed == picture else "removed"
    except ValueError as error:
        processed, state = picture, f"kept: {error}"
    Resource.Images.put(
        PROCESSED + event.key,
        processed,
        content_type=info.content_type,
        metadata={"sha256": hashlib.sha256(processed).hexdigest(), "metadata": state},
    )


def download(request: HttpRequest) -> HttpResponse:
    """Answer with a picture, and its checksum where it was processed."""
    name = request.params["name"]
    info = Resource.Images.head(name)
    if info is None:
        raise NotFoundError(f"there is no picture {name}")
    try:
        body = Resource.Images.get(name)
    except ObjectNotFoundError as error:  # deleted between the two calls
        raise NotFoundError(f"there is no picture {name}") from error
    headers = {"x-checksum-sha256": info.metadata["sha256"]} if "sha256" in info.metadata else {}
    return HttpResponse.binary(body, content_type=info.content_type, headers=headers)
