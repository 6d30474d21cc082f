"""The contract of tables over the client alone, at a Firestore: what needs handlers is proved on the deployed app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from isthmus.ports import Provider
from isthmus.testing.contract.contract_app import contract_app
from isthmus.testing.contract.queries import QueryContract
from isthmus.testing.contract.tables import TableContract
from isthmus.testing.contract.transactions import TransactionContract
from isthmus_gcp.gcp_provider import provider as gcp
from tests.emulators.gcp.firestore.process import Firestore
from tests.gcp.clients.tables import Tables, target


@pytest.fixture(scope="module")
def provider() -> Provider:
    return gcp


@pytest.fixture(scope="module")
def testbed(firestore: Firestore) -> Iterator[Tables]:
    with pytest.MonkeyPatch.context() as environment:
        for name, value in firestore.environment.items():
            environment.setenv(name, value)
        yield Tables(firestore, contract_app(target()))


class TestTables(TableContract):
    pass


class TestQueries(QueryContract):
    pass


class TestTransactions(TransactionContract):
    pass
