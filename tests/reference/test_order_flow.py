"""The order workflow on the laptop."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.app import app
from isthmus import ports
from isthmus.providers import find
from tests.reference.order_flow import OrderFlow


@pytest.fixture(scope="module")
def shop() -> Iterator[ports.Testbed]:
    testbed = find("local").testbed(app)
    yield testbed
    testbed.close()


class TestOrderFlow(OrderFlow):
    pass
