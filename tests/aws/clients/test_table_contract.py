"""The contract of tables over the client alone, at a ministack: what needs handlers is proved on the deployed app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from isthmus.ports import Provider
from isthmus.testing.contract.contract_app import contract_app
from isthmus.testing.contract.queries import QueryContract
from isthmus.testing.contract.tables import TableContract
from isthmus.testing.contract.transactions import TransactionContract
from isthmus_aws.aws_provider import provider as aws
from tests.aws.clients.tables import Tables, target
from tests.emulators.aws.ministack import Ministack


@pytest.fixture(scope="module")
def provider() -> Provider:
    return aws


@pytest.fixture(scope="module")
def testbed(ministack: Ministack) -> Iterator[Tables]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in ministack.environment.items():
            environment.setenv(name, value)
        yield Tables(ministack, contract_app(target()), "contract-")


class TestTables(TableContract):
    pass


class TestQueries(QueryContract):
    pass


class TestTransactions(TransactionContract):
    pass
