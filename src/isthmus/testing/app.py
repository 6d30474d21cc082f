"""An app under test, as its users see it: requests, messages, objects and time, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, TypeVar, runtime_checkable

from isthmus.http.response import HttpResponse
from isthmus.message import Message
from isthmus.ports import Testbed
from isthmus.testing.errors import NotObservableError
from isthmus.testing.waiting import wait_until

T = TypeVar("T")


@runtime_checkable
class Observable(Protocol):
    """What a testbed shows beyond its port, where it runs in the test's own process."""

    @property
    def logs(self) -> Sequence[str]:
        """What handlers have logged, warnings and errors of the runtime included."""
        ...

    def dead_letters(self, source: str) -> list[Message]:
        """Return the dead letters of a queue, topic, table, stream, bucket, schedule or function."""
        ...

    def failures(self) -> list[str]:
        """Return what has failed so far, in words: errors of handlers and dead letters."""
        ...

    def advance(self, seconds: float) -> None:
        """Move a test's own time, and let everything that comes due meanwhile be handled."""
        ...

    def settle(self, timeout: float = 10) -> None:
        """Return once nothing is waiting to be delivered, or being handled."""
        ...


class TestApp:
    """An app that runs for a test: see `isthmus.testing.pytest_plugin` for the fixture that gives one."""

    __test__ = False  # pytest: no test class, whatever the name says

    def __init__(self, testbed: Testbed) -> None:
        self.testbed = testbed

    def request(
        self,
        method: str,
        path: str,
        *,
        api: str | None = None,
        query: Mapping[str, str | Sequence[str]] | None = None,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] | None = None,
        body: bytes | str | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> HttpResponse:
        """Send a request to the app's api (the only one, unless `api` names it) and return the answer."""
        return self.testbed.request(
            method, path, api=api, query=query, headers=headers, body=body, json=json, form=form
        )

    def get(self, path: str, **request: Any) -> HttpResponse:
        """Send a GET request: see `request` for the options."""
        return self.request("GET", path, **request)

    def head(self, path: str, **request: Any) -> HttpResponse:
        """Send a HEAD request."""
        return self.request("HEAD", path, **request)

    def options(self, path: str, **request: Any) -> HttpResponse:
        """Send an OPTIONS request."""
        return self.request("OPTIONS", path, **request)

    def post(self, path: str, **request: Any) -> HttpResponse:
        """Send a POST request."""
        return self.request("POST", path, **request)

    def put(self, path: str, **request: Any) -> HttpResponse:
        """Send a PUT request."""
        return self.request("PUT", path, **request)

    def patch(self, path: str, **request: Any) -> HttpResponse:
        """Send a PATCH request."""
        return self.request("PATCH", path, **request)

    def delete(self, path: str, **request: Any) -> HttpResponse:
        """Send a DELETE request."""
        return self.request("DELETE", path, **request)

    def resource(self, name: str) -> Any:
        """Return a client of a declared resource, with all of its verbs."""
        return self.testbed.resource(name)

    def send(self, queue: str, body: Any, **options: Any) -> str:
        """Send a message to a queue and return its id."""
        sent: str = self.resource(queue).send(body, **options)
        return sent

    def publish(self, topic: str, body: Any, attributes: Mapping[str, str | int | float] | None = None) -> str:
        """Publish a message to a topic and return its id."""
        published: str = self.resource(topic).publish(body, attributes=attributes)
        return published

    def put_record(self, stream: str, body: Any, *, key: str) -> str:
        """Append a record to a stream and return its position."""
        position: str = self.resource(stream).put(body, key=key)
        return position

    def put_object(self, bucket: str, key: str, body: bytes | str, **options: Any) -> None:
        """Put an object into a bucket."""
        self.resource(bucket).put(key, body, **options)

    def tick(self, schedule: str) -> None:
        """Let a schedule fire now."""
        self.testbed.tick(schedule)

    def invoke(self, function: str, payload: Any = None) -> Any:
        """Call a function and return its result."""
        return self.resource(function).invoke(payload)

    def set_secret(self, name: str, value: str) -> None:
        """Set a secret's value."""
        self.testbed.set_secret(name, value)

    def replay(self, stream: str, function: str, *, since: float = 0) -> None:
        """Deliver a stream's kept records again to one function, from the time `since` (epoch seconds)."""
        self.testbed.replay(stream, function, since=since)

    def wait_until(self, condition: Callable[[], T], timeout: float = 10) -> T:
        """Return what `condition` returns once that is true; after `timeout` seconds, fail with all that failed."""
        return wait_until(condition, timeout, failures=self._failures)

    def settle(self, timeout: float = 10) -> None:
        """Return once nothing is to be delivered now, or being handled; what waits for a later time does not count."""
        self._observable("tell when it is idle").settle(timeout)

    def advance(self, seconds: float) -> None:
        """Move the test's own time (`Faults(clock=FakeClock())`), and let everything that comes due be handled."""
        self._observable("move the time").advance(seconds)

    def dead_letters(self, source: str) -> list[Message]:
        """Return what could not be handled of a queue, topic, table, stream, bucket, schedule or function."""
        return self._observable("show dead letters").dead_letters(source)

    @property
    def logs(self) -> Sequence[str]:
        """What handlers have logged so far, and the runtime's own warnings and errors."""
        return self._observable("show logs").logs

    def close(self) -> None:
        """Take everything down and remove what the test made."""
        self.testbed.close()

    def _failures(self) -> str:
        return "\n".join(self.testbed.failures()) if isinstance(self.testbed, Observable) else ""

    def _observable(self, what: str) -> Observable:
        if isinstance(self.testbed, Observable):
            return self.testbed
        raise NotObservableError(what, self.testbed)

    def __repr__(self) -> str:
        return f"<TestApp on {type(self.testbed).__name__}>"
