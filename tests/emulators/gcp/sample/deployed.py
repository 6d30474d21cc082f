"""The sample, deployed: what tests ask of it."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable, Generator, Mapping
from typing import Any, TypeVar

import pytest

from isthmus.http.response import HttpResponse
from isthmus.testing.exact_requests import ExactRequest, exchange
from isthmus.testing.waiting import wait_until
from tests.emulators.environment import environment
from tests.emulators.gcp.deploy import deploy
from tests.emulators.gcp.process import Google
from tests.emulators.gcp.sample.program import program
from tests.emulators.gcp.session import Session

T = TypeVar("T")


class Told:
    """One request, as a function has seen and written it down."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.path: str = told["path"]
        self.method: str = told["method"]
        self.at: float = told["at"]
        self.headers = {name.lower(): value for name, value in told["headers"]}
        self.data = base64.b64decode(told["data"])

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.data)


class Sample:
    """The sample in a cloud of its own."""

    def __init__(self, google: Google, outputs: Mapping[str, str]) -> None:
        self.google = google
        self.outputs = outputs
        self.session = Session(google.address)

    def ask(
        self,
        function: str,
        path: str = "/",
        *,
        method: str = "GET",
        body: bytes = b"",
        headers: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """Send a request to the address of a function."""
        request = ExactRequest(method, path, list((headers or {}).items()), body)
        return exchange(request, self.outputs[function], timeout=60)

    def name(self, function: str) -> str:
        """Return the full name of a function."""
        return f"projects/{self.google.project}/locations/{self.google.region}/functions/{function}"

    def log(self, function: str) -> str:
        """Return what the instances of a function have written."""
        return self.google.logs().get(self.name(function), "")

    def told(self, function: str, text: str) -> list[Told]:
        """Return the requests with a text that a function has seen, in order."""
        lines = [line.partition("TOLD ")[2] for line in self.log(function).splitlines() if "TOLD {" in line]
        found = [Told(_json(line)) for line in lines if line.endswith("}")]
        return [one for one in found if _has(one, text)]

    def eventually(self, function: str, text: str, count: int = 1) -> list[Told]:
        """Return the requests with a text, once there are so many."""
        return wait_until(lambda: self._enough(function, text, count), 30, what=f"{count} requests with {text}")

    def publish(self, text: str, *, key: str = "", **attributes: str) -> None:
        """Publish to the sample's topic."""
        topic = f"projects/{self.google.project}/topics/sample-topic"
        message = {"data": text.encode(), "attributes": attributes, "ordering_key": key}
        self.session.publisher.publish(topic=topic, messages=[message])

    def pulled(self, name: str, wanted: Callable[[Any], T | None]) -> T:
        """Pull from a subscription until `wanted` finds something in a message."""
        subscription = f"projects/{self.google.project}/subscriptions/{name}"
        limit = time.monotonic() + 30
        while time.monotonic() < limit:
            request = {"subscription": subscription, "max_messages": 10}
            for message in self.session.subscriber.pull(request=request).received_messages:
                self.session.subscriber.acknowledge(subscription=subscription, ack_ids=[message.ack_id])
                found = wanted(message)
                if found is not None:
                    return found
        raise AssertionError(f"{name} brings nothing of that sort")

    def _enough(self, function: str, text: str, count: int) -> list[Told]:
        found = self.told(function, text)
        return found if len(found) >= count else []


def _json(line: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads(line)
    return found


def _has(told: Told, text: str) -> bool:
    """Whether a request has the text, in a pushed message too."""
    if text.encode() in told.data or text in told.path or text in str(told.headers):
        return True
    if b'"message"' not in told.data:
        return False
    return text.encode() in base64.b64decode(told.json["message"].get("data", ""))


@pytest.fixture(scope="module")
def sample() -> Generator[Sample]:
    """The sample, deployed once for all tests of a module: each uses texts of its own.

    For no longer, since its variables lead every client of this process to it.
    """
    with Google() as google, environment(google.variables()):
        made = deploy(program, google, stack="gcp-test")
        yield Sample(google, made.outputs)
