"""Firestore's databases, composite indexes and fields: the part enforces them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.emulators.gcp.firestore.process import ControlError
from tests.emulators.gcp.kinds.kept import unique
from tests.emulators.gcp.session import Session
from tests.emulators.realiser.kind import Inputs, Kind, Made

PROTECTED = "DELETE_PROTECTION_ENABLED"


def _database(google: Session, inputs: Inputs) -> Made:
    protected = inputs.get("deleteProtectionState") == PROTECTED
    path = google.firestore.create_database(google.of(inputs), inputs["name"], delete_protection=protected)
    return Made(path, {"uid": unique(path), "etag": unique(path, "etag")})


def _change_database(google: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    google.firestore.update_database(id_, delete_protection=inputs.get("deleteProtectionState") == PROTECTED)
    return {"uid": unique(id_), "etag": unique(id_, "etag")}


def _delete_database(google: Session, id_: str, state: Inputs) -> None:
    """The provider only deletes where `deletionPolicy` says so; otherwise it forgets the database."""
    if state.get("deletionPolicy") == "DELETE":
        _unless_gone(lambda: google.firestore.delete_database(id_))


def _read_database(google: Session, id_: str, _state: Inputs) -> dict[str, Any] | None:
    return {} if id_ in google.firestore.databases() else None


def _index(google: Session, inputs: Inputs) -> Made:
    database = google.path(inputs, "databases", inputs.get("database") or "(default)")
    fields = [(field["fieldPath"], _mode(field)) for field in inputs["fields"]]
    scope = inputs.get("queryScope") or "COLLECTION"
    index = google.firestore.create_index(database, inputs["collection"], fields, scope=scope)
    path = f"{database}/collectionGroups/{inputs['collection']}/indexes/{index}"
    return Made(path, {"name": path})


def _delete_index(google: Session, id_: str, _state: Inputs) -> None:
    database, index = id_.partition("/collectionGroups/")[0], id_.rpartition("/")[2]
    _unless_gone(lambda: google.firestore.delete_index(database, index))


def _read_index(google: Session, id_: str, _state: Inputs) -> dict[str, Any] | None:
    database, index = id_.partition("/collectionGroups/")[0], id_.rpartition("/")[2]
    return {} if any(one["index"] == index for one in google.firestore.indexes(database)) else None


def _field(google: Session, inputs: Inputs) -> Made:
    database = google.path(inputs, "databases", inputs.get("database") or "(default)")
    path = f"{database}/collectionGroups/{inputs['collection']}/fields/{inputs['field']}"
    return Made(path, _set_field(google, path, inputs))


def _set_field(google: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    """Configure a field; without `indexConfig` it keeps what it inherits, with an empty one it has no index."""
    database = id_.partition("/collectionGroups/")[0]
    config: Mapping[str, Any] | None = inputs.get("indexConfig")
    indexes = None
    if config is not None:
        indexes = [(one.get("queryScope") or "COLLECTION", _mode(one)) for one in config.get("indexes") or ()]
    ttl = inputs.get("ttlConfig") is not None
    google.firestore.set_field(database, inputs["collection"], inputs["field"], indexes=indexes, ttl=ttl)
    return {"name": id_}


def _delete_field(google: Session, id_: str, state: Inputs) -> None:
    database = id_.partition("/collectionGroups/")[0]
    _unless_gone(lambda: google.firestore.delete_field(database, state["collection"], state["field"]))


def _mode(field: Mapping[str, Any]) -> str:
    return str(field.get("order") or field.get("arrayConfig") or "")


def _unless_gone(delete: Any) -> None:
    try:
        delete()
    except ControlError as error:
        if error.status != "NOT_FOUND":
            raise


KINDS = {
    "gcp:firestore/database:Database": Kind(
        create=_database,
        change=_change_database,
        delete=_delete_database,
        read=_read_database,
        name="name",
        fixed=("project", "locationId", "type"),
        outputs=("uid", "etag"),
    ),
    "gcp:firestore/index:Index": Kind(create=_index, delete=_delete_index, read=_read_index, outputs=("name",)),
    "gcp:firestore/field:Field": Kind(
        create=_field,
        change=_set_field,
        delete=_delete_field,
        fixed=("project", "database", "collection", "field"),
        outputs=("name",),
    ),
}
"""Pulumi's token to what makes it."""
