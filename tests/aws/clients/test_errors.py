"""AWS's errors as the core's; what a client makes of them is in its own tests."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from isthmus.errors import (
    AccessDeniedError,
    ConditionFailedError,
    InvalidValueError,
    IsthmusError,
    ServiceError,
    TooLargeError,
)
from isthmus.links import Link
from isthmus_aws.clients.errors import allow, code_of, core_error, message_of
from tests.aws.service_models import service_model

LINK = Link("bucket", "Files", "app-test-files", ("read",))


def known(name: str) -> Any:
    return getattr(import_module("botocore.exceptions"), name)


def answered(code: str, message: str = "said so") -> Exception:
    error: Exception = known("ClientError")({"Error": {"Code": code, "Message": message}}, "Operation")
    return error


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("AccessDenied", AccessDeniedError),
        ("AuthorizationErrorException", AccessDeniedError),
        ("403", AccessDeniedError),
        ("KMS.AccessDeniedException", AccessDeniedError),
        ("KmsAccessDeniedException", AccessDeniedError),
        ("InvalidRequestException", ServiceError),
        ("PreconditionFailed", ConditionFailedError),
        ("InvalidParameterValue", InvalidValueError),
        ("ValidationException", InvalidValueError),
        ("NoSuchBucket", ServiceError),
        ("SlowDown", ServiceError),
        ("", ServiceError),
    ],
)
def test_a_code_is_the_error_that_it_resembles(code: str, kind: type[IsthmusError]) -> None:
    assert type(core_error(answered(code), LINK, "read", "F")) is kind


def test_an_error_names_the_resource_and_what_was_said() -> None:
    error = core_error(answered("InvalidArgument", "The key is odd"), LINK, "read", "F")

    assert str(error) == "bucket 'Files': The key is odd"
    assert (code_of(answered("A", "b")), message_of(answered("A", "b"))) == ("A", "b")
    assert (code_of(ValueError("x")), message_of(ValueError("x"))) == ("", "x")


def test_only_an_item_is_too_large() -> None:
    item = answered("ValidationException", "Item size has exceeded the maximum allowed size")
    expression = answered("ValidationException", "Expression size has exceeded the maximum allowed size")

    assert type(core_error(item, LINK, "read", "F")) is TooLargeError
    assert type(core_error(expression, LINK, "read", "F")) is InvalidValueError


@pytest.mark.parametrize(
    ("name", "arguments", "hint"),
    [
        ("EndpointConnectionError", {"endpoint_url": "https://x"}, "Is there a way to AWS from here"),
        ("ReadTimeoutError", {"endpoint_url": "https://x"}, "Is there a way to AWS from here"),
        ("ConnectTimeoutError", {"endpoint_url": "https://x"}, "Is there a way to AWS from here"),
        ("NoCredentialsError", {}, "Set AWS_PROFILE, or sign in again"),
        ("NoRegionError", {}, "Set AWS_REGION"),
        ("UnknownEndpointError", {"service_name": "x", "region_name": "y"}, "was not answered"),
    ],
)
def test_what_was_not_answered_says_what_to_do(name: str, arguments: dict[str, Any], hint: str) -> None:
    error = core_error(known(name)(**arguments), LINK, "read", "F")

    assert type(error) is ServiceError
    assert hint in str(error)


@pytest.mark.parametrize(
    ("code", "hint"),
    [
        ("RequestThrottled", "try again later"),
        ("KMS.ThrottlingException", "try again later"),
        ("InvalidAccessKeyId", "sign in"),
        ("RequestTimeTooSkewed", "clock"),
        ("AWS.SimpleQueueService.NonExistentQueue", "deployed"),
    ],
)
def test_a_service_error_says_what_to_do(code: str, hint: str) -> None:
    assert hint in str(core_error(answered(code), LINK, "read", "F"))


def test_errors_of_botocore_that_have_not_its_base_do_not_escape() -> None:
    garbled: Any = import_module("botocore.parsers").ResponseParserError
    expired = RuntimeError("Credentials were refreshed, but the refreshed credentials are still expired.")

    assert type(core_error(garbled("invalid XML"), LINK, "read", "F")) is ServiceError
    assert "sign in" in str(core_error(expired, LINK, "read", "F"))
    assert core_error(RuntimeError("mine"), LINK, "read", "F") is None


def test_what_is_not_botocores_passes() -> None:
    assert core_error(ValueError("mine"), LINK, "read", "F") is None
    assert type(core_error(known("ParamValidationError")(report="x"), LINK, "read", "F")) is InvalidValueError


def test_a_verb_that_is_not_linked_is_refused_with_the_line_to_add() -> None:
    allow(LINK, "read", "F")

    with pytest.raises(AccessDeniedError, match=r"link=\[files\.write\]"):
        allow(LINK, "write", "F")


def test_a_refusal_by_iam_of_what_the_link_grants_says_what_iam_said() -> None:
    granted = core_error(answered("AccessDenied", "not authorized"), LINK, "read", "F")
    unlinked = core_error(answered("AccessDenied", "not authorized"), LINK, "write", "F")

    assert granted is not None
    assert "not authorized" in granted.__notes__[0]
    assert not hasattr(unlinked, "__notes__")


USED: dict[str, tuple[str, ...]] = {
    "dynamodb": (
        "GetItem",
        "PutItem",
        "UpdateItem",
        "DeleteItem",
        "Query",
        "Scan",
        "BatchGetItem",
        "TransactWriteItems",
    ),
    "kinesis": ("PutRecord", "PutRecords"),
    "lambda": ("Invoke",),
    "secretsmanager": ("GetSecretValue", "PutSecretValue"),
    "sns": ("Publish", "PublishBatch"),
    "sqs": ("SendMessage", "SendMessageBatch"),
    "stepfunctions": ("StartExecution",),
}
"""The operations of our clients; S3 names hardly any of its errors."""


def codes() -> set[str]:
    """Return the codes of all errors that the services' models name for them."""
    found: set[str] = set()
    for service, operations in USED.items():
        for operation in operations:
            shapes = service_model(service).operation_model(operation).error_shapes
            found |= {shape.metadata.get("error", {}).get("code") or shape.name for shape in shapes}
    return found


def test_each_error_by_which_a_service_refuses_or_slows_down_is_told_as_that() -> None:
    known_codes = codes()
    denied = {code for code in known_codes if "AccessDenied" in code or "Authorization" in code}
    slowed = {
        code for code in known_codes if any(word in code for word in ("Throttl", "Throughput", "TooManyRequests"))
    }

    assert len(denied) >= 4
    assert len(slowed) >= 8
    network = {"EC2AccessDeniedException"}  # of the invoked function's own role
    told = {code: core_error(answered(code), LINK, "read", "F") for code in denied | slowed}
    assert {code for code in denied if not isinstance(told[code], AccessDeniedError)} == network
    assert [code for code in slowed if "try again later" not in str(told[code])] == []
