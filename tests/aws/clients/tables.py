"""The contract's tables in a ministack, as an app's deployment makes them, and clients of them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from isthmus.declarations.app import App
from isthmus.declarations.table import Table
from isthmus.declarations.target import Target
from isthmus.identities import link_properties
from isthmus.links import Link
from isthmus.table_keys import names
from isthmus.testing.contract.contract_app import contract_app
from isthmus_aws.clients.table import TableClient
from isthmus_aws.services import Services
from tests.aws.clients.linked import services_of
from tests.emulators.aws.ministack import Ministack

_TYPES = {"string": "S", "number": "N", "binary": "B"}


def create(ministack: Ministack, table: Table, name: str) -> None:
    """Make a declared table, with its indexes and its time to live."""
    dynamodb = ministack.client("dynamodb")
    dynamodb.create_table(
        TableName=name,
        BillingMode="PAY_PER_REQUEST",
        KeySchema=_schema(table.primary_index),
        AttributeDefinitions=[
            {"AttributeName": field, "AttributeType": _TYPES[kind]} for field, kind in table.fields.items()
        ],
        **_indexes(table),
    )
    if table.ttl:
        ttl = {"AttributeName": table.ttl, "Enabled": True}
        dynamodb.update_time_to_live(TableName=name, TimeToLiveSpecification=ttl)


def _indexes(table: Table) -> dict[str, Any]:
    indexes = [
        {"IndexName": name, "KeySchema": _schema(index), "Projection": {"ProjectionType": "ALL"}}
        for name, index in table.global_indexes.items()
    ]
    return {"GlobalSecondaryIndexes": indexes} if indexes else {}


def _schema(index: str | Sequence[str]) -> list[dict[str, str]]:
    return [
        {"AttributeName": field, "KeyType": kind} for field, kind in zip(names(index), ("HASH", "RANGE"), strict=False)
    ]


class Tables:
    """An app's tables: as much of a testbed as the contract of tables asks for."""

    def __init__(self, ministack: Ministack, app: App, prefix: str = "") -> None:
        self.ministack = ministack
        self.services: Services = services_of(ministack)
        self._prefix = prefix
        self._declared = {table.name: table for table in app.resources if isinstance(table, Table)}
        self._clients: dict[str, TableClient] = {}
        for name, table in self._declared.items():
            create(ministack, table, prefix + name)

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
        **properties: Any,
    ) -> TableClient:
        """Return a client of its own; `properties` are those of its link besides what is declared."""
        known: Mapping[str, Any] = {**link_properties(self._declared[name]), **properties}
        return TableClient(Link("table", name, self._prefix + name, tuple(verbs), known), services or self.services)

    def images(self, name: str) -> list[dict[str, Any]]:
        """Return everything in a table, as DynamoDB has it."""
        found: list[dict[str, Any]] = self.ministack.client("dynamodb").scan(TableName=self._prefix + name)["Items"]
        return found


def target() -> Target:
    """Return a target on AWS."""
    return Target("aws", "test", account="123456789012", region="us-east-1")


@pytest.fixture(scope="module")
def tables(ministack: Ministack) -> Iterator[Tables]:
    """Yield tables of a test module's own."""
    with pytest.MonkeyPatch.context() as environment:
        for name, value in ministack.environment.items():
            environment.setenv(name, value)
        yield Tables(ministack, contract_app(target()), f"{uuid.uuid4().hex}-")


@pytest.fixture
def items(tables: Tables) -> TableClient:
    """Return the table with indexes and a time to live."""
    return tables.resource("Items")


@pytest.fixture
def case() -> str:
    """Return a name that no other test uses."""
    return uuid.uuid4().hex
