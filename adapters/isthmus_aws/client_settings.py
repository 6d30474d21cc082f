"""What the client of a service is made with, where botocore's own choice would not do."""

from __future__ import annotations

from isthmus._typing import Any, Mapping

_SETTINGS: Mapping[str, Mapping[str, Any]] = {
    # botocore would sign addresses of S3 by the old scheme, which binds no content type and many regions refuse, and
    # for a host of the first region, which sends those of other regions elsewhere.
    # https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
    "s3": {
        "signature_version": "s3v4",
        "s3": {"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
    },
    # An invocation may take 15 minutes; botocore would give up after one, and invoke again.
    # https://docs.aws.amazon.com/lambda/latest/dg/troubleshooting-invocation.html
    "lambda": {"read_timeout": 15 * 60 + 10},
    # An express workflow that is waited for may take five.
    # https://docs.aws.amazon.com/step-functions/latest/apireference/API_StartSyncExecution.html
    "stepfunctions": {"read_timeout": 5 * 60 + 10},
}

_COMMON: Mapping[str, Any] = {
    "retries": {"mode": "standard"},
    # botocore waits a minute for each: longer than most functions may run, so that no retry could help.
    "connect_timeout": 5,
    "read_timeout": 30,
    "tcp_keepalive": True,
    "max_pool_connections": 50,
}


def settings(service: str, *, elsewhere: bool = False) -> dict[str, Any]:
    """Return the options of `botocore.config.Config` for a service; `elsewhere` is an endpoint that is not AWS's."""
    options = {**_COMMON, **_SETTINGS.get(service, {})}
    if elsewhere:  # only AWS has a host name for each bucket, and for some operations
        options |= {"s3": {**options.get("s3", {}), "addressing_style": "path"}, "inject_host_prefix": False}
    return options


def quieten() -> None:
    """Let botocore log no less than warnings, unless its level is set: below it writes whole answers, secrets too."""
    import logging

    logger = logging.getLogger("botocore")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.WARNING)


def is_elsewhere(service: str, endpoint: str) -> bool:
    """Tell whether a service's options differ at an endpoint."""
    host = endpoint.partition("//")[2].partition("/")[0]
    return service in ("s3", "stepfunctions") and "amazonaws.com" not in host
