"""Where a program deploys to."""

from __future__ import annotations

import pytest

from isthmus.declarations.target import Target
from isthmus_aws.infra.location import located, partition
from tests.aws.infra.mocks import ACCOUNT, run

AWS = Target("aws", "dev")


def where(target: Target, region: str | None) -> Target:
    found: list[Target] = []
    run(lambda: found.append(located(target)), region=region)
    return found[0]


@pytest.fixture(autouse=True)
def _no_region(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_REGION", raising=False)
    monkeypatch.delenv("AWS_DEFAULT_REGION", raising=False)


def test_the_stacks_region_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    assert where(AWS, "eu-north-1") == Target("aws", "dev", ACCOUNT, "eu-north-1")


def test_then_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-1")

    assert where(AWS, None).region == "eu-west-1"


def test_then_the_providers_own() -> None:
    assert where(AWS, None).region == "us-west-2"


def test_what_the_target_names_stays() -> None:
    target = Target("aws", "dev", "999999999999", "sa-east-1")

    assert where(target, "eu-north-1") == target


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        ("eu-central-1", "aws"),
        ("us-east-1", "aws"),
        ("cn-north-1", "aws-cn"),
        ("us-gov-west-1", "aws-us-gov"),
        ("us-iso-east-1", "aws-iso"),
        ("us-isob-east-1", "aws-iso-b"),
    ],
)
def test_a_region_belongs_to_a_partition(region: str, expected: str) -> None:
    assert partition(region) == expected
