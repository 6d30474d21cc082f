"""The table from what Google's libraries raise to the core's errors."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest
from google.api_core import exceptions as google

from isthmus.errors import AccessDeniedError, ConditionFailedError, InvalidValueError, IsthmusError, ServiceError
from isthmus.links import Link
from isthmus_gcp.clients.errors import code_of, core_error, unconnected
from isthmus_gcp.rest import RestError

LINK = Link("queue", "Work", "work", ("send",))

auth: Any = import_module("google.auth.exceptions")
requests: Any = import_module("requests")
urllib3: Any = import_module("urllib3.exceptions")
make: Any = google


def translated(error: Exception, verb: str = "send") -> IsthmusError | None:
    return core_error(error, LINK, verb, "Caller")


RAISED = [
    (make.PermissionDenied("no"), AccessDeniedError, "PERMISSION_DENIED"),
    (make.Forbidden("no"), AccessDeniedError, "PERMISSION_DENIED"),
    (RestError(403, "PERMISSION_DENIED", "no"), AccessDeniedError, "PERMISSION_DENIED"),
    (make.PreconditionFailed("no"), ConditionFailedError, "CONDITION_NOT_MET"),
    (make.AlreadyExists("no"), ConditionFailedError, "ALREADY_EXISTS"),
    (make.InvalidArgument("no"), InvalidValueError, "INVALID_ARGUMENT"),
    (make.BadRequest("no"), InvalidValueError, "INVALID_ARGUMENT"),
    (RestError(400, "", "no"), InvalidValueError, "INVALID_ARGUMENT"),
    (make.FailedPrecondition("no"), ServiceError, "FAILED_PRECONDITION"),
    (make.NotFound("no"), ServiceError, "NOT_FOUND"),
    (make.TooManyRequests("no"), ServiceError, "RESOURCE_EXHAUSTED"),
    (make.ResourceExhausted("no"), ServiceError, "RESOURCE_EXHAUSTED"),
    (make.ServiceUnavailable("no"), ServiceError, "UNAVAILABLE"),
    (make.GatewayTimeout("no"), ServiceError, "DEADLINE_EXCEEDED"),
    (make.RetryError("no", cause=make.ServiceUnavailable("x")), ServiceError, "UNAVAILABLE"),
    (make.RetryError("no", cause=ConnectionError("x")), ServiceError, ""),
    (make.DataLoss("no"), ServiceError, "DATA_LOSS"),
    (RestError(418, "", "no"), ServiceError, "418"),
    (auth.RefreshError("no"), ServiceError, ""),
    (auth.DefaultCredentialsError("no"), ServiceError, ""),
    (requests.exceptions.ConnectionError("no"), ServiceError, ""),
    (requests.exceptions.ReadTimeout("no"), ServiceError, ""),
    (urllib3.ProtocolError("no"), ServiceError, ""),
]


@pytest.mark.parametrize(("raised", "expected", "code"), RAISED, ids=[type(raised).__name__ for raised, _, _ in RAISED])
def test_each_error_has_its_own(raised: Exception, expected: type[IsthmusError], code: str) -> None:
    error = translated(raised)

    assert type(error) is expected
    assert "Work" in str(error)
    assert code_of(raised) == code


@pytest.mark.parametrize("raised", [ValueError("x"), OSError("x"), KeyError("x"), InvalidValueError("x")])
def test_what_is_none_of_googles_passes_as_it_is(raised: Exception) -> None:
    assert translated(raised) is None


def test_a_refusal_of_what_the_link_grants_says_so() -> None:
    error = translated(make.PermissionDenied("IAM says no"))

    assert error is not None
    assert "IAM says no" in error.__notes__[0]


@pytest.mark.parametrize(
    ("raised", "hint"),
    [
        (make.NotFound("x"), "is this stage deployed"),
        (make.ResourceExhausted("x"), "ask for a higher quota"),
        (auth.DefaultCredentialsError("Your default credentials were not found."), "application-default login"),
        (auth.DefaultCredentialsError("Neither metadata server or valid service …"), "impersonate-service-account"),
        (make.Unauthenticated("x"), "gcloud auth application-default login"),
        (auth.DefaultCredentialsError("x"), "gcloud auth application-default login"),
        (urllib3.NewConnectionError(None, "x"), "EMULATOR_HOST right"),
        (requests.exceptions.ConnectTimeout("x"), "EMULATOR_HOST right"),
    ],
)
def test_a_message_says_what_to_do(raised: Exception, hint: str) -> None:
    assert hint in str(translated(raised))


def test_a_client_that_cannot_be_made_says_why() -> None:
    assert "storage cannot be asked: no. Sign in" in str(unconnected(auth.DefaultCredentialsError("no"), "storage"))
    assert unconnected(TypeError("ours"), "storage") is None
