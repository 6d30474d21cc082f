"""What reading a CloudEvent takes, against code written by hand for it, and against the official library."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from flask import Request
from werkzeug.test import EnvironBuilder

from benchmarks.measure import in_turns, per_call, ratio, verdict
from isthmus_gcp.events.cloud_event import cloud_event
from isthmus_gcp.events.posted import posted

FROM_HTTP: Any = import_module("cloudevents.http").from_http
COUNT = 500
ROUNDS = 7
TARGET = 1.5

STORED = {
    "kind": "storage#object",
    "id": "some-bucket/folder/Test.cs/1587627537231057",
    "name": "folder/Test.cs",
    "bucket": "some-bucket",
    "generation": "1587627537231057",
    "metageneration": "1",
    "contentType": "text/plain",
    "timeCreated": "2020-04-23T07:38:57.230Z",
    "updated": "2020-04-23T07:38:57.230Z",
    "storageClass": "MULTI_REGIONAL",
    "size": "352",
    "md5Hash": "kF8MuJ5+CTJxvyhHS1xzRg==",
    "etag": "CNHZkbuF/ugCEAE=",
}
ATTRIBUTES = {
    "specversion": "1.0",
    "type": "google.cloud.storage.object.v1.finalized",
    "source": "//storage.googleapis.com/projects/_/buckets/some-bucket",
    "subject": "objects/folder/Test.cs",
    "id": "1147091835525187",
    "time": "2020-04-23T07:38:57.772Z",
}
FRONT = {
    "host": "a.run.app",
    "user-agent": "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google)",
    "accept": "application/json",
    "from": "noreply@google.com",
    "x-forwarded-for": "66.102.6.1",
    "x-forwarded-proto": "https",
    "forwarded": 'for="66.102.6.1";proto=https',
    "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    "x-cloud-trace-context": "4bf92f3577b34da6a3ce929d0e0e4736/67667974448284343;o=1",
    "accept-encoding": "gzip, deflate, br",
}
"""The headers that Cloud Run adds."""


class ByHand:
    """An event, as somebody might write it down who knows which attributes come."""

    __slots__ = ("data", "id", "source", "subject", "time", "type")

    def __init__(self, attributes: Any, data: Any, prefix: str = "") -> None:
        self.id = attributes[f"{prefix}id"]
        self.source = attributes[f"{prefix}source"]
        self.type = attributes[f"{prefix}type"]
        self.subject = attributes.get(f"{prefix}subject")
        self.time = attributes.get(f"{prefix}time")
        self.data = data


def binary_by_hand(request: Request) -> Any:
    headers = request.headers
    if headers["ce-specversion"] != "1.0":
        raise ValueError
    return ByHand(headers, json.loads(request.get_data()), "ce-")


def structured_by_hand(request: Request) -> Any:
    document = json.loads(request.get_data())
    if document["specversion"] != "1.0":
        raise ValueError
    return ByHand(document, document["data"])


def ours(request: Request) -> Any:
    return cloud_event(posted(request)).json()


def library(request: Request) -> Any:
    return FROM_HTTP(request.headers, request.get_data())


def requests(mode: str) -> list[Any]:
    """Return requests that nobody has looked at yet, as the functions framework hands them over."""
    if mode == "binary":
        told = {f"ce-{name}": value for name, value in ATTRIBUTES.items()}
        body, headers = json.dumps(STORED), {**FRONT, **told, "content-type": "application/json"}
    else:
        body = json.dumps({**ATTRIBUTES, "datacontenttype": "application/json", "data": STORED})
        headers = {**FRONT, "content-type": "application/cloudevents+json"}
    made: list[Any] = []
    for _ in range(COUNT):
        request = Request(EnvironBuilder(method="POST", data=body, headers=list(headers.items())).get_environ())
        request.get_data()
        made.append(request)
    return made


def read(decode: Callable[[Request], Any], mode: str) -> float:
    """Return the seconds that one request takes."""
    waiting = iter(requests(mode))
    return per_call(lambda: decode(next(waiting)), COUNT)


def main() -> bool:
    """Print the ratios."""
    met = True
    for mode, by_hand in (("binary", binary_by_hand), ("structured", structured_by_hand)):
        candidates = {"hand": by_hand, "isthmus": ours, "library": library}
        times = in_turns({name: partial(read, decode, mode) for name, decode in candidates.items()}, ROUNDS)
        each = ", ".join(f"{who} {min(took) * 1e6:.1f} us" for who, took in times.items())
        print(f"a CloudEvent in {mode} mode: {each}")
        met &= verdict(f"{mode} / by hand", ratio(times["isthmus"], times["hand"]), at_most=TARGET)
    return met


if __name__ == "__main__":
    sys.exit(not main())
