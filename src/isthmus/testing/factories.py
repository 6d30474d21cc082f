"""Events to unit-test a handler with, alone: `create(http_request("POST", "/orders", json={"sku": "a"}))`."""

from __future__ import annotations

import time
import uuid
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any, Literal
from urllib.parse import quote, urlencode

from isthmus import context as contexts
from isthmus import resource
from isthmus._typing import Item
from isthmus.context import Context
from isthmus.http.encoding import encode_json
from isthmus.http.multi import pairs_of
from isthmus.http.request import HttpRequest
from isthmus.links import Identity, Link
from isthmus.message import Message
from isthmus.object_event import ObjectEvent
from isthmus.payload import encode
from isthmus.table_change import TableChange
from isthmus.tick import Tick

Pairs = Mapping[str, str] | Iterable[tuple[str, str]]


def http_request(
    method: str = "GET",
    path: str = "/",
    *,
    params: Mapping[str, str] | None = None,
    query: Mapping[str, str | Sequence[str]] | None = None,
    headers: Pairs = (),
    cookies: Mapping[str, str] | None = None,
    body: bytes | str | None = None,
    json: Any = None,
    form: Mapping[str, str] | None = None,
    client_ip: str = "127.0.0.1",
) -> HttpRequest:
    """Return a request: `params` are the path parameters; at most one of `body`, `json` and `form` is its body."""
    pairs, content = encode_request(headers, body=body, json=json, form=form)
    if cookies:
        pairs.append(("cookie", "; ".join(f"{name}={value}" for name, value in cookies.items())))
    path, _, in_path = path.partition("?")
    query_string = "&".join(filter(None, [in_path, urlencode(query or {}, doseq=True)]))
    return HttpRequest(
        method,
        path,
        params=dict(params or {}),
        query_string=query_string,
        headers=pairs,
        body=content,
        client_ip=client_ip,
    )


def encode_body(*, body: bytes | str | None, json: Any, form: Mapping[str, str] | None) -> tuple[bytes, str]:
    """Return the bytes of a request's body and its content type; "" where `body` says nothing of its type."""
    given = [name for name, value in (("body", body), ("json", json), ("form", form)) if value is not None]
    if len(given) > 1:
        raise TypeError(f"a request has one body, but {' and '.join(given)} are given")
    if json is not None:
        return encode_json(json), "application/json"
    if form is not None:
        return urlencode(form).encode(), "application/x-www-form-urlencoded"
    if isinstance(body, str):
        return body.encode(), "text/plain; charset=utf-8"
    return body or b"", ""


def encode_request(
    headers: Pairs | None,
    *,
    body: bytes | str | None,
    json: Any,
    form: Mapping[str, str] | None,
) -> tuple[list[tuple[str, str]], bytes]:
    """Return the headers of a request, with the type of its body unless they say it, and the bytes of that body."""
    content, content_type = encode_body(body=body, json=json, form=form)
    pairs = pairs_of(headers or ())
    if content_type and not any(name.lower() == "content-type" for name, _ in pairs):
        pairs.append(("content-type", content_type))
    return pairs, content


def message(
    body: Any = b"",
    *,
    attributes: Mapping[str, str] | None = None,
    source: str = "Queue",
    attempt: int = 1,
    group: str | None = None,
    sequence: str | None = None,
    id: str = "",
    sent_at: float | None = None,
) -> Message:
    """Return a message of a queue, a topic or a stream; `body` is bytes, text, or what becomes JSON."""
    return Message(
        encode(body)[0],
        id=id or uuid.uuid4().hex,
        attributes=dict(attributes or {}),
        source=source,
        attempt=attempt,
        sent_at=time.time() if sent_at is None else sent_at,
        group=group,
        sequence=sequence,
    )


def table_change(
    kind: Literal["INSERT", "MODIFY", "REMOVE"] | None = None,
    *,
    key: Item,
    old: Item | None = None,
    new: Item | None = None,
    table: str = "Table",
    version: str = "1",
    expired: bool = False,
    attempt: int = 1,
) -> TableChange:
    """Return a change of the row `key`; its kind follows from the images, where it is not given."""
    images: Mapping[tuple[bool, bool], Literal["INSERT", "MODIFY", "REMOVE"]] = {
        (False, True): "INSERT",
        (True, True): "MODIFY",
        (True, False): "REMOVE",
    }
    if kind is None and old is None and new is None:
        raise TypeError("a change has an old row, a new row, or both")
    return TableChange(
        kind or images[old is not None, new is not None],
        table=table,
        key=key,
        old=old,
        new=new,
        version=version,
        at=time.time(),
        expired=expired,
        attempt=attempt,
        id=uuid.uuid4().hex,
    )


def object_event(
    key: str,
    kind: Literal["created", "removed"] = "created",
    *,
    bucket: str = "Bucket",
    size: int = 0,
    etag: str = "etag",
    attempt: int = 1,
) -> ObjectEvent:
    """Return an event of the object `key`."""
    return ObjectEvent(
        kind, bucket=bucket, key=key, size=size, etag=etag, at=time.time(), attempt=attempt, id=uuid.uuid4().hex
    )


def tick(schedule: str = "Schedule", *, payload: Any = None, due: float | None = None, attempt: int = 1) -> Tick:
    """Return a firing of `schedule`."""
    return Tick(
        schedule,
        due=time.time() if due is None else due,
        payload=payload,
        attempt=attempt,
        id=uuid.uuid4().hex,
    )


def context(
    *,
    function: str = "Function",
    app: str = "app",
    stage: str = "test",
    provider: str = "test",
    request_id: str = "",
    correlation_id: str = "",
    traceparent: str = "",
    timeout: float = 30,
    attempt: int = 1,
    cold_start: bool = False,
) -> Context:
    """Return a context with `timeout` seconds left."""
    return Context(
        request_id=request_id or uuid.uuid4().hex,
        correlation_id=correlation_id,
        traceparent=traceparent,
        deadline=time.time() + timeout,
        attempt=attempt,
        function=function,
        app=app,
        stage=stage,
        provider=provider,
        cold_start=cold_start,
    )


@contextmanager
def linked(running: Context | None = None, /, **clients: Any) -> Generator[SimpleNamespace]:
    """Give the code under test its links: `with linked(Orders=orders): create(request)`.

    Each value is what `Resource.<name>` is meanwhile: a fake of your own, or a testbed's client. Any other name raises
    `NotLinkedError`, as in the cloud. `running` is the invocation that runs; without one, a new context.
    """
    invocation = running or context()
    identity = Identity(
        app=invocation.app,
        stage=invocation.stage,
        provider=invocation.provider,
        function=invocation.function,
        links={name: Link("given", name, name, ()) for name in clients},
    )
    scope = resource.scope.set(resource.Scope(identity, {"given": lambda link: clients[link.name]}))
    current = contexts.current.set(invocation)
    try:
        yield SimpleNamespace(**clients)
    finally:
        contexts.current.reset(current)
        resource.scope.reset(scope)


def request_target(path: str, query: Mapping[str, str | Sequence[str]] | None) -> str:
    """Return the request target: what is given percent-encoded stays so, anything else is encoded."""
    encoded = quote(path, safe="/%?&=:@!$'()*+,;~-._#")
    parameters = urlencode(query or {}, doseq=True)
    return f"{encoded}{'&' if '?' in encoded else '?'}{parameters}" if parameters else encoded
