"""What the laptop can do: nearly everything, as the clouds do it; and its limits."""

from __future__ import annotations

from isthmus.capabilities import SUPPORTED, Between, Capabilities, Ignored, Limits, Support, features
from isthmus.outgoing import MESSAGE_LIMIT

_DISK = "the laptop's disk sets the bound"

_TWELVE_HOURS = 12 * 3600
_FOURTEEN_DAYS = 14 * 24 * 3600
_YEAR = 365 * 24 * 3600

_DIFFERENT: dict[str, Support] = {
    "function.memory": Ignored("workers on a laptop share its memory"),
    "queue.max_attempts": Between(1, 1000, "attempts"),
    "queue.visibility_timeout": Between(0.01, _TWELVE_HOURS, "seconds"),
    "queue.delay": Between(0, _FOURTEEN_DAYS, "seconds", _DISK),
    "queue.retention": Between(60, _FOURTEEN_DAYS, "seconds", _DISK),
    "queue.subscribe.batch_size": Between(1, 10_000, "messages"),
    "queue.subscribe.batch_window": Between(0, 300, "seconds"),
    "queue.subscribe.max_concurrency": Between(1, 1000, "batches"),
    "topic.subscribe.max_attempts": Between(1, 1000, "attempts"),
    "table.subscribe.batch_size": Between(1, 10_000, "changes"),
    "table.subscribe.batch_window": Between(0, 300, "seconds"),
    "table.subscribe.max_attempts": Between(1, 1000, "attempts"),
    "bucket.subscribe.max_attempts": Between(1, 1000, "attempts"),
    "stream.subscribe.batch_size": Between(1, 10_000, "records"),
    "stream.subscribe.batch_window": Between(0, 300, "seconds"),
    "stream.subscribe.max_attempts": Between(1, 1000, "attempts"),
    "stream.shards": Between(1, 100, "shards"),
    "stream.retention": Between(60, _YEAR, "seconds", _DISK),
    "linkable.grants": Ignored("nothing on a laptop needs a permission"),
}

_LABELS = dict.fromkeys(
    (feature for feature in features() if feature.endswith((".tags", ".transform"))),
    Ignored("nothing is deployed on a laptop, so there is nothing to label or to transform"),
)

_SAME = (
    "api",
    "api.body_limit",
    "api.cors",
    "api.cors.credentials",
    "api.cors.expose",
    "api.cors.headers",
    "api.cors.max_age",
    "api.cors.methods",
    "api.cors.origins",
    "bucket",
    "bucket.subscribe.events",
    "bucket.subscribe.prefix",
    "bucket.subscribe.skip",
    "bucket.subscribe.suffix",
    "bucket.versioned",
    "event.bucket",
    "event.http",
    "event.queue",
    "event.schedule",
    "event.stream",
    "event.table",
    "event.task",
    "event.topic",
    "filter.anything-but",
    "filter.exact",
    "filter.exists",
    "filter.numeric",
    "filter.prefix",
    "function",
    "function.concurrency",
    "function.environment",
    "function.min_instances",
    "function.serial",
    "function.timeout",
    "linkable",
    "linkable.properties",
    "parameter",
    "parameter.value",
    "queue",
    "queue.attempts.exact",
    "queue.fifo",
    "queue.max_retry_delay",
    "queue.retry_delay",
    "schedule",
    "schedule.expression",
    "schedule.payload",
    "schedule.timezone",
    "secret",
    "stream",
    "stream.replay",
    "stream.trace",
    "table",
    "table.changes.ordered",
    "table.changes.replay",
    "table.fields",
    "table.global_indexes",
    "table.isolated",
    "table.link.separate",
    "table.primary_index",
    "table.ttl",
    "topic",
    "topic.subscribe.filter",
    "workflow",
    "workflow.definition",
    "workflow.express",
    "workflow.fail-fast",
    "workflow.heartbeat",
    "workflow.history",
    "workflow.jsonata",
    "workflow.redrive",
    "workflow.timeout",
)

CAPABILITIES = Capabilities(
    rows={**dict.fromkeys(_SAME, SUPPORTED), **_LABELS, **_DIFFERENT},
    limits=Limits(
        # A process takes far more; past this size a variable is a file in disguise, and no cloud takes it.
        environment_bytes=32 * 1024,
        environment_reserved=("ISTHMUS", "ISTHMUS_*"),
        message_bytes=MESSAGE_LIMIT,
        # Nothing on a laptop ends a request early but its function's own timeout, so an api has no limit of its own:
        # the clouds' tables hold theirs, and a plan for a cloud tells of them.
        api_timeout=None,
        function_timeout=3600,
    ),
)
