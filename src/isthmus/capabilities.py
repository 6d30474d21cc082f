"""What a provider can do, as data: one row for each thing that an app may declare, and the limits that hold for it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from typing import TypeAlias

from isthmus.declarations.api import Api, Cors
from isthmus.declarations.bucket import Bucket
from isthmus.declarations.function import Function
from isthmus.declarations.queue import Queue
from isthmus.declarations.resource import Resource
from isthmus.declarations.schedule import Schedule
from isthmus.declarations.settings import Linkable, Parameter, Secret
from isthmus.declarations.stream import Stream
from isthmus.declarations.table import Table
from isthmus.declarations.topic import Topic
from isthmus.declarations.workflow import Workflow

KINDS: tuple[type[Resource], ...] = (
    Api,
    Function,
    Queue,
    Topic,
    Table,
    Bucket,
    Stream,
    Schedule,
    Secret,
    Parameter,
    Linkable,
    Workflow,
)
"""Everything that an app declares."""

EVENTS = ("http", "queue", "topic", "stream", "table", "bucket", "schedule", "task")
"""The kinds of event that a function may receive."""

FILTERS = ("exact", "prefix", "anything-but", "numeric", "exists")
"""What a topic's subscription may ask of an attribute."""

GUARANTEES = (
    "queue.attempts.exact",  # deliveries are counted exactly
    "stream.trace",  # a stream's records carry the correlation id and the trace context
    "stream.replay",  # a stream's kept records can be delivered again
    "table.changes.ordered",  # the changes of one item arrive in their order
    "table.changes.replay",  # past changes of a table can be delivered again
    "table.link.separate",  # a link to one table reaches none of its neighbours
)
"""What holds without being asked for. Where one does not hold, the plan of an app with such a resource says so."""

WORKFLOWS = (
    "workflow.jsonata",  # states whose QueryLanguage is JSONata
    "workflow.timeout",  # TimeoutSeconds of a whole execution, and of any state
    "workflow.heartbeat",  # HeartbeatSeconds
    "workflow.fail-fast",  # where a branch or an iteration fails, the others are stopped
    "workflow.redrive",  # an execution that has failed goes on from where it failed
    "workflow.history",  # every transition of an execution is kept
)
"""What the definition of a workflow may ask for, or expect."""

_READ = ("bind", "parsed", "fault", "functions")
"""What a workflow's declaration has of its definition."""

_STRUCTURE = frozenset({"app", "name", "where", "handler", "function", "link", "routes", "dead_letters", *_READ})
"""Fields that say what belongs together; they ask nothing of a provider that the kind itself does not ask."""


@dataclass(frozen=True, slots=True)
class Supported:
    """It works, whatever the value."""


SUPPORTED = Supported()


@dataclass(frozen=True, slots=True)
class Between:
    """It works for values from `low` to `high` (None: no bound), in `unit`; `reason` says whose bound that is."""

    low: float
    high: float | None
    unit: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OneOf:
    """It works for these values only."""

    values: tuple[object, ...]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Ignored:
    """It may be asked for, changes nothing there, and does no harm: the plan notes it, with the reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """It does not work there: an app that asks for it is refused, with the reason and what to do instead."""

    reason: str
    alternative: str = ""


Support: TypeAlias = Supported | Between | OneOf | Ignored | Unsupported
"""One row of a provider's table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NameRule:
    """What a physical name may look like: its length, and `pattern`, a regular expression for the whole of it."""

    max_length: int = 255
    pattern: str = r".+"
    says: str = ""
    """The pattern in words, for whoever broke it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What holds for every app on a provider. Bytes and seconds; None where there is no limit.

    `environment_bytes` is the budget of all variables of a function together, names included, and
    `environment_as_json` whether they are counted as the JSON object of them, in which each quote of a value takes two.
    `identity_spills` tells whether an identity that they have no room for becomes a file of the function's bundle:
    then only what a function declares can be too large. Variables that are in `environment_reserved`, or start with
    one of its entries that end in `*`, belong to the provider. `account_length` is how long its accounts' names are,
    for a target that names none. `names` maps a kind to its rule. `visibility_factor` times its function's timeout is
    the least that a queue's visibility timeout should be.
    """

    environment_bytes: int
    environment_as_json: bool = False
    identity_spills: bool = False
    environment_reserved: tuple[str, ...] = ()
    account_length: int = 0
    message_bytes: int | None = None
    api_timeout: float | None = None
    function_timeout: float | None = None
    visibility_factor: float = 1
    names: Mapping[str, NameRule] = field(default_factory=lambda: {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """A provider's table: each of `features()` mapped to its support, and the provider's limits."""

    rows: Mapping[str, Support]
    limits: Limits

    def support(self, feature: str) -> Support:
        """Return the row of `feature`; a feature without a row is not supported, and `missing` names it."""
        return self.rows.get(feature, Unsupported("its provider does not say that it can"))

    def missing(self) -> list[str]:
        """Return the features that have no row: a provider's tests fail on any."""
        return [feature for feature in features() if feature not in self.rows]

    def unknown(self) -> list[str]:
        """Return the rows that are no feature: a provider's tests fail on any."""
        return [row for row in self.rows if row not in features()]


@cache
def features() -> tuple[str, ...]:
    """Return every key of a capability table, derived from the declarations.

    `queue` (a kind), `queue.fifo` (an option), `queue.subscribe.batch_size` (an option of a subscription),
    `api.cors.max_age`, `filter.prefix`, `event.http`, and the guarantees.
    """
    return (
        *(feature for kind in KINDS for feature in _of_kind(kind)),
        *(f"api.cors.{option.name}" for option in fields(Cors)),
        *(f"filter.{operator}" for operator in FILTERS),
        *(f"event.{kind}" for kind in EVENTS),
        *GUARANTEES,
        *WORKFLOWS,
    )


def options(kind: type[Resource]) -> tuple[str, ...]:
    """Return the names of the options of a kind that a provider may or may not support."""
    return tuple(option.name for option in fields(kind) if option.name not in _STRUCTURE)


def subscribe_options(kind: type[Resource]) -> tuple[str, ...]:
    """Return the names of the options of a subscription to a kind; none where there is nothing to subscribe to."""
    subscribe = getattr(kind, "subscribe", None)
    if subscribe is None:
        return ()
    parameters = inspect.signature(subscribe).parameters.values()
    return tuple(p.name for p in parameters if p.kind is inspect.Parameter.KEYWORD_ONLY)


def _of_kind(kind: type[Resource]) -> Iterator[str]:
    yield kind.kind
    for option in options(kind):
        yield f"{kind.kind}.{option}"
    for option in subscribe_options(kind):
        yield f"{kind.kind}.subscribe.{option}"
