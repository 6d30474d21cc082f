"""The models' constraints, held against calls that are known to be right or wrong."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import pytest

from tests.emulators.aws.constraints import ConstraintError, check, faults
from tests.emulators.aws.ministack import Ministack, ministack
from tests.emulators.aws.session import Session

__all__ = ["ministack"]


def model(service: str, operation: str) -> Any:
    return import_module("botocore.session").Session().get_service_model(service).operation_model(operation)


@pytest.mark.parametrize(
    ("service", "operation", "params", "told"),
    [
        ("lambda", "CreateFunction", {"FunctionName": "a b"}, "FunctionName = 'a b': does not match"),
        ("lambda", "CreateFunction", {"Architectures": ["sparc"]}, "Architectures[0] = 'sparc': is none of"),
        ("lambda", "CreateEventSourceMapping", {"ScalingConfig": {"MaximumConcurrency": 1001}}, "1000 is the most"),
        ("lambda", "CreateFunction", {"Environment": {"Variables": {"1": "x"}}}, "Variables.1 = '1': does not match"),
        ("iam", "CreateRole", {"RoleName": "x" * 65}, "is 65, and 64 is the most"),
    ],
)
def test_what_a_model_forbids_is_told(service: str, operation: str, params: Any, told: str) -> None:
    (fault,) = faults(model(service, operation).input_shape, params, operation)

    assert told in fault


def test_what_is_of_a_wrong_type_is_botocores_to_tell() -> None:
    check({"FunctionName": 5}, model("lambda", "GetFunction"))


def test_what_it_allows_is_not() -> None:
    role = {
        "RoleName": "x" * 64,
        "AssumeRolePolicyDocument": "{}",
        "Tags": [{"Key": "isthmus:app", "Value": "müller 1"}],
    }

    check(role, model("iam", "CreateRole"))
    assert not list(faults(model("lambda", "CreateFunction").input_shape, {"Architectures": ["arm64"]}, ""))


def test_every_call_that_makes_a_resource_is_held_to_them(ministack: Ministack, tmp_path: Any) -> None:
    iam = Session(ministack.endpoint, tmp_path).client("iam")

    with pytest.raises(ConstraintError):
        iam.create_role(RoleName="x" * 65, AssumeRolePolicyDocument="{}")
