"""Which project and region are meant: the stack's file, then the environment, then the credentials."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from isthmus.declarations.target import Target
from isthmus_gcp.infra.location import PROJECT, REGION
from isthmus_gcp.signed_in import NotSignedInError, signed_in

DEV = Target("gcp", "dev")


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Be in an empty folder, without anything in the environment that says where."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_GCE_CHECK", "true")
    for name in (*PROJECT, *REGION, "GOOGLE_APPLICATION_CREDENTIALS", "CLOUDSDK_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def test_a_target_that_says_it_all_is_taken() -> None:
    target = Target("gcp", "dev", account="p", region="r")

    assert signed_in(target) == target


def test_the_stacks_file_says_it_first(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("Pulumi.gcp-dev.yaml").write_text("config:\n  gcp:project: of-file\n  gcp:region: europe-west1\n")
    monkeypatch.setenv("GOOGLE_PROJECT", "of-environment")
    found = signed_in(DEV)

    assert (found.account, found.region) == ("of-file", "europe-west1")


@pytest.mark.parametrize("text", ["config: {}", "config:", "- a\n", "a: [", "config:\n  gcp:region: 7\n"])
def test_a_stacks_file_that_says_nothing_leaves_it_to_the_environment(
    monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    Path("Pulumi.gcp-dev.yaml").write_text(text)
    monkeypatch.setenv("GOOGLE_CLOUD_PROJECT", "p")
    monkeypatch.setenv("GOOGLE_REGION", "r")
    found = signed_in(DEV)

    assert (found.account, found.region) == ("p", "r")


def test_credentials_say_the_project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "key.json"
    key = {"type": "authorized_user", "client_id": "a", "client_secret": "b", "refresh_token": "c"}
    file.write_text(json.dumps({**key, "quota_project_id": "q"}))
    monkeypatch.setenv("GOOGLE_APPLICATION_CREDENTIALS", str(file))
    monkeypatch.setenv("GOOGLE_REGION", "r")
    with pytest.raises(NotSignedInError, match="GOOGLE_PROJECT"):
        signed_in(DEV)  # a user's credentials belong to no project
    monkeypatch.setenv("GCLOUD_PROJECT", "p")

    assert signed_in(DEV).account == "p"


def test_without_a_region_the_file_to_set_it_in_is_named() -> None:
    with pytest.raises(NotSignedInError, match=r"gcp:region in Pulumi\.gcp-dev\.yaml"):
        signed_in(DEV)


def test_without_a_project_what_to_do_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_REGION", "r")

    with pytest.raises(NotSignedInError, match="gcloud auth application-default login"):
        signed_in(DEV)
