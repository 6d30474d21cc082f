"""Every correction. What is wrong in ministack and does no harm to a test of ours is not here."""

from __future__ import annotations

from tests.emulators.aws.corrections import states
from tests.emulators.aws.corrections.correction import Replacement, Rewrite, replace, rewrite

_HTTP = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html"
_CORS = "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html"
_STREAMS = "https://docs.aws.amazon.com/lambda/latest/dg/services-kinesis-batchfailurereporting.html"
_TABLE_STREAMS = "https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html"
_NUMBERS = "https://docs.aws.amazon.com/sns/latest/dg/numeric-value-matching.html"
_FILTERS = "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html"
_OURS = "tests.emulators.aws.corrections"

REWRITES: tuple[Rewrite, ...] = (
    Rewrite(
        why="a path with several slashes at its start keeps them in `rawPath`, whatever route it is given to",
        page=_HTTP,
        module="app",
        function="_parse_execute_api_url",
        old='    parts = path.lstrip("/").split("/", 1)\n',
        new='    parts = path[1:].split("/", 1)\n',
    ),
    Rewrite(
        why="what comes before the first slash of such a path is no stage",
        page=_HTTP,
        module="app",
        function="_parse_execute_api_url",
        old='        execute_path = "/" + parts[1] if len(parts) > 1 else "/"\n',
        new='        execute_path = ("/" + parts[1] if len(parts) > 1 else "/") if parts[0] else path\n',
    ),
    Rewrite(
        why="cookies come in the list `cookies` of an event of payload 2.0, and not among its headers",
        page=_HTTP,
        module="services.apigateway",
        function="_invoke_lambda_proxy",
        old='"headers": dict(headers),',
        new=(
            '"headers": {k: v for k, v in headers.items() if k != "cookie"},\n'
            '        **({"cookies": headers["cookie"].split("; ")} if headers.get("cookie") else {}),'
        ),
    ),
    Rewrite(
        why="a function that raises, or that is throttled, is a 500 to who called the HTTP API",
        page="https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-troubleshooting-lambda.html",
        module="services.apigateway",
        function="_invoke_lambda_proxy",
        old='    status = lambda_response.get("statusCode", 200)\n',
        new=(
            '    if result.get("throttle") or result.get("error"):\n'
            '        return 500, {"Content-Type": "application/json"}, b\'{"message":"Internal Server Error"}\'\n'
            '    status = lambda_response.get("statusCode", 200)\n'
        ),
    ),
    Rewrite(
        why="OPTIONS is a method like any other where the API has no CORS of its own",
        page=_CORS,
        module="services.apigateway",
        function="_handle_execute_in_scope",
        old='    if method == "OPTIONS":\n',
        new='    if method == "OPTIONS" and cors_cfg:\n',
    ),
    Rewrite(
        why="an event source mapping of a standard queue takes more than ten messages where its batch size says so",
        page="https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html",
        module="services.sqs",
        function="_receive_messages_for_esm",
        old="        max_n = min(int(max_number or 1), 10)\n",
        new="        max_n = int(max_number or 1)\n",
    ),
    Rewrite(
        why="a bucket is private: who signs nothing gets nothing that its policy does not give to everybody",
        page="https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html",
        module="services.s3",
        function="_apply_bucket_scope",
        old="    anonymous = AUTH and not internal and",
        new="    anonymous = not internal and",
    ),
    Rewrite(
        why="a filter's number matches an attribute of the type Number alone, not a string that looks like one",
        page=_NUMBERS,
        module="services.sns",
        function="_attr_candidate_values",
        old='    if (attr.get("DataType") or "").strip() != "String.Array":\n',
        new=(
            '    if (attr.get("DataType") or "").startswith("Number"):\n'
            "        return [float(raw)]\n"
            '    if (attr.get("DataType") or "").strip() != "String.Array":\n'
        ),
    ),
    Rewrite(
        why="the same of an element of a String.Array",
        page=_NUMBERS,
        module="services.sns",
        function="_attr_candidate_values",
        old="            values.append(str(element))\n",
        new="            values.append(element)\n",
    ),
    Rewrite(
        why="the same of a filter on the body",
        page=_NUMBERS,
        module="services.sns",
        function="_as_number",
        old="    if isinstance(value, bool):\n",
        new="    if isinstance(value, (bool, str)):\n",
    ),
    Rewrite(
        why="AWS is reached by TLS, also by its own services: a policy that asks for it lets them in",
        page="https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-securetransport",
        module="core.iam_evaluator",
        function="_resolve_condition_key",
        old="        return str(ctx.secure_transport).lower()\n",
        new='        return "true"\n',
    ),
    Rewrite(
        why="the prefix of a bucket's notification is written URL-encoded",
        page=_FILTERS,
        module="services.s3",
        function="_key_matches_filter",
        old="key.startswith(prefix)",
        new='key.startswith(__import__("urllib.parse", fromlist=["x"]).unquote_plus(prefix))',
    ),
    Rewrite(
        why="the same of the suffix",
        page=_FILTERS,
        module="services.s3",
        function="_key_matches_filter",
        old="key.endswith(suffix)",
        new='key.endswith(__import__("urllib.parse", fromlist=["x"]).unquote_plus(suffix))',
    ),
    Rewrite(
        why="EventBridge Scheduler tells its target the time that it fires for, where the input asks for it",
        page="https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html",
        module="services.scheduler",
        function="_tick_schedules",
        old="                _eb._invoke_target(target, event, sched)\n",
        new=(
            '                due = now_dt.strftime("%Y-%m-%dT%H:%M:%SZ")\n'
            '                told = (target.get("Input") or "").replace("<aws.scheduler.scheduled-time>", due)\n'
            '                _eb._invoke_target({**target, "Input": told}, event, sched)\n'
        ),
    ),
)
"""Places in ministack's source."""

REPLACEMENTS: tuple[Replacement, ...] = (
    Replacement(
        why="what a function reports of a stream's batch is heeded, and so are retries, bisection and destinations",
        page=_STREAMS,
        module="services.lambda_svc",
        function="_poll_kinesis",
        by=f"{_OURS}.shards:poll_kinesis",
    ),
    Replacement(
        why="the same of a table's stream",
        page=_TABLE_STREAMS,
        module="services.lambda_svc",
        function="_poll_dynamodb_streams",
        by=f"{_OURS}.shards:poll_dynamodb",
    ),
    Replacement(
        why="a mapping that starts at LATEST of a Kinesis stream sees what is put after it was made",
        page="https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html",
        module="services.lambda_svc",
        function="_init_stream_position",
        by=f"{_OURS}.shards:begin",
    ),
)
"""Functions of ministack."""


def apply() -> None:
    """Correct everything."""
    rewrite((*REWRITES, *states.REWRITES))
    for replacement in (*REPLACEMENTS, *states.REPLACEMENTS):
        replace(replacement)
