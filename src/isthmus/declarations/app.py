"""The app: everything that is declared, as plain data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, Unpack, cast

from isthmus.declarations.api import Api, Cors
from isthmus.declarations.bucket import Bucket
from isthmus.declarations.function import Function
from isthmus.declarations.options import FunctionOptions, RunOptions, StepOptions, checked, did_you_mean
from isthmus.declarations.problem import Problem, caller
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource, Transform
from isthmus.declarations.schedule import Schedule
from isthmus.declarations.settings import Linkable, Parameter, Secret
from isthmus.declarations.stream import Stream
from isthmus.declarations.subscription import Subscription, declare_function
from isthmus.declarations.table import Index, Table
from isthmus.declarations.topic import Topic
from isthmus.declarations.unknown import UNKNOWN
from isthmus.declarations.workflow import Workflow
from isthmus.declarations.workflow_steps import declare_steps, read_definition

Removal = Literal["remove", "retain"]


class App:
    """A serverless app: declare its resources, link them to functions, and return it from `app(target)`.

    `removal` says what becomes of what holds data when the stage is removed; `tags` are set on everything;
    `transform` maps a kind ("function", "queue", …) to a transform of each resource of that kind.
    """

    def __init__(
        self,
        name: str,
        *,
        removal: Removal = "retain",
        tags: Mapping[str, str] | None = None,
        transform: Mapping[str, Transform] | None = None,
    ) -> None:
        self.name = name
        self.where = caller()
        self.removal: Removal = removal
        self.tags: Mapping[str, str] = tags or {}
        self.transform: Mapping[str, Transform] = transform or {}
        self.resources: list[Resource] = []
        self.subscriptions: list[Subscription] = []
        self.outputs: dict[str, Any] = {}
        self.problems: list[Problem] = []

    if not TYPE_CHECKING:

        def __getattr__(self, name):
            """Record the use of a mistyped method and go on, so that all mistakes are told at once."""
            if name.startswith("_") or "problems" not in vars(self):
                raise AttributeError(f"App has no attribute {name!r}", name=name, obj=self)
            methods = [method for method in vars(type(self)) if not method.startswith("_")]
            self.problems.append(Problem(caller(), f"an app has no method {name!r}: {did_you_mean(name, methods)}"))
            return UNKNOWN

    def output(self, **values: Any) -> None:
        """Show `values` after a deployment: text and such, the address of an api, and of a resource its fixed name."""
        self.outputs.update(values)

    def _dead_letters(self, source: str) -> Queue:
        """Declare the queue that takes what could not be handled of `source`."""
        queue = Queue(app=self, name=f"{source}DeadLetters", retention=14 * 24 * 3600)
        self.resources.append(queue)
        return queue

    @checked
    def api(
        self,
        name: str,
        *,
        cors: Cors | None = None,
        body_limit: int = 6 * 1024 * 1024,
        tags: Mapping[str, str] | None = None,
        transform: Transform | None = None,
    ) -> Api:
        """Declare an HTTP API: see `Api`."""
        api = Api(app=self, name=name, cors=cors, body_limit=body_limit, tags=tags or {}, transform=transform)
        self.resources.append(api)
        return api

    @checked
    def function(self, name: str, handler: str, **run: Unpack[RunOptions]) -> Function:
        """Declare a function to give to several triggers, or to link and invoke: see `Function`."""
        options: FunctionOptions = {**run, "name": name}
        return declare_function(self, handler, options)

    @checked
    def queue(
        self,
        name: str,
        *,
        max_attempts: int = 5,
        visibility_timeout: float = 180,
        retry_delay: float = 1,
        max_retry_delay: float = 60,
        delay: float = 0,
        fifo: bool = False,
        retention: int = 4 * 24 * 3600,
        tags: Mapping[str, str] | None = None,
        transform: Transform | None = None,
    ) -> Queue:
        """Declare a queue, with its dead-letter queue: see `Queue`."""
        queue = Queue(
            app=self,
            name=name,
            max_attempts=max_attempts,
            visibility_timeout=visibility_timeout,
            retry_delay=retry_delay,
            max_retry_delay=max_retry_delay,
            delay=delay,
            fifo=fifo,
            retention=retention,
            dead_letters=self._dead_letters(name),
            tags=tags or {},
            transform=transform,
        )
        self.resources.append(queue)
        return queue

    @checked
    def topic(self, name: str, *, tags: Mapping[str, str] | None = None, transform: Transform | None = None) -> Topic:
        """Declare a topic: see `Topic`."""
        topic = Topic(app=self, name=name, dead_letters=self._dead_letters(name), tags=tags or {}, transform=transform)
        self.resources.append(topic)
        return topic

    @checked
    def table(
        self,
        name: str,
        *,
        fields: Mapping[str, str],
        primary_index: Index,
        global_indexes: Mapping[str, Index] | None = None,
        ttl: str | None = None,
        isolated: bool = False,
        tags: Mapping[str, str] | None = None,
        transform: Transform | None = None,
    ) -> Table:
        """Declare a table: see `Table`."""
        table = Table(
            app=self,
            name=name,
            fields=fields,
            primary_index=primary_index,
            global_indexes=global_indexes or {},
            ttl=ttl,
            isolated=isolated,
            dead_letters=self._dead_letters(name),
            tags=tags or {},
            transform=transform,
        )
        self.resources.append(table)
        return table

    @checked
    def bucket(
        self,
        name: str,
        *,
        versioned: bool = False,
        tags: Mapping[str, str] | None = None,
        transform: Transform | None = None,
    ) -> Bucket:
        """Declare a bucket: see `Bucket`."""
        bucket = Bucket(
            app=self,
            name=name,
            versioned=versioned,
            dead_letters=self._dead_letters(name),
            tags=tags or {},
            transform=transform,
        )
        self.resources.append(bucket)
        return bucket

    @checked
    def stream(
        self,
        name: str,
        *,
        shards: int = 1,
        retention: int = 24 * 3600,
        tags: Mapping[str, str] | None = None,
        transform: Transform | None = None,
    ) -> Stream:
        """Declare a stream: see `Stream`."""
        stream = Stream(
            app=self,
            name=name,
            shards=shards,
            retention=retention,
            dead_letters=self._dead_letters(name),
            tags=tags or {},
            transform=transform,
        )
        self.resources.append(stream)
        return stream

    @checked
    def schedule(
        self,
        name: str,
        expression: str,
        handler: str | Function,
        *,
        timezone: str = "UTC",
        payload: Any = None,
        **run: Unpack[RunOptions],
    ) -> Schedule:
        """Fire `handler` by `expression`: see `Schedule`; `run` holds the options of a function made from a path."""
        options = cast("FunctionOptions", run)  # the same without a name
        target = declare_function(self, handler, options)
        schedule = Schedule(
            app=self,
            name=name,
            expression=expression,
            function=target,
            timezone=timezone,
            payload=payload,
        )
        self.resources.append(schedule)
        return schedule

    @checked
    def secret(self, name: str, *, tags: Mapping[str, str] | None = None, transform: Transform | None = None) -> Secret:
        """Declare a secret, whose value `isthmus secret set` puts: see `Secret`."""
        secret = Secret(app=self, name=name, tags=tags or {}, transform=transform)
        self.resources.append(secret)
        return secret

    @checked
    def parameter(
        self,
        name: str,
        value: str,
        *,
        tags: Mapping[str, str] | None = None,
        transform: Transform | None = None,
    ) -> Parameter:
        """Declare plain configuration: see `Parameter`."""
        parameter = Parameter(app=self, name=name, value=value, tags=tags or {}, transform=transform)
        self.resources.append(parameter)
        return parameter

    @checked
    def linkable(
        self,
        name: str,
        *,
        properties: Mapping[str, Any],
        grants: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
    ) -> Linkable:
        """Declare something else that functions link to: see `Linkable`."""
        linkable = Linkable(app=self, name=name, properties=properties, grants=grants or {})
        self.resources.append(linkable)
        return linkable

    @checked
    def workflow(
        self,
        name: str,
        definition: str | Mapping[str, Any],
        *,
        bind: Mapping[str, str | Resource] | None = None,
        express: bool = False,
        tags: Mapping[str, str] | None = None,
        transform: Transform | None = None,
        **run: Unpack[StepOptions],
    ) -> Workflow:
        """Declare a workflow: see `Workflow`; `run` holds the options of the functions made for its handler paths."""
        parsed, fault = read_definition(definition)
        workflow = Workflow(
            app=self,
            name=name,
            definition=definition,
            bind=bind or {},
            link=run.get("link", ()),
            express=express,
            tags=tags or {},
            transform=transform,
            parsed=parsed,
            fault=fault,
            functions=declare_steps(self, parsed, bind or {}, run),
        )
        self.resources.append(workflow)
        return workflow
