"""A table on DynamoDB, and how Lambda reads its changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pulumi
from pulumi_aws import dynamodb

from isthmus.components.arguments import ComponentArgs, settled
from isthmus.components.component import Component, Node
from isthmus.declarations import table as declarations
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus_aws.infra.logs import read_by
from isthmus_aws.infra.mapping import MAPPING

TABLE = Node("table", dynamodb.Table, holds_data=True)

TYPES: Mapping[str, str] = {"string": "S", "number": "N", "binary": "B"}
"""The types of key fields, as DynamoDB names them."""

_IMAGES = "NEW_AND_OLD_IMAGES"


@dataclass(frozen=True, kw_only=True)
class TableArgs(ComponentArgs):
    """A table on DynamoDB, besides what its declaration says.

    `point_in_time_recovery` (it can be restored to any second of the last 35 days, for a price by the gigabyte) and
    `deletion_protection` are on where the stage keeps its data. `filters` are by the name of the function that reads
    the changes.

    A table whose declaration no longer has a `ttl` goes on deleting what has expired: its provider turns nothing off
    that is left out, and DynamoDB wants to be told which field. One deployment with `nodes={"table": {"ttl":
    {"attribute_name": "expires", "enabled": False}}}` ends it. Another field takes two, an hour apart.
    https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html
    """

    point_in_time_recovery: bool = False
    deletion_protection: bool = False
    filters: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=lambda: {})

    @classmethod
    def of(cls, declared: declarations.Table, plan: Plan) -> TableArgs:
        """Return the arguments of a declared table, after the transforms."""
        kept = plan.app.removal == "retain"
        return settled(cls, declared, plan, {"point_in_time_recovery": kept, "deletion_protection": kept})


class Table(Component[TableArgs]):
    """A table, paid by the request; it has a stream only where somebody subscribes to its changes."""

    token = "isthmus:aws:Table"
    children = (TABLE, MAPPING)
    takes = TableArgs

    def __init__(self, declared: declarations.Table, deployment: Deployment) -> None:
        super().__init__(declared.name, TableArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        subscribed = any(s.source is declared for s in deployment.plan.app.subscriptions)
        self.table = self.child(TABLE, self._arguments(declared, subscribed=subscribed), adopt=self.physical)
        if subscribed:
            read_by(self, declared, self.table.stream_arn, filters=self.args.filters)
        self.done(name=self.physical, arn=self.arn)

    @property
    def arn(self) -> pulumi.Output[str]:
        """The table's ARN."""
        return self.table.arn

    def _arguments(self, declared: declarations.Table, *, subscribed: bool) -> dict[str, Any]:
        keys = [_key(declared.primary_index), *map(_key, declared.global_indexes.values())]
        used = sorted({part for key in keys for part in key})
        hash_key, *range_key = _key(declared.primary_index)
        return {
            "name": self.physical,
            "billing_mode": "PAY_PER_REQUEST",
            "attributes": [{"name": name, "type": TYPES[declared.fields[name]]} for name in used],
            "hash_key": hash_key,
            **({"range_key": range_key[0]} if range_key else {}),
            "global_secondary_indexes": _indexes(declared),
            **({"ttl": {"attribute_name": declared.ttl, "enabled": True}} if declared.ttl else {}),
            **({"stream_enabled": True, "stream_view_type": _IMAGES} if subscribed else {}),
            "point_in_time_recovery": {"enabled": self.args.point_in_time_recovery},
            "deletion_protection_enabled": self.args.deletion_protection,
        }


def _key(index: declarations.Index) -> tuple[str, ...]:
    return (index,) if isinstance(index, str) else tuple(index)


def _indexes(declared: declarations.Table) -> list[dict[str, Any]]:
    """Return the indexes, an empty list where there are none: indexes that are left out would stay.

    Their `hash_key` and `range_key` are deprecated; a table's own are not.
    """
    return [
        {
            "name": name,
            "projection_type": "ALL",
            "key_schemas": [
                {"attribute_name": part, "key_type": role}
                for part, role in zip(_key(index), ("HASH", "RANGE"), strict=False)
            ],
        }
        for name, index in declared.global_indexes.items()
    ]
