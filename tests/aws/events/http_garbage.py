"""Events with garbage in them, and what may come of reading one."""

from __future__ import annotations

import contextlib
import copy
import json
from collections.abc import Iterable, Sequence
from typing import Any, cast

from isthmus.errors import BadEventError
from isthmus.http.response import HttpResponse
from isthmus_aws.events.http import HttpCodec

ATTRIBUTES = (
    *("body", "client_ip", "content_type", "cookies", "headers", "host", "method", "params", "path", "query"),
    *("query_string", "scheme", "state", "url", "request_id", "api_id", "route_key"),
)


def read(event: Any) -> None:
    """Decode an event, read every attribute and answer; whatever comes of it but `BadEventError` is a fault."""
    codec = HttpCodec()
    try:
        request = codec.decode(event)
    except BadEventError:
        return
    for attribute in ATTRIBUTES:
        with contextlib.suppress(BadEventError):
            getattr(request, attribute)
    with contextlib.suppress(BadEventError):
        request.envelope()
    json.dumps(codec.encode(HttpResponse.json({}), request))


def places(value: Any, at: Sequence[Any] = ()) -> list[Sequence[Any]]:
    """Return the way to each value within an event."""
    inner: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        inner = cast("dict[str, Any]", value).items()
    elif isinstance(value, list):
        inner = enumerate(cast("list[object]", value))
    return [at, *(place for key, found in inner for place in places(found, (*at, key)))]


def put(event: Any, place: Sequence[Any], value: Any) -> Any:
    """Return the event with another value at a place."""
    if not place:
        return value
    changed = copy.deepcopy(event)
    found = changed
    for key in place[:-1]:
        found = found[key]
    found[place[-1]] = value
    return changed
