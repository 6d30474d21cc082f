"""The contract's tables in a Firestore, as an app's deployment makes them, and clients of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.table import Table
from isthmus.declarations.target import Target
from isthmus.identities import link_properties
from isthmus.links import Identity, Link
from isthmus.testing.contract.contract_app import contract_app
from isthmus_gcp.clients.table import TableClient
from isthmus_gcp.services import Services
from isthmus_gcp.table_indexes import indexes_of
from tests.emulators.gcp.firestore.process import Firestore, firestore

__all__ = ["firestore"]

PROJECT = "orders-project"
SCOPE = "COLLECTION"


def target() -> Target:
    """Return a target on Google."""
    return Target("gcp", "test", account=PROJECT, region="europe-west1")


def services_of(function: str = "Caller") -> Services:
    """Return the services of a function."""
    identity = Identity(
        app="orders", stage="test", provider="gcp", function=function, account=PROJECT, region="europe-west1"
    )
    return Services(identity)


def create(firestore: Firestore, database: str, table: Table) -> None:
    """Make what a declared table needs: its indexes and its time to live."""
    needed = indexes_of(table)
    for composite in needed.composite:
        firestore.create_index(database, table.name, composite.fields)
    for single in needed.single:
        firestore.set_field(database, table.name, single.field, indexes=[(SCOPE, order) for order in single.orders])
    if needed.ttl:
        firestore.set_field(database, table.name, needed.ttl, indexes=[], ttl=True)


class Tables:
    """An app's tables in one database: as much of a testbed as the contract of tables asks for."""

    def __init__(self, firestore: Firestore, app: App) -> None:
        self.firestore = firestore
        self.database = f"tables-{uuid.uuid4().hex[:12]}"
        self.path = firestore.create_database(PROJECT, self.database)
        self.services = services_of()
        self.declared = {table.name: table for table in app.resources if isinstance(table, Table)}
        self._clients: dict[str, TableClient] = {}
        for table in self.declared.values():
            create(firestore, self.path, table)

    def resource(self, name: str) -> TableClient:
        """Return the client of a declared table, with all of its verbs."""
        if name not in self._clients:
            self._clients[name] = self.client(name)
        return self._clients[name]

    def client(
        self,
        name: str,
        verbs: Sequence[str] = ("read", "write"),
        *,
        services: Services | None = None,
        database: str = "",
        **properties: Any,
    ) -> TableClient:
        """Return a client of its own; `properties` are those of its link besides what is declared."""
        known: Mapping[str, Any] = {**link_properties(self.declared[name]), **properties}
        physical = f"{database or self.database}/{name}"
        return TableClient(Link("table", name, physical, tuple(verbs), known), services or self.services)

    def documents(self, name: str) -> list[dict[str, Any]]:
        """Return everything in a table, as Firestore has it."""
        collection = self.firestore.client(PROJECT, self.database).collection(name)
        return [found.to_dict() for found in collection.stream()]


@pytest.fixture(scope="module")
def tables(firestore: Firestore) -> Iterator[Tables]:
    """Yield tables of a test module's own."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in firestore.environment.items():
            environment.setenv(name, value)
        yield Tables(firestore, contract_app(target()))


@pytest.fixture
def items(tables: Tables) -> TableClient:
    """Return the table with indexes and a time to live."""
    return tables.resource("Items")


@pytest.fixture
def case() -> str:
    """Return a name that no other test uses."""
    return uuid.uuid4().hex
