"""The ports: what a provider must bring, and the clients its links give to handlers.

Each docstring is the contract, errors included; `isthmus.testing.contract` proves it for every registered provider.
This module is for checkers and adapters: no handler's start imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, BinaryIO, Protocol, TypeVar

from isthmus._typing import Item, Key, Value
from isthmus.capabilities import Capabilities
from isthmus.conditions import Condition
from isthmus.declarations.app import App
from isthmus.declarations.function import Function as DeclaredFunction
from isthmus.declarations.resource import Resource
from isthmus.declarations.target import Target
from isthmus.http.response import HttpResponse
from isthmus.object_info import ObjectInfo
from isthmus.page import Page
from isthmus.table_writes import Write
from isthmus.workflow_execution import WorkflowExecution

E_co = TypeVar("E_co", covariant=True)


class Table(Protocol):
    """A linked table. A `key` is the partition value, or (partition, sort) where the table has a sort field.

    Every write is one atomic, durable step. A condition that does not hold raises `ConditionFailedError`, a value that
    no provider keeps `InvalidValueError`, an item over 400 KB `TooLargeError`, an unlinked verb `AccessDeniedError`.
    Numbers: 64-bit ints, and finite floats in the range of `isthmus.values`; an integral float may come back as an int.
    """

    name: str

    def get(self, key: Key) -> Item | None:
        """Return the item, strongly consistent; None where there is none (or it has expired)."""
        ...

    def get_many(self, keys: Sequence[Key]) -> list[Item | None]:
        """Return the items of any number of keys, in their order."""
        ...

    def put(
        self, item: Item, *, if_absent: bool = False, if_match: Mapping[str, Value | Condition] | None = None
    ) -> None:
        """Write the whole item: `if_absent`, only where none is; `if_match`, only where the stored one matches."""
        ...

    def put_many(self, items: Iterable[Item]) -> None:
        """Write any number of items, each by itself (not a transaction)."""
        ...

    def update(
        self,
        key: Key,
        *,
        set: Item | None = None,
        add: Mapping[str, int | float] | None = None,
        remove: Sequence[str] = (),
        if_exists: bool = False,
        if_match: Mapping[str, Value | Condition] | None = None,
    ) -> Item:
        """Change some attributes atomically and return the new item; creates the item unless `if_exists` or `if_match`.

        `add` counts up from 0 where the attribute is missing; it raises `InvalidValueError` on one that is no number.
        """
        ...

    def delete(self, key: Key, *, if_match: Mapping[str, Value | Condition] | None = None) -> Item | None:
        """Delete the item and return what it was; None, without an error, where there was none and no condition."""
        ...

    def query(
        self,
        partition: str | int | float | bytes,
        *,
        index: str | None = None,
        prefix: str | None = None,
        at_least: str | int | float | bytes | None = None,
        at_most: str | int | float | bytes | None = None,
        reverse: bool = False,
        limit: int | None = None,
        cursor: str | None = None,
    ) -> Page[Item]:
        """Return items of one partition in order of their sort field; those of an index are eventually consistent.

        `prefix`, or `at_least` and `at_most` (both inclusive), narrow the sort field. `limit` is the most of one page.
        """
        ...

    def scan(self, *, limit: int | None = None, cursor: str | None = None) -> Page[Item]:
        """Return every item of the table, in no order that means anything."""
        ...

    def transact(self, writes: Sequence[Write]) -> None:
        """Apply all of up to 100 writes or none; a write may name another linked table (`table=Resource.Other`).

        At most one write for each item; `ConditionFailedError` where any condition fails.
        """
        ...


class Queue(Protocol):
    """A linked queue. A message's body is bytes, str, or JSON; its id is returned once it is stored durably.

    The limits are those of `isthmus.outgoing`: `InvalidValueError` or `TooLargeError` beyond them. A message that is
    given up comes to the dead-letter queue whole, with the attributes of `isthmus.dead_letters` besides its own.
    """

    name: str

    def send(
        self,
        body: Any,
        *,
        attributes: Mapping[str, str] | None = None,
        delay: float | None = None,
        group: str | None = None,
        deduplicate: str | None = None,
    ) -> str:
        """Send one message: `delay` in seconds, `group` and `deduplicate` for a FIFO queue.

        A FIFO queue needs a `group`; a second message with the same `deduplicate` within 5 minutes is dropped, and gets
        the first one's id.
        """
        ...

    def send_many(self, bodies: Iterable[Any], *, attributes: Mapping[str, str] | None = None) -> list[str]:
        """Send any number of messages in provider-sized batches; `PartialSendError` names those not accepted."""
        ...


class Topic(Protocol):
    """A linked topic. What a subscribed function gives up comes to its dead-letter queue, as a queue's message does."""

    name: str

    def publish(self, body: Any, *, attributes: Mapping[str, str | int | float] | None = None) -> str:
        """Publish one message to every subscription that its attributes pass; returns its id once it is durable."""
        ...

    def publish_many(
        self, bodies: Iterable[Any], *, attributes: Mapping[str, str | int | float] | None = None
    ) -> list[str]:
        """Publish any number of messages with the same attributes; `PartialSendError` names those not accepted."""
        ...


class Stream(Protocol):
    """A linked stream. A record that is given up is parked in its dead-letter queue, as a queue's message is."""

    name: str

    def put(self, body: Any, *, key: str) -> str:
        """Append one record and return its position; records of one key are delivered in order."""
        ...

    def put_many(self, records: Iterable[tuple[str, Any]]) -> list[str]:
        """Append any number of (key, body) records; `PartialSendError` names those not accepted."""
        ...


class Bucket(Protocol):
    """A linked bucket. A key is text of 1 to 1,024 bytes in UTF-8; `ObjectNotFoundError` where it names nothing."""

    name: str

    def put(
        self,
        key: str,
        body: bytes | str | BinaryIO,
        *,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
        if_absent: bool = False,
    ) -> ObjectInfo:
        """Write a whole object, durably; a file is streamed. `if_absent` raises `ConditionFailedError` where one is."""
        ...

    def get(self, key: str) -> bytes:
        """Return a whole object."""
        ...

    def open(self, key: str) -> BinaryIO:
        """Return an object as a stream to read, of any size, in flat memory."""
        ...

    def head(self, key: str) -> ObjectInfo | None:
        """Return what is known of an object; None where there is none."""
        ...

    def list(self, prefix: str = "", *, limit: int = 1000, cursor: str | None = None) -> Page[ObjectInfo]:
        """Return the objects whose key starts with `prefix`, in order of their keys' UTF-8 bytes."""
        ...

    def delete(self, key: str) -> None:
        """Delete an object; nothing happens where there is none."""
        ...

    def presign_get(self, key: str, *, expires: int = 900) -> str:
        """Return an address that anybody can get the object from, for `expires` seconds (at most 7 days)."""
        ...

    def presign_put(self, key: str, *, expires: int = 900, content_type: str | None = None) -> str:
        """Return an address that anybody can put the object to, for `expires` seconds."""
        ...


class Secret(Protocol):
    """A linked secret: never in a log, a repr or an error."""

    name: str

    def value(self) -> str:
        """Return the current value, cached for at most 5 minutes; `SecretNotSetError` where it has none."""
        ...


class Parameter(Protocol):
    """A linked parameter: `isthmus.linked_values` has the client of every provider."""

    name: str

    def value(self) -> str:
        """Return the value."""
        ...


class Function(Protocol):
    """A linked function. A payload and a result are JSON."""

    name: str

    def invoke(self, payload: Any = None) -> Any:
        """Call it and return its result; `InvocationFailedError` names the exception it raised."""
        ...

    def start(self, payload: Any = None, *, delay: float = 0) -> str:
        """Run it later, at least once, with retries; returns an id as soon as that is durable."""
        ...


class Workflow(Protocol):
    """A linked workflow. Input and output are JSON; an execution is known by the id that `start` returns."""

    name: str

    def start(self, input: Any = None, *, name: str | None = None) -> str:
        """Start an execution and return its id; a second start by the same `name` returns the first one's."""
        ...

    def run(self, input: Any = None, *, name: str | None = None, timeout: float = 60) -> Any:
        """Start an execution and return its output, or `WorkflowFailedError`; `TimeoutError` where it still runs."""
        ...

    def describe(self, execution: str) -> WorkflowExecution:
        """Return what has become of an execution; `ExecutionNotFoundError` where there is none."""
        ...

    def stop(self, execution: str, *, error: str = "", cause: str = "") -> None:
        """End an execution; one that has ended stays as it is."""
        ...

    def succeed(self, token: str, output: Any = None) -> None:
        """Complete the task that waits for `token`; `TaskTokenError` where none does (any more)."""
        ...

    def fail(self, token: str, error: str, cause: str = "") -> None:
        """Let the task that waits for `token` fail by the name `error`, which Retry and Catch go by."""
        ...

    def heartbeat(self, token: str) -> None:
        """Say that whoever holds `token` is still at work, before the task's HeartbeatSeconds are over."""
        ...


class Testbed(Protocol):
    """An app that runs on a provider, seen from a test: what a user of the deployed app could do, and no more."""

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
        """Send an HTTP request to the app's api (the only one, unless `api` names it)."""
        ...

    def resource(self, name: str) -> Any:
        """Return a client of the declared resource `name`, with all of its verbs."""
        ...

    def tick(self, schedule: str) -> None:
        """Let a schedule fire now."""
        ...

    def set_secret(self, name: str, value: str) -> None:
        """Set a secret's value, as `isthmus secret set` does."""
        ...

    def replay(self, stream: str, function: str, *, since: float = 0) -> None:
        """Deliver a stream's kept records again to one subscribed function, from the time `since` (epoch seconds)."""
        ...

    def close(self) -> None:
        """Take everything down and remove what the test made."""
        ...


class Codec(Protocol[E_co]):
    """Translates one kind of event: `decode` what the provider delivers, `encode` what the handler answers.

    `decode` is lazy (what a handler does not read is not parsed) and raises `BadEventError` for what is malformed.
    """

    def decode(self, raw: Any, /) -> E_co:
        """Return the neutral event of the provider's own."""
        ...

    def encode(self, result: Any, /) -> Any:
        """Return the provider's form of a handler's result."""
        ...


class Provider(Protocol):
    """One cloud, or the laptop: found by its entry point in the group `isthmus.providers`, all of it visible tables."""

    name: str

    @property
    def codecs(self) -> Mapping[str, Codec[Any]]:
        """Trigger kind ("http", "queue", "topic", "stream", "table", "bucket", "schedule", "task") to codec."""
        ...

    @property
    def clients(self) -> Mapping[str, str]:
        """Kind of linked resource to "module:class" of its client, which is imported on first use."""
        ...

    @property
    def components(self) -> Mapping[str, Any]:
        """Kind of resource to what makes a Pulumi component of it, called with the resource and the `Deployment`.

        The kind "subscription" is called with each `Subscription`. Empty where nothing is deployed.
        """
        ...

    def located(self, target: Target) -> Target:
        """Return `target` with the account and the region that are set up, where it names none.

        Called only within a Pulumi program.
        """
        ...

    def prepare(self, plan: Any) -> Any:
        """Do what must succeed before anything of a `Plan` is created, such as packing its code.

        The components find what this returns as `Deployment.prepared`. An `IsthmusError` says why it cannot be.
        """
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What it can do, what it cannot and why, and its limits."""
        ...

    @property
    def checks(self) -> Sequence[Any]:
        """Each `isthmus.plan.Check` of what must not be on this provider, besides those that hold on every one."""
        ...

    @property
    def notes(self) -> Sequence[Any]:
        """Each `isthmus.plan.Check` of what is worth knowing on this provider."""
        ...

    def physical_name(self, app: App, target: Target, kind: str, name: str) -> str:
        """Return a linked resource's fixed name: unique by app, stage, name and account, within the service's limit."""
        ...

    def delivery_names(self, app: App, target: Target, source: Resource, function: DeclaredFunction) -> Sequence[str]:
        """Return what events of `source` name as their origin when they reach `function`; none where they name none.

        The resource's own physical name, or those of the subscriptions. A function that is started is its own source.
        """
        ...

    def testbed(self, app: Callable[[Target], App], **options: Any) -> Testbed:
        """Run `app` for a test and return it; `options` are the provider's own."""
        ...
