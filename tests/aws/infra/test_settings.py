"""The components of secrets and parameters."""

from __future__ import annotations

from typing import Any

import pytest

from isthmus.declarations.app import App
from tests.aws.infra.deploying import deployed, refused
from tests.aws.infra.shops import HANDLERS, kept, shop


def key(app: App, transform: Any = None) -> None:
    app.secret("Key", transform=transform)


def rate(app: App, value: str = "5", transform: Any = None) -> None:
    app.parameter("Rate", value, transform=transform)


def test_a_secret_is_a_place_without_a_value() -> None:
    found = deployed(shop(key))

    assert found.names == ["Key", "Key-secret"]
    assert not any("version" in resource.type.lower() for resource in found.resources)
    assert not any("secretString" in resource.inputs for resource in found.resources)


@pytest.mark.parametrize(("removal", "keeps", "days"), [("retain", True, 30), ("remove", False, 0)])
def test_a_secret_can_be_had_back_where_the_stage_keeps_its_data(removal: Any, keeps: bool, days: int) -> None:
    found = deployed(shop(key, removal=removal))

    assert found.named("Key-secret").inputs["recoveryWindowInDays"] == days
    assert kept(found, "Key-secret") == (keeps, keeps, True)


def test_a_secret_may_have_a_key_of_ones_own() -> None:
    arn = "arn:aws:kms:eu-central-1:123456789012:key/1"
    inputs = deployed(shop(lambda app: key(app, {"key": arn, "recovery_window": 7}))).named("Key-secret").inputs

    assert inputs["kmsKeyId"] == arn
    assert inputs["recoveryWindowInDays"] == 7


def test_a_secret_cannot_be_kept_for_days_that_secrets_manager_does_not_know() -> None:
    assert "sets 'recovery_window' to 5" in refused(shop(lambda app: key(app, {"recovery_window": 5})))


def test_who_reads_a_secret_may_use_its_key_through_secrets_manager() -> None:
    arn = "arn:aws:kms:eu-central-1:123456789012:key/1"

    def declare(app: App) -> None:
        secret = app.secret("Key", transform={"key": arn})
        app.function("Reader", f"{HANDLERS}.anything", link=[secret])

    statements = deployed(shop(declare)).named("Reader-policy").json("policy")["Statement"]
    (use,) = [statement for statement in statements if "kms:Decrypt" in statement["Action"]]

    assert use["Resource"] == [arn]
    assert use["Condition"] == {"StringEquals": {"kms:ViaService": "secretsmanager.eu-central-1.amazonaws.com"}}


def test_no_value_of_a_secret_can_be_given_by_a_transform() -> None:
    assert "Secret takes no 'secret_string'" in refused(
        shop(lambda app: key(app, {"nodes": {"secret": {"secret_string": "hunter2"}}}))
    )


def test_a_parameter_is_plain_text_under_its_name() -> None:
    inputs = deployed(shop(rate)).named("Rate-parameter").inputs

    assert inputs["type"] == "String"
    assert inputs["tier"] == "Standard"
    assert inputs["name"].startswith("shop-dev-Rate-")
    assert "5" in str(inputs["value"])


def test_a_large_value_costs_more() -> None:
    assert deployed(shop(lambda app: rate(app, "x" * 4097))).named("Rate-parameter").inputs["tier"] == "Advanced"
    assert deployed(shop(lambda app: rate(app, "x" * 4096))).named("Rate-parameter").inputs["tier"] == "Standard"


def test_a_parameters_value_is_the_declarations_alone() -> None:
    assert "sets 'value'" in refused(shop(lambda app: rate(app, transform={"value": "6"})))


def test_a_parameter_goes_with_any_stage() -> None:
    assert kept(deployed(shop(rate, removal="retain")), "Rate-parameter") == (False, False, False)


def test_an_empty_value_stops_the_deployment() -> None:
    assert "leave the parameter out" in refused(shop(lambda app: rate(app, "")))
