"""A Firestore database: the app's one, that of an isolated table, or the one that remembers what has been sent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pulumi_gcp import firestore

from isthmus.components.arguments import ComponentArgs
from isthmus.components.component import Node
from isthmus.deployment import Deployment
from isthmus_gcp.infra.component import GoogleComponent

DATABASE = Node("database", firestore.Database, holds_data=True)


class Database(GoogleComponent[ComponentArgs]):
    """A database in Native mode, by its fixed name; where the stage keeps its data, Google refuses to delete it."""

    token = "isthmus:gcp:Database"
    children = (DATABASE,)

    def __init__(
        self,
        name: str,
        physical: str,
        deployment: Deployment,
        *,
        location: str = "",
        nodes: Mapping[str, Mapping[str, Any]] | None = None,
        adopt: bool = False,
    ) -> None:
        super().__init__(name, ComponentArgs(nodes=nodes or {}, adopt=adopt), deployment)
        self.physical = physical
        self.location = location or self.region
        kept = self.keeps_data
        arguments = {
            "project": self.project,
            "name": physical,
            "location_id": self.location,
            "type": "FIRESTORE_NATIVE",
            "concurrency_mode": "OPTIMISTIC",
            "app_engine_integration_mode": "DISABLED",
            "delete_protection_state": f"DELETE_PROTECTION_{'ENABLED' if kept else 'DISABLED'}",
            "point_in_time_recovery_enablement": f"POINT_IN_TIME_RECOVERY_{'ENABLED' if kept else 'DISABLED'}",
        }
        self.database = self.child(DATABASE, arguments, adopt=f"projects/{self.project}/databases/{physical}")
        self.done(name=physical)
