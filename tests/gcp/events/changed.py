"""Events of Firestore for the tests: the recorded one, changed as they need it, and what becomes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from isthmus.envelope import Envelope
from isthmus.sources import Source
from isthmus.table_change import TableChange
from isthmus_gcp.events import change
from isthmus_gcp.events.cloud_event import CloudEvent, of_attributes, structured

WIRE = Path(__file__).parent / "wire"
SOURCE = Source("table", "Orders")
RECORDED: dict[str, Any] = json.loads((WIRE / "firestore.json").read_text())


def told(event: CloudEvent, attempt: int = 1) -> tuple[TableChange | None, Envelope]:
    """Return the change of an event, if it is one, and its envelope."""
    changes, envelope = change.of_cloud_event(event, SOURCE, attempt)
    assert len(changes) <= 1
    return (changes[0] if changes else None), envelope


def change_of(event: CloudEvent) -> TableChange:
    """Return the change of an event that is one."""
    found = told(event)[0]
    assert found is not None
    return found


def protobuf(data: bytes, **attributes: str) -> CloudEvent:
    """Return an event as Eventarc sends it: in binary mode, its data in protobuf."""
    known = {name: value for name, value in RECORDED.items() if name != "data"}
    return of_attributes({**known, "datacontenttype": "application/protobuf", **attributes}, data)


def recorded(**changes: Any) -> CloudEvent:
    """Return the recorded event in JSON with members of its data changed; one that is None is taken away."""
    data = {name: value for name, value in {**RECORDED["data"], **changes}.items() if value is not None}
    return structured({**RECORDED, "data": data})
