"""Where a program deploys to."""

from __future__ import annotations

import pytest

from isthmus.declarations.target import Target
from isthmus_gcp.infra.location import PROJECT, REGION, NoLocationError, located
from tests.gcp.infra.mocks import run

GCP = Target("gcp", "dev")
CONFIGURED = {"gcp:project": "shop", "gcp:region": "europe-west1"}


def where(target: Target, config: dict[str, str]) -> Target:
    found: list[Target] = []
    run(lambda: found.append(located(target)), config=config)
    return found[0]


@pytest.fixture(autouse=True)
def _nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*PROJECT, *REGION):
        monkeypatch.delenv(name, raising=False)


def test_the_stacks_configuration_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOOGLE_PROJECT", "other")
    monkeypatch.setenv("GOOGLE_REGION", "us-central1")

    assert where(GCP, CONFIGURED) == Target("gcp", "dev", "shop", "europe-west1")


@pytest.mark.parametrize("project", PROJECT)
@pytest.mark.parametrize("region", REGION)
def test_then_the_environments(project: str, region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(project, "other")
    monkeypatch.setenv(region, "us-central1")

    assert where(GCP, {}) == Target("gcp", "dev", "other", "us-central1")


def test_what_the_target_names_stays() -> None:
    target = Target("gcp", "dev", "mine", "asia-east1")

    assert where(target, CONFIGURED) == target


@pytest.mark.parametrize("missing", ["project", "region"])
def test_what_nobody_says_is_asked_for_with_the_command(missing: str) -> None:
    config = {name: value for name, value in CONFIGURED.items() if name != f"gcp:{missing}"}

    with pytest.raises(NoLocationError, match=f"pulumi config set gcp:{missing} NAME, or set GOOGLE_"):
        where(GCP, config)
