"""A table: a collection of a Firestore database, its indexes, its time to live, and the triggers of its changes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi_gcp import eventarc, firestore, projects, serviceaccount

from isthmus.components.arguments import ComponentArgs, settled
from isthmus.components.component import Node
from isthmus.declarations import table as declarations
from isthmus.declarations.function import Function
from isthmus.deployment import Deployment
from isthmus.plan import Plan
from isthmus.transforms import merged
from isthmus_gcp.infra.access import IDENTIFY
from isthmus_gcp.infra.account import account, caller_of
from isthmus_gcp.infra.agents import agent
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.database import DATABASE, Database
from isthmus_gcp.infra.database_access import READ, WRITE, let
from isthmus_gcp.infra.inbox import open_inbox
from isthmus_gcp.infra.known_as import known_as
from isthmus_gcp.infra.roster import linked, roster
from isthmus_gcp.names import trigger_name
from isthmus_gcp.table_indexes import EXEMPT, CompositeIndex, SingleFieldIndex, indexes_of

INDEX = Node("index", firestore.Index)
FIELD = Node("field", firestore.Field)
TRIGGER = Node("trigger", eventarc.Trigger)
RECEIVER = Node("receiver", projects.IAMMember)
SIGNER = Node("signer", serviceaccount.IAMMember)

WRITTEN = "google.cloud.firestore.document.v1.written.withAuthContext"
"""Tells who has written, too, and so what time to live has removed.

https://cloud.google.com/eventarc/standard/docs/run/route-trigger-cloud-firestore
https://cloud.google.com/firestore/native/docs/extend-with-functions-2nd-gen#include_authentication_context_in_the_event
"""

RECEIVE = "roles/eventarc.eventReceiver"


@dataclass(frozen=True, kw_only=True)
class TableArgs(ComponentArgs):
    """A table; among its `nodes` are the arguments of its database, which it may share: see `database_of`.

    `location` is that of the database, such as the multi-region "eur3", where it is not the region of the functions.
    """

    location: str = ""

    @classmethod
    def of(cls, declared: declarations.Table, plan: Plan) -> TableArgs:
        """Return the arguments of a declared table, after the transforms."""
        return settled(cls, declared, plan, {})


class Table(GoogleComponent[TableArgs]):
    """A collection; a trigger for each function that hears of its changes, which an account of its own calls."""

    token = "isthmus:gcp:Table"
    children = (INDEX, FIELD, TRIGGER, RECEIVER, SIGNER, DATABASE)
    takes = TableArgs

    def __init__(self, declared: declarations.Table, deployment: Deployment) -> None:
        super().__init__(declared.name, TableArgs.of(declared, deployment.plan), deployment, tags=declared.tags)
        self.physical = deployment.physical(declared)
        _, _, self.collection = self.physical.partition("/")
        self.database = database_of(deployment, declared)
        self._index(declared)
        for name, verbs in linked(deployment, declared):
            let(deployment, self.database, name, WRITE if self._writes(name, verbs) else READ)
        for subscription in deployment.plan.app.subscriptions:
            if subscription.source is declared and isinstance(subscription.target, Function):
                self._trigger(declared, subscription.target)
        self.done(name=self.physical)

    def _writes(self, function: str, verbs: Sequence[str]) -> bool:
        """Return whether a function writes this table, or another of the same database: that role reads as well."""
        links = roster(self.deployment)[function].identity.links.values()
        others = (
            verb for link in links if link.physical.startswith(f"{self.database.physical}/") for verb in link.verbs
        )
        return "write" in (*verbs, *others)

    def _within(self, **arguments: Any) -> dict[str, Any]:
        name = self.database.database.name
        return {"project": self.project, "database": name, "collection": self.collection, **arguments}

    def _index(self, declared: declarations.Table) -> None:
        """Deploy what queries need; everything else is exempt, so that no item has too many entries of indexes."""
        needed = indexes_of(declared)
        for single in needed.single:
            self._configure(single, lasting=single.field == needed.ttl)
        if needed.ttl and all(single.field != needed.ttl for single in needed.single):
            self._configure(SingleFieldIndex(needed.ttl), lasting=True)
        for composite in needed.composite:
            self._compose(composite)

    def _configure(self, single: SingleFieldIndex, *, lasting: bool) -> None:
        """https://cloud.google.com/firestore/native/docs/query-data/indexing"""
        orders = {"indexes": [{"order": order} for order in single.orders]} if single.orders else {}
        arguments = self._within(field=single.field, index_config=orders, **({"ttl_config": {}} if lasting else {}))
        self.child(FIELD, arguments, of="all" if single.field == EXEMPT else single.field)

    def _compose(self, composite: CompositeIndex) -> None:
        ordered = [{"field_path": path, "order": order} for path, order in composite.fields]
        of = "-".join(f"{path}-{order[:3].lower()}" for path, order in composite.fields)
        self.child(INDEX, self._within(query_scope="COLLECTION", fields=ordered), of=of)

    def _trigger(self, declared: declarations.Table, function: Function) -> None:
        """https://cloud.google.com/eventarc/standard/docs/run/route-trigger-cloud-firestore"""
        reader = self.deployment.component(function)
        open_inbox(self.deployment, function, reader)
        caller = account(self.deployment, caller_of(function.name))
        admitted = self.deployment.once(("receiver", function.name), lambda: self._receive(function))
        criteria = [
            {"attribute": "type", "value": WRITTEN},
            {"attribute": "database", "value": self.database.physical},
            {"attribute": "document", "value": f"{self.collection}/{{id}}", "operator": "match-path-pattern"},
        ]
        plan = self.deployment.plan
        arguments = {
            "project": self.project,
            "name": trigger_name(plan.app, plan.target, declared, function),
            "location": self.database.location,  # it must be the database's
            "matching_criterias": criteria,
            "event_data_content_type": "application/protobuf",
            "destination": {"cloud_run_service": {"service": reader.physical, "region": self.region, "path": "/"}},
            "service_account": caller.email,
        }
        known = agent(self.deployment, "eventarc").there
        before = [*reader.callable, self.database.database, caller.account, *known, *admitted]
        self.child(TRIGGER, arguments, of=known_as(self, function), depends_on=before)

    def _receive(self, function: Function) -> list[pulumi.Resource]:
        """Return what a trigger needs to be accepted: Eventarc looks whether its account may receive events."""
        caller = account(self.deployment, caller_of(function.name))
        arguments = {"project": self.project, "role": RECEIVE, "member": caller.member}
        received = self.child(RECEIVER, arguments, of=known_as(self, function), depends_on=[caller.account])
        pubsub = agent(self.deployment, "pubsub")  # what Eventarc delivers by
        signed = {"service_account_id": caller.account.name, "role": IDENTIFY, "member": pubsub.member}
        return [received, self.child(SIGNER, signed, of=known_as(self, function), depends_on=[pubsub.identity])]


def database_of(deployment: Deployment, declared: declarations.Table) -> Database:
    """Return the database that a table lies in: its own where it is isolated, or the app's; made once.

    What any of its tables says of the role "database" holds, and it is taken over where one of them is.
    """
    plan = deployment.plan
    physical, _, _ = deployment.physical(declared).partition("/")
    name = declared.name if declared.isolated else f"{plan.app.name}-tables"
    tables = [one for one in plan.resources if isinstance(one, declarations.Table)]
    args = [TableArgs.of(one, plan) for one in tables if deployment.physical(one).startswith(f"{physical}/")]
    raw: dict[str, Any] = {}
    for one in args:
        raw = merged(raw, one.nodes.get(DATABASE.role, {}))
    options: dict[str, Any] = {
        "location": next((one.location for one in args if one.location), ""),
        "nodes": {DATABASE.role: raw},
        "adopt": any(one.adopt for one in args),
    }
    return deployment.once(("database", physical), lambda: Database(name, physical, deployment, **options))
