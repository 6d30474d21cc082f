"""The app of the tests on this laptop, whose clients the integrations use as they would anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from isthmus.workflows.integrations.integrate import integrate
from isthmus.workflows.resource_uris import last_part, resolve
from isthmus.workflows.states_error import StatesError
from isthmus_local.testbed import LocalTestbed
from tests.core.workflows.integrations.app import app

Do = Callable[..., Any]

JUNK: list[Any] = [None, 7, "", "x", [], ["x"], {}, {"S": "x"}, {"x": {}}, True, "\ud800", "x" * 300_000]
"""What a document may say in any place, though it makes no sense there."""


def failure_of(do: Do, resource: str, arguments: Mapping[str, Any]) -> str:
    """Return the name of what a task fails by; "" where it does not."""
    try:
        do(resource, arguments)
    except StatesError as error:
        return error.error
    return ""


@pytest.fixture(scope="package")
def testbed() -> Iterator[LocalTestbed]:
    testbed = LocalTestbed(app)
    yield testbed
    testbed.close()


@pytest.fixture
def do(testbed: LocalTestbed) -> Do:
    """Do what a resource asks for, with the arguments, over the clients of the testbed."""
    names = {"https://queues/1/work": "Work", "default": "News"}

    def clients(name: str) -> Any:
        return testbed.resource(names.get(name) or last_part(name))

    def do(resource: str, arguments: Mapping[str, Any] | Any) -> Any:
        uri = resource if resource.startswith("arn:") else f"arn:aws:states:::{resource}"
        return integrate(resolve(uri), arguments, clients)

    return do


@pytest.fixture
def got(testbed: LocalTestbed) -> Callable[[str], Any]:
    """Return what a handler got as the message of an id."""

    def got(identifier: str) -> Any:
        testbed.settle()
        return testbed.resource("Got").get(identifier)

    return got
