"""The contract runs over every registered provider, in each of the ways that it can run an app for a test."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from isthmus import providers
from isthmus.ports import Provider, Testbed
from isthmus.testing.contract.contract_app import contract_app
from isthmus.tool_ports import HasTestbeds


def _ways() -> Iterator[Any]:
    """Yield each provider with each of its testbeds' options; a provider without `testbeds` has one way."""
    for name in providers.installed():
        provider = providers.find(name)
        ways: Mapping[str, Mapping[str, Any]] = provider.testbeds if isinstance(provider, HasTestbeds) else {"": {}}
        for way, options in ways.items():
            yield pytest.param((provider, options), id=f"{name}-{way}".rstrip("-"))


@pytest.fixture(scope="package", params=_ways())
def way(request: pytest.FixtureRequest) -> tuple[Provider, Mapping[str, Any]]:
    chosen: tuple[Provider, Mapping[str, Any]] = request.param
    return chosen


@pytest.fixture(scope="package")
def provider(way: tuple[Provider, Mapping[str, Any]]) -> Provider:
    return way[0]


@pytest.fixture(scope="package")
def testbed(way: tuple[Provider, Mapping[str, Any]]) -> Iterator[Testbed]:
    provider, options = way
    testbed = provider.testbed(contract_app, **options)
    yield testbed
    testbed.close()
