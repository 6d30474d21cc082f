"""The secrets of a stage in Secrets Manager: versions are counted, values go in and never come out."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from click.testing import CliRunner

from isthmus.cli.commands import cli
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.errors import InvalidValueError, ServiceError, TooLargeError
from isthmus.tool_ports import KeepsSecrets
from isthmus_aws.aws_provider import AwsProvider
from isthmus_aws.names import physical_name
from isthmus_aws.secret_store import SecretNotDeployedError, SecretStore
from isthmus_aws.services import Services
from isthmus_aws.signed_in import NotSignedInError
from tests.aws.botocore_parts import Stubber
from tests.emulators.aws.ministack import Ministack, ministack

__all__ = ["ministack"]


@pytest.fixture
def target(ministack: Ministack, monkeypatch: pytest.MonkeyPatch) -> Target:
    """Return a new stage in the emulated account, to which the environment is signed in."""
    for name, value in ministack.environment.items():
        monkeypatch.setenv(name, value)
    return Target("aws", f"s{uuid.uuid4().hex[:12]}")


@pytest.fixture
def store(target: Target) -> SecretStore:
    return SecretStore("orders", target)


def deployed(ministack: Ministack, target: Target, name: str) -> str:
    """Make a secret as the deployment does, without a value, and return its physical name."""
    whole = Target(target.provider, target.stage, account=ministack.account, region=ministack.region)
    physical = physical_name(App("orders"), whole, "secret", name)
    manager = ministack.client("secretsmanager")
    made = manager.create_secret(Name=physical)
    # The emulator gives it a version that has no value; AWS gives it none, as the documentation says.
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
    manager.update_secret_version_stage(
        SecretId=physical, VersionStage="AWSCURRENT", RemoveFromVersionId=made["VersionId"]
    )
    return physical


def current(ministack: Ministack, physical: str) -> Any:
    return ministack.client("secretsmanager").get_secret_value(SecretId=physical)


def test_versions_count_up_and_the_last_is_current(ministack: Ministack, target: Target, store: SecretStore) -> None:
    physical = deployed(ministack, target, "ApiKey")
    numbers = [store.set("ApiKey", value) for value in ("one", "two", "two", "thrée")]

    assert numbers == [1, 2, 3, 4]
    assert current(ministack, physical)["SecretString"] == "thrée"
    assert [(info.name, info.version) for info in store.list()] == [("ApiKey", 4)]


def test_what_somebody_else_has_set_counts_as_a_version(
    ministack: Ministack, target: Target, store: SecretStore
) -> None:
    physical = deployed(ministack, target, "ApiKey")
    store.set("ApiKey", "one")
    ministack.client("secretsmanager").put_secret_value(SecretId=physical, SecretString="by hand")

    assert store.list()[0].version == 2
    assert store.set("ApiKey", "three") == 3


def test_only_secrets_of_this_stage_that_have_a_value_are_listed(
    ministack: Ministack, target: Target, store: SecretStore
) -> None:
    for name in ("Beta", "Alpha", "Unset"):
        deployed(ministack, target, name)
    longer = Target("aws", f"{target.stage}-more")
    deployed(ministack, longer, "Other")
    ministack.client("secretsmanager").create_secret(Name=f"orders-{target.stage}-Foreign-12345678", SecretString="x")
    SecretStore("orders", longer).set("Other", "x")
    store.set("Beta", "x")
    store.set("Alpha", "x")

    assert [(info.name, info.version) for info in store.list()] == [("Alpha", 1), ("Beta", 1)]


def test_a_removed_secret_has_no_value_and_no_previous_one_and_counts_on(
    ministack: Ministack, target: Target, store: SecretStore
) -> None:
    physical = deployed(ministack, target, "ApiKey")
    store.set("ApiKey", "hush")
    store.set("ApiKey", "hush-hush")
    removed = store.remove("ApiKey")
    stages = ministack.client("secretsmanager").describe_secret(SecretId=physical)["VersionIdsToStages"]

    assert removed
    assert [labels for labels in stages.values() if labels] == [["AWSCURRENT"]]
    assert "hush" not in current(ministack, physical)["SecretString"]
    assert store.list() == []
    assert store.remove("ApiKey") is False
    assert store.set("ApiKey", "again") == 4


def test_a_secret_that_never_had_a_value_or_is_not_deployed_is_not_removed(
    ministack: Ministack, target: Target, store: SecretStore
) -> None:
    deployed(ministack, target, "Unset")

    assert store.remove("Unset") is False
    assert store.remove("NoSuch") is False


def test_an_app_that_is_not_deployed_is_told_with_what_to_run(target: Target, store: SecretStore) -> None:
    with pytest.raises(SecretNotDeployedError, match=rf"pulumi up.*aws-{target.stage}"):
        store.set("ApiKey", "x")
    assert store.list() == []


@pytest.mark.parametrize("value", ["", None, 7, b"x", "\ud800"], ids=repr)
def test_a_value_that_is_no_text_is_refused_without_being_told(store: SecretStore, value: Any) -> None:
    with pytest.raises(InvalidValueError):
        store.set("ApiKey", value)


def test_a_value_that_is_too_large_is_refused(ministack: Ministack, target: Target, store: SecretStore) -> None:
    deployed(ministack, target, "ApiKey")

    with pytest.raises(TooLargeError):
        store.set("ApiKey", "é" * 32_769)
    assert store.set("ApiKey", "é" * 32_768) == 1


def test_two_who_set_it_at_the_same_time_get_different_numbers(
    ministack: Ministack, target: Target, store: SecretStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    # AWS refuses an id that is taken with another value; the emulator overwrites it, so the answers are stubbed.
    # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
    stubber = Stubber(secrets_manager(monkeypatch))
    one = {"Versions": [{"VersionId": f"isthmus-version-{1:016}", "VersionStages": ["AWSCURRENT"]}]}
    stubber.add_response("list_secret_version_ids", one)
    stubber.add_client_error("put_secret_value", "ResourceExistsException", "another value has that id")
    stubber.add_response("list_secret_version_ids", one)
    stubber.add_response("put_secret_value", {})
    with stubber:
        assert store.set("ApiKey", "x") == 3


def test_somebody_who_is_always_too_late_gives_up(store: SecretStore, monkeypatch: pytest.MonkeyPatch) -> None:
    stubber = Stubber(secrets_manager(monkeypatch))
    for _ in range(10):
        stubber.add_response("list_secret_version_ids", {"Versions": []})
        stubber.add_client_error("put_secret_value", "ResourceExistsException")
    with stubber, pytest.raises(ServiceError, match="at the same time"):
        store.set("ApiKey", "x")


def test_versions_on_further_pages_count_too(store: SecretStore, monkeypatch: pytest.MonkeyPatch) -> None:
    stubber = Stubber(secrets_manager(monkeypatch))
    stubber.add_response("list_secret_version_ids", {"Versions": [{"VersionId": "x" * 32}], "NextToken": "more"})
    stubber.add_response("list_secret_version_ids", {"Versions": [{"VersionId": f"isthmus-version-{40:016}"}]})
    stubber.add_response("put_secret_value", {})
    with stubber:
        assert store.set("ApiKey", "x") == 41


def secrets_manager(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return the client that every store made from now on uses."""
    make = Services.client
    made: dict[str, Any] = {}

    def client(self: Services, service: str) -> Any:
        return made.setdefault(service, make(self, service))

    monkeypatch.setattr(Services, "client", client)
    from isthmus.links import Identity

    identity = Identity(app="orders", stage="x", provider="aws", function="x")
    return Services(identity, region="us-east-1").client("secretsmanager")


def test_without_a_region_or_credentials_it_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)

    with pytest.raises(NotSignedInError, match="AWS_REGION"):
        SecretStore("orders", Target("aws", "dev")).set("ApiKey", "x")
    with pytest.raises(NotSignedInError, match="AWS_PROFILE"):
        SecretStore("orders", Target("aws", "dev", region="us-east-1")).set("ApiKey", "x")


def test_the_provider_brings_it_and_the_value_is_in_no_repr(target: Target) -> None:
    provider = AwsProvider()

    assert isinstance(provider, KeepsSecrets)
    assert repr(provider.secrets("orders", target)) == f"<SecretStore of orders, {target.stage}>"


def test_the_commands_set_list_and_remove(
    ministack: Ministack, target: Target, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    declaration = "from isthmus.declarations.app import App\n\n\ndef app(target):\n    app = App('orders')\n"
    (tmp_path / "declared_for_test.py").write_text(f"{declaration}    app.secret('ApiKey')\n    return app\n")
    deployed(ministack, target, "ApiKey")
    options = ["--app", "declared_for_test.py", "--target", f"aws-{target.stage}"]
    run = CliRunner()
    outputs = [
        run.invoke(cli, ["secret", "list", *options]),
        run.invoke(cli, ["secret", "set", "ApiKey", *options], input="hush-hush"),
        run.invoke(cli, ["secret", "list", *options]),
        run.invoke(cli, ["secret", "remove", "ApiKey", *options]),
    ]

    assert [result.exit_code for result in outputs] == [0, 0, 0, 0], [result.output for result in outputs]
    assert f"isthmus secret set ApiKey --target aws-{target.stage}" in outputs[0].output
    assert "version 1" in outputs[1].output
    assert "set (version 1)" in outputs[2].output
    assert "hush" not in "".join(result.output for result in outputs)
