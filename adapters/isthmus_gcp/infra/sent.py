"""The database that remembers which messages of ordered queues have been sent: a duplicate is dropped for 5 minutes."""

from __future__ import annotations

from pulumi_gcp import firestore

from isthmus.components.arguments import ComponentArgs
from isthmus.components.component import Node
from isthmus.deployment import Deployment
from isthmus_gcp.clients.sent import COLLECTION, EXPIRES
from isthmus_gcp.infra.component import GoogleComponent
from isthmus_gcp.infra.database import Database
from isthmus_gcp.infra.database_access import WRITE, let
from isthmus_gcp.names import sent_name

FIELD = Node("field", firestore.Field)


class Sent(GoogleComponent[ComponentArgs]):
    """The notes of what has been sent, which go when they have expired, and are looked up by their names alone."""

    token = "isthmus:gcp:Sent"
    children = (FIELD,)

    def __init__(self, deployment: Deployment) -> None:
        plan = deployment.plan
        name, physical = f"{plan.app.name}-sent", sent_name(plan.app, plan.target)
        super().__init__(name, ComponentArgs(), deployment)
        self.database = Database(name, physical, deployment)
        within = {"project": self.project, "database": self.database.database.name, "collection": COLLECTION}
        self.child(FIELD, {**within, "field": "*", "index_config": {}}, of="all")
        self.child(FIELD, {**within, "field": EXPIRES, "index_config": {}, "ttl_config": {}}, of="ttl")
        self.done()


def sent(deployment: Deployment) -> Database:
    """Return the database, made once."""
    return deployment.once("sent", lambda: Sent(deployment)).database


def let_remember(deployment: Deployment, function: str) -> None:
    """Let a function look up and note what it sends."""
    let(deployment, sent(deployment), function, WRITE)
