"""The contract suite itself: what it does where a provider cannot do something."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from isthmus import App, Target, providers
from isthmus.capabilities import Capabilities, Support, Unsupported
from isthmus.plan import plan
from isthmus.ports import Provider
from isthmus.testing.contract.contract import Contract, requires
from isthmus.testing.contract.contract_app import declare

OPTIONAL = (
    *("queue.fifo", "queue.subscribe.max_concurrency", "table.ttl", "stream", "api.cors"),
    *("filter.prefix", "filter.numeric", "filter.anything-but", "filter.exists"),
)


class Lesser:
    """The local provider with some of its abilities taken away."""

    def __init__(self, rows: Mapping[str, Support]) -> None:
        self._whole = providers.find("local")
        whole = self._whole.capabilities
        self.capabilities: Capabilities = replace(whole, rows={**whole.rows, **rows})

    def __getattr__(self, name: str) -> object:
        return getattr(self._whole, name)


def lesser(*features: str) -> Provider:
    provider: Provider = Lesser({feature: Unsupported(f"no {feature} here") for feature in features})  # type: ignore[assignment]  # pyright: ignore[reportAssignmentType]
    return provider


def _fifo(app: App) -> None:
    app.queue("Line", fifo=True)


def _nothing(app: App) -> None:
    pass


class Sample(Contract):
    ran = False

    @requires("queue.fifo", _fifo)
    def check(self) -> None:
        self.ran = True

    @requires("queue.fifo", _nothing)
    def check_without_declaring(self) -> None:
        self.ran = True


def test_a_test_runs_where_the_feature_is_supported() -> None:
    sample = Sample()
    sample.provider = providers.find("local")
    sample.check()

    assert sample.ran


def test_where_it_is_not_the_plan_must_refuse_it() -> None:
    sample = Sample()
    sample.provider = lesser("queue.fifo")
    sample.check()

    assert not sample.ran
    with pytest.raises(AssertionError):
        sample.check_without_declaring()


@pytest.mark.parametrize("feature", OPTIONAL)
def test_the_contract_app_leaves_out_what_a_provider_cannot_do(feature: str) -> None:
    provider = lesser(feature)
    planned = plan(declare(provider.capabilities), Target("local", "test"), provider)

    assert planned.problems == ()


def test_the_whole_contract_app_plans_without_a_problem_on_every_provider() -> None:
    for name in providers.installed():
        provider = providers.find(name)

        assert plan(declare(provider.capabilities), Target(name, "test"), provider).problems == ()
