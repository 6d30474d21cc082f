from __future__ import annotations

from pathlib import Path

import pytest

from isthmus.declarations.target import Target
from isthmus_aws.signed_in import NotSignedInError, signed_in

DEV = Target("aws", "dev", account="111122223333")


@pytest.fixture(autouse=True)
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Work in a folder of one's own, with no AWS environment."""
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_stacks_own_file_says_the_region_before_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "Pulumi.aws-dev.yaml").write_text("config:\n  aws:region: eu-north-1\n")
    monkeypatch.setenv("AWS_REGION", "us-east-1")

    assert signed_in(DEV).region == "eu-north-1"
    assert signed_in(Target("aws", "other", account="1")).region == "us-east-1"
    assert signed_in(Target("aws", "dev", account="1", region="sa-east-1")).region == "sa-east-1"


@pytest.mark.parametrize("content", ["", "config:", "config: []", "config: {aws:region: 3}", "{", "config: {a: b}"])
def test_a_file_that_says_no_region_is_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    (folder / "Pulumi.aws-dev.yaml").write_text(content)
    monkeypatch.setenv("AWS_REGION", "us-east-1")

    assert signed_in(DEV).region == "us-east-1"


def test_without_a_region_it_is_told_where_to_say_it() -> None:
    with pytest.raises(NotSignedInError, match=r"aws:region in Pulumi\.aws-dev\.yaml, AWS_REGION"):
        signed_in(DEV)
