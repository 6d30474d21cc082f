"""The table of kinds, held to pulumi-aws's own classes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import pytest

from infra.app import app
from isthmus import deployment
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.testing.contract.contract_app import contract_app
from tests.emulators.aws.deploy import deploy
from tests.emulators.aws.kinds.table import KINDS
from tests.emulators.aws.ministack import Ministack, ministack

__all__ = ["ministack"]


def _class_of(token: str) -> Any:
    """Return the class of `aws:sqs/queue:Queue`; the services whose names Python reserves have a `_` behind them."""
    service, name = re.split("[:/]", token)[1], token.rpartition(":")[2]
    module = import_module(f"pulumi_aws.{'lambda_' if service == 'lambda' else service}")
    return getattr(module, name, None)


def _wire_names(resource: Any) -> set[str]:
    """Return the names of a class's outputs as they are on the wire."""
    members: Mapping[str, Any] = resource.__dict__
    return {
        str(getattr(found.fget, "_pulumi_name", name)) for name, found in members.items() if isinstance(found, property)
    }


@pytest.mark.parametrize("token", sorted(token for token in KINDS if not token.endswith("V2")))
def test_a_kind_is_one_of_pulumi_aws_and_supplies_what_it_has(token: str) -> None:
    resource = _class_of(token)

    assert resource is not None
    assert {*KINDS[token].outputs, *KINDS[token].replaced_by} <= _wire_names(resource)


@pytest.mark.parametrize("declare", [app, contract_app])
def test_every_resource_of_an_app_has_a_creator(ministack: Ministack, declare: Callable[[Target], App]) -> None:
    ministack.reset()
    previewed = deploy(lambda: deployment.deploy(declare), ministack, stack="aws-test", preview=True)

    assert "aws:lambda/function:Function" in previewed.tokens
    assert previewed.tokens <= set(KINDS)


def test_a_name_that_no_class_has_is_found() -> None:
    assert "arn" in _wire_names(_class_of("aws:sqs/queue:Queue"))
    assert "arm" not in _wire_names(_class_of("aws:sqs/queue:Queue"))
