"""What Google Cloud can do, and its limits; what holds only for a combination of options is in `rules`.

Each bound is the service's own, from its page of quotas or of its REST reference, which stands beside it.
"""

from __future__ import annotations

from isthmus.capabilities import SUPPORTED, Between, Capabilities, Ignored, Limits, NameRule, Support, Unsupported
from isthmus.outgoing import MESSAGE_LIMIT
from isthmus_gcp.names import LIMITS

_MINUTE = 60
_HOUR = 3600
_DAY = 24 * _HOUR

# https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions#retrypolicy
_BACKOFF = Between(0, 600, "seconds", "Pub/Sub's retry policy waits for 10 minutes at most")
# https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions#deadletterpolicy
_ATTEMPTS = Between(1, 100, "attempts", "Pub/Sub counts 100 deliveries at most")
# https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions/pull
_BATCH = Between(1, 1000, "messages", "one pull of Pub/Sub's brings 1,000 at most")
_WINDOW = Between(
    0, _HOUR, "seconds", "Cloud Scheduler starts a drain each so many whole minutes, once an hour at least"
)
# https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.topics#resource:-topic
_RETENTION = Between(
    10 * _MINUTE, 31 * _DAY, "seconds", "Pub/Sub keeps messages for 10 minutes at least, 31 days at most"
)

_ONE_BY_ONE = "Eventarc brings one change at a time"

_DIFFERENT: dict[str, Support] = {
    # https://cloud.google.com/run/docs/configuring/services/memory-limits
    "function.memory": Between(128, 32 * 1024, "MB", "Cloud Run's own"),
    # https://cloud.google.com/run/docs/configuring/max-instances-limits
    "function.min_instances": Between(0, 1000, "instances", "Cloud Run's own"),
    # https://cloud.google.com/run/quotas#cloud_run_limits
    "api.body_limit": Between(1, 32 * 1024 * 1024, "bytes", "Cloud Run takes no larger request"),
    "queue.max_attempts": _ATTEMPTS,
    "queue.attempts.exact": Unsupported(
        "Pub/Sub counts deliveries approximately",
        "let a handler bear one attempt more or less: https://cloud.google.com/pubsub/docs/handling-failures",
    ),
    "queue.retry_delay": _BACKOFF,
    "queue.max_retry_delay": _BACKOFF,
    # https://cloud.google.com/tasks/docs/quotas
    "queue.delay": Between(0, 30 * _DAY, "seconds", "Cloud Tasks keeps a task for 30 days at most"),
    "queue.retention": _RETENTION,
    "queue.subscribe.batch_size": _BATCH,
    "queue.subscribe.batch_window": _WINDOW,
    # https://cloud.google.com/tasks/docs/reference/rest/v2/projects.locations.queues#ratelimits
    "queue.subscribe.max_concurrency": Between(1, 1000, "drains", "Cloud Run runs no more instances, unless asked"),
    "stream.shards": Ignored("Pub/Sub delivers the records of each key in order, of any number of keys at once"),
    "stream.retention": _RETENTION,
    "stream.subscribe.batch_size": _BATCH,
    "stream.subscribe.batch_window": _WINDOW,
    "stream.subscribe.max_attempts": _ATTEMPTS,
    "table.subscribe.batch_size": Ignored(_ONE_BY_ONE),
    "table.subscribe.batch_window": Ignored(_ONE_BY_ONE),
    "table.subscribe.max_attempts": _ATTEMPTS,
    "table.changes.ordered": Unsupported(
        "Firestore's events are not ordered: https://cloud.google.com/firestore/native/docs/extend-with-functions-2nd-gen",
        "compare `change.version`: a change older than one that was handled is dropped",
    ),
    "table.changes.replay": Unsupported(
        "Firestore keeps no changes that could be delivered again", "scan the table, which is what a replay comes to"
    ),
    "table.link.separate": Unsupported(
        "Firestore's permissions are those of a database, so a link to a table reaches its neighbours there",
        "table(isolated=True) has a database of its own",
    ),
    "topic.subscribe.max_attempts": _ATTEMPTS,
    "bucket.subscribe.max_attempts": _ATTEMPTS,
    "filter.numeric": Unsupported(
        "Pub/Sub's attributes are text, which its filters do not compare as numbers",
        "publish an attribute that says what the filter asks, such as weight-class",
    ),
    "linkable.tags": Ignored("nothing is made for it that could have a label"),
    "linkable.transform": Ignored("nothing is made for it that could be transformed"),
    "schedule.tags": Ignored("a job of Cloud Scheduler has no labels"),
    "workflow.express": Ignored("Workflows has one kind of workflow, which does what an express one does"),
    "workflow.fail-fast": Unsupported(
        "Workflows lets the other branches and iterations end where one has failed; no new iteration begins",
        "let a step bear that its neighbour has failed: "
        "https://cloud.google.com/workflows/docs/reference/syntax/parallel-steps#exceptions",
    ),
    "workflow.heartbeat": Unsupported(
        "Workflows knows no heartbeats", "give the task TimeoutSeconds, and let whoever is at work report by a table"
    ),
    "workflow.history": Unsupported(
        "Workflows keeps the steps of its own language, not the transitions of states",
        "look at the execution in Google's console: its steps have the names of the states",
    ),
    "workflow.jsonata": Unsupported(
        "its query language is JSONata, for which Workflows has no counterpart",
        "write the state with QueryLanguage JSONPath",
    ),
    "workflow.redrive": Unsupported(
        "Workflows cannot go on with an execution that has failed", "start another, with tasks that bear to be repeated"
    ),
    "workflow.timeout": Unsupported(
        "Workflows ends calls and callbacks after a time, and no other states",
        "TimeoutSeconds of a Task and of the whole definition are kept; leave it out elsewhere",
    ),
}

_SAME = (
    "api",
    "api.cors",
    "api.cors.credentials",
    "api.cors.expose",
    "api.cors.headers",
    "api.cors.max_age",
    "api.cors.methods",
    "api.cors.origins",
    "api.tags",
    "api.transform",
    "bucket",
    "bucket.subscribe.events",
    "bucket.subscribe.prefix",
    "bucket.subscribe.skip",
    "bucket.subscribe.suffix",
    "bucket.tags",
    "bucket.transform",
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
    "filter.prefix",
    "function",
    "function.concurrency",
    "function.environment",
    "function.serial",
    "function.tags",
    "function.timeout",
    "function.transform",
    "linkable",
    "linkable.grants",
    "linkable.properties",
    "parameter",
    "parameter.tags",
    "parameter.transform",
    "parameter.value",
    "queue",
    "queue.fifo",
    "queue.tags",
    "queue.transform",
    "queue.visibility_timeout",
    "schedule",
    "schedule.expression",
    "schedule.payload",
    "schedule.timezone",
    "schedule.transform",
    "secret",
    "secret.tags",
    "secret.transform",
    "stream",
    "stream.replay",  # by a seek of the subscription
    "stream.tags",
    "stream.trace",  # a record's attributes travel with it
    "stream.transform",
    "table",
    "table.fields",
    "table.global_indexes",
    "table.isolated",
    "table.primary_index",
    "table.tags",
    "table.transform",
    "table.ttl",
    "topic",
    "topic.subscribe.filter",
    "topic.tags",
    "topic.transform",
    "workflow",
    "workflow.definition",
    "workflow.tags",
    "workflow.transform",
)

RESERVED = (
    "ISTHMUS_*",
    "X_GOOGLE_*",
    "CLOUD_RUN_*",
    "FUNCTION_TARGET",
    "FUNCTION_SIGNATURE_TYPE",
    "K_SERVICE",
    "K_REVISION",
    "K_CONFIGURATION",
    "PORT",
    "THREADS",
    "*_EMULATOR_HOST",
    "GCE_METADATA_*",
)
"""Variables that Cloud Run sets, or that say to functions-framework how to run: `THREADS` is ours to set.

The last would have a function send what it says, secrets and tokens among it, to another host than Google's, in plain.

https://cloud.google.com/run/docs/container-contract#env-vars
https://cloud.google.com/functions/docs/configuring/env-var#runtime_environment_variables_set_automatically
"""


def _name(kind: str, pattern: str, says: str) -> NameRule:
    return NameRule(max_length=LIMITS.get(kind, 100), pattern=pattern, says=says)


_LOWER = "lower case letters, digits and hyphens, and begin with a letter"
_WORD = "letters, digits, hyphens and underscores"

_PUBSUB = r"(?!goog)[A-Za-z][A-Za-z0-9_.~+%-]{2,}"
"""https://cloud.google.com/pubsub/docs/pubsub-basics#resource_names"""

_PUBSUB_SAYS = f"{_WORD}, begin with a letter, and not with goog: name the app otherwise"

_NAMES = {
    "api": _name("api", r"[a-z][a-z0-9-]*[a-z0-9]", _LOWER),
    # https://cloud.google.com/storage/docs/buckets#naming
    "bucket": _name(
        "bucket",
        r"(?!goog)(?!.*(?:google|g00gle))[a-z0-9][a-z0-9-]+[a-z0-9]",
        "lower case letters, digits and hyphens, not begin with goog, and not hold google",
    ),
    "function": _name("function", r"[a-z][a-z0-9-]*[a-z0-9]", _LOWER),
    "queue": _name("queue", _PUBSUB, _PUBSUB_SAYS),
    "topic": _name("topic", _PUBSUB, _PUBSUB_SAYS),
    "stream": _name("stream", _PUBSUB, _PUBSUB_SAYS),
    "schedule": _name("schedule", r"[A-Za-z0-9_-]+", _WORD),
    "secret": _name("secret", r"[A-Za-z0-9_-]+", _WORD),
    "parameter": _name("parameter", r"[A-Za-z0-9_-]+", _WORD),
    "table": NameRule(max_length=LIMITS["database"] + 1 + 1500, pattern=r"[a-z][a-z0-9-]{2,}[a-z0-9]/.+", says=_LOWER),
    "workflow": _name("workflow", r"[a-z][a-z0-9_-]*[a-z0-9]", _LOWER),
}

CAPABILITIES = Capabilities(
    rows={**dict.fromkeys(_SAME, SUPPORTED), **_DIFFERENT},
    limits=Limits(
        # https://cloud.google.com/functions/docs/configuring/env-var#size_limits
        environment_bytes=32 * 1024,
        account_length=30,
        environment_reserved=RESERVED,
        message_bytes=MESSAGE_LIMIT,
        # https://cloud.google.com/functions/quotas#time_limits
        api_timeout=3600,
        function_timeout=3600,
        names=_NAMES,
    ),
)
