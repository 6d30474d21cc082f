"""The pytest plugin: the fixture `app` runs your app for a test, from nothing, and takes it down after it.

Set `isthmus_app` in your pytest settings where the declaration is not `infra/app.py`. Override the fixture
`isthmus_faults` to change what goes wrong:

```python
@pytest.fixture
def isthmus_faults(isthmus_faults: Faults) -> Faults:
    return replace(isthmus_faults, handlers=[CrashAfterWork(function="InventoryReserve")])
```

Every installation of Isthmus loads this module with pytest, so it imports the rest when a test first needs it.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Iterator
from contextlib import chdir
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:  # importing these early would hide them from coverage, and cost every test run
    from isthmus.declarations.app import App
    from isthmus.declarations.target import Target
    from isthmus.testing.app import TestApp
    from isthmus.testing.faults import Faults

pytest.register_assert_rewrite("isthmus.testing.contract")

_SEED = pytest.StashKey[int]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options."""
    group = parser.getgroup("isthmus")
    group.addoption("--isthmus-seed", type=int, help="what duplicates and disorder follow; a failed test tells its own")
    group.addoption("--isthmus-provider", default="local", help="the provider that runs the app (default: local)")
    parser.addini("isthmus_app", "where the app is declared: FILE[:FUNCTION]", default="infra/app.py")


def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed of this run."""
    given: int | None = config.getoption("--isthmus-seed")
    config.stash[_SEED] = random.SystemRandom().randrange(2**32) if given is None else given


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Tell the seed with a test that failed."""
    report = yield
    if report.failed and "isthmus_seed" in getattr(item, "fixturenames", ()):
        report.sections.append(("isthmus", f"run it again with --isthmus-seed={item.config.stash[_SEED]}"))
    return report


@pytest.fixture
def isthmus_seed(request: pytest.FixtureRequest) -> int:
    """Return the seed of this run: `--isthmus-seed`, or a new one."""
    return request.config.stash[_SEED]


@pytest.fixture
def isthmus_faults(isthmus_seed: int) -> Faults:
    """Return what goes wrong: duplicates, disorder and indexes that lag, by the seed."""
    from isthmus.testing.faults import Faults

    return Faults(seed=isthmus_seed)


@pytest.fixture(scope="session")
def isthmus_app(pytestconfig: pytest.Config) -> Callable[[Target], App]:
    """Return the declaration of the app under test."""
    from isthmus.app_loading import load_app

    path: str = pytestconfig.getini("isthmus_app")

    def declared(target: Target) -> App:
        with chdir(pytestconfig.rootpath):  # paths in a declaration are seen from the project's folder
            return load_app(path, target)

    return declared


@pytest.fixture
def app(isthmus_app: Callable[[Target], App], isthmus_faults: Faults, pytestconfig: pytest.Config) -> Iterator[TestApp]:
    """Return the running app, as its users see it."""
    from isthmus import providers
    from isthmus.testing.app import TestApp
    from isthmus.tool_ports import TakesFaults

    name = str(pytestconfig.getoption("--isthmus-provider"))
    provider = providers.find(name)
    # A cloud brings faults of its own; only a provider that runs in this process takes ours.
    options: dict[str, Any] = {"faults": isthmus_faults} if isinstance(provider, TakesFaults) else {}
    running = TestApp(provider.testbed(isthmus_app, **options))
    try:
        yield running
    finally:
        running.close()
