"""What AWS can do, and its limits; what holds only for a combination of options is in `rules`.

Each bound is a quota that cannot be raised, from the page of its service: `<service>/latest/…/quotas` or `limits`.
"""

from __future__ import annotations

from isthmus.capabilities import SUPPORTED, Between, Capabilities, Ignored, Limits, NameRule, Support, Unsupported
from isthmus.outgoing import MESSAGE_LIMIT
from isthmus_aws.names import LIMITS

_TWELVE_HOURS = 12 * 3600
_DAY = 24 * 3600
_MOST_ATTEMPTS = 1000

_ATTEMPTS = Between(1, _MOST_ATTEMPTS, "attempts", "SQS's maxReceiveCount")
_WINDOW = Between(0, 300, "seconds", "a mapping's MaximumBatchingWindowInSeconds")
_RETRY = Between(0, _TWELVE_HOURS, "seconds", "SQS hides a message for 12 hours at most")

_DIFFERENT: dict[str, Support] = {
    # https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
    "function.memory": Between(128, 10_240, "MB", "Lambda's own"),
    "api.body_limit": Between(1, 6 * 1024 * 1024, "bytes", "Lambda takes no larger request; binary travels as base64"),
    # https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid.html
    "api.cors.max_age": Between(0, 86_400, "seconds", "API Gateway's own"),
    # https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-queues.html
    "queue.max_attempts": _ATTEMPTS,
    "queue.visibility_timeout": Between(0, _TWELVE_HOURS, "seconds", "SQS's own"),
    "queue.retry_delay": _RETRY,
    "queue.max_retry_delay": _RETRY,
    "queue.delay": Between(0, 900, "seconds", "SQS's own"),
    "queue.retention": Between(60, 14 * _DAY, "seconds", "SQS's own"),
    # https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html
    "queue.subscribe.batch_size": Between(1, 10_000, "messages", "Lambda's own"),
    "queue.subscribe.batch_window": _WINDOW,
    "queue.subscribe.max_concurrency": Between(
        2, 1000, "batches", "a mapping's MaximumConcurrency; for one batch at a time, take a queue with fifo=True"
    ),
    "table.subscribe.batch_size": Between(1, 10_000, "changes", "Lambda's own"),
    "table.subscribe.batch_window": _WINDOW,
    "table.subscribe.max_attempts": _ATTEMPTS,
    "stream.subscribe.batch_size": Between(1, 10_000, "records", "Lambda's own"),
    "stream.subscribe.batch_window": _WINDOW,
    "stream.subscribe.max_attempts": _ATTEMPTS,
    "topic.subscribe.max_attempts": _ATTEMPTS,
    "bucket.subscribe.max_attempts": _ATTEMPTS,
    # https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html
    "stream.shards": Between(1, 10_000, "shards", "Kinesis scales to no more"),
    "stream.retention": Between(_DAY, 365 * _DAY, "seconds", "Kinesis keeps 24 hours at least, a year at most"),
    "stream.trace": Unsupported("a Kinesis record is its data alone: put the correlation id into the record itself"),
    "table.isolated": Ignored("each table has permissions of its own anyway"),
    "linkable.tags": Ignored("nothing is made for it that could have a tag"),
    "linkable.transform": Ignored("nothing is made for it that could be transformed"),
}

_SAME = (
    "api",
    "api.cors",
    "api.cors.credentials",
    "api.cors.expose",
    "api.cors.headers",
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
    "filter.numeric",
    "filter.prefix",
    "function",
    "function.concurrency",
    "function.environment",
    "function.min_instances",
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
    "queue.attempts.exact",  # an attempt is a receive, which SQS counts: a throttled one counts as well (rules)
    "queue.fifo",
    "queue.tags",
    "queue.transform",
    "schedule",
    "schedule.expression",
    "schedule.payload",
    "schedule.tags",  # its group, its role and its inbox have them
    "schedule.timezone",
    "schedule.transform",
    "secret",
    "secret.tags",
    "secret.transform",
    "stream",
    "stream.replay",
    "stream.tags",
    "stream.transform",
    "table",
    "table.changes.ordered",
    "table.changes.replay",  # of the last 24 hours, which is what DynamoDB keeps
    "table.fields",
    "table.global_indexes",
    "table.link.separate",
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
    "workflow.express",
    "workflow.fail-fast",
    "workflow.heartbeat",
    "workflow.history",
    "workflow.jsonata",
    "workflow.redrive",
    "workflow.tags",
    "workflow.timeout",
    "workflow.transform",
)

RESERVED = (
    "ISTHMUS_*",
    "_*",  # _HANDLER, _X_AMZN_TRACE_ID; and Lambda's own names begin with a letter
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_*",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_*",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_METADATA_*",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
)
"""Variables that Lambda sets and refuses to be given: others that begin with `AWS_`, and `TZ`, a function may have.

https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
"""


def _name(kind: str, pattern: str, says: str) -> NameRule:
    return NameRule(max_length=LIMITS.get(kind, 128), pattern=pattern, says=says)


_WORD = "letters, digits, hyphens and underscores"

_NAMES = {
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
    "bucket": _name(
        "bucket",
        r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9-]+[a-z0-9](?<!-s3alias)",
        "lower case letters, digits and hyphens, and begin with none of xn--, sthree-, amzn-s3-demo-",
    ),
    "function": _name("function", r"[A-Za-z0-9_-]+", _WORD),
    "queue": _name("queue", r"[A-Za-z0-9_-]+(\.fifo)?", _WORD),
    "topic": _name("topic", r"[A-Za-z0-9_-]+", _WORD),
    "table": _name("table", r"[A-Za-z0-9_.-]{3,}", f"{_WORD}, 3 at least"),
    "stream": _name("stream", r"[A-Za-z0-9_.-]+", _WORD),
    "schedule": _name("schedule", r"[A-Za-z0-9_.-]+", _WORD),
    "secret": _name("secret", r"[A-Za-z0-9/_+=.@-]+", _WORD),
    # https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-paramstore-su-create.html
    "parameter": _name(
        "parameter",
        r"(?!(?i:aws|ssm))[A-Za-z0-9_.-]+",
        f"{_WORD}, and begin with neither aws nor ssm: name the app otherwise",
    ),
    "api": _name("api", r"[A-Za-z0-9_-]+", _WORD),
    "workflow": _name("workflow", r"[A-Za-z0-9_-]+", _WORD),
}

CAPABILITIES = Capabilities(
    rows={**dict.fromkeys(_SAME, SUPPORTED), **_DIFFERENT},
    limits=Limits(
        # What Lambda measures it shows in its refusal: "exceeded the 4KB limit. String measured: {"NAME":"value"}", the
        # JSON of all variables. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html has the limit.
        environment_bytes=4096,
        environment_as_json=True,
        identity_spills=True,
        account_length=12,
        environment_reserved=RESERVED,
        message_bytes=MESSAGE_LIMIT,
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
        api_timeout=30,
        function_timeout=900,
        # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
        visibility_factor=6,
        names=_NAMES,
    ),
)
