"""The contract runs over every registered provider, in each of the ways that it can run an app for a test.

An app that has to be deployed needs something to be deployed to: the package `tests.emulators.<the provider's name>`,
whose `WAYS` are like a provider's `testbeds`, and whose `deployed(app, **options)` returns the testbed.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

import pytest

from isthmus import providers
from isthmus.declarations.app import App
from isthmus.declarations.target import Target
from isthmus.ports import Provider, Testbed
from isthmus.testing.contract.contract_app import contract_app
from isthmus.tool_ports import HasTestbeds


class Way(NamedTuple):
    """A way to run an app on a provider for a test."""

    provider: Provider
    options: Mapping[str, Any]
    testbed: Callable[..., Testbed]


def _ways() -> Iterator[Any]:
    for name in providers.installed():
        for way, found in _of(providers.find(name)).items():
            yield pytest.param(found, id=f"{name}-{way}".rstrip("-"))


def _of(provider: Provider) -> Mapping[str, Way]:
    """Return the ways of a provider by name; one with neither emulators nor `testbeds` has a single one."""
    if find_spec(f"tests.emulators.{provider.name}"):
        emulated = import_module(f"tests.emulators.{provider.name}")
        return {name: Way(provider, options, emulated.deployed) for name, options in emulated.WAYS.items()}
    testbeds: Mapping[str, Mapping[str, Any]] = provider.testbeds if isinstance(provider, HasTestbeds) else {"": {}}
    return {name: Way(provider, options, provider.testbed) for name, options in testbeds.items()}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """Tell what the functions of an emulated cloud have written with a test that failed."""
    report = yield
    written = getattr(getattr(item, "funcargs", {}).get("testbed"), "written", None)
    if written and call.when == "call":
        told = written()
        if report.failed:
            report.sections.append(("what functions wrote meanwhile", told))
    return report


@pytest.fixture(scope="package", params=_ways())
def way(request: pytest.FixtureRequest) -> Way:
    chosen: Way = request.param
    return chosen


@pytest.fixture(scope="package")
def provider(way: Way) -> Provider:
    return way.provider


@pytest.fixture(scope="package")
def testbed(way: Way) -> Iterator[Testbed]:
    declare: Callable[[Target], App] = contract_app
    testbed = way.testbed(declare, **way.options)
    yield testbed
    testbed.close()
