"""What calls functions: triggers of Eventarc, jobs of Cloud Scheduler, queues of Cloud Tasks."""

from __future__ import annotations

from typing import Any

from tests.emulators.gcp.kinds.kept import kept, unique
from tests.emulators.gcp.session import Session
from tests.emulators.realiser.kind import Inputs, Kind


def _trigger(google: Session, inputs: Inputs) -> str:
    return google.path(inputs, "locations", inputs["location"], "triggers", inputs["name"])


def _job(google: Session, inputs: Inputs) -> str:
    return google.path(inputs, "locations", inputs.get("region") or google.region, "jobs", inputs["name"])


def _queue(google: Session, inputs: Inputs) -> str:
    return google.path(inputs, "locations", inputs["location"], "queues", inputs["name"])


def _triggered(_google: Session, id_: str, _inputs: Inputs) -> dict[str, Any]:
    return {"uid": unique(id_), "etag": unique(id_, "etag")}


def _enabled(_google: Session, _id: str, _inputs: Inputs) -> dict[str, Any]:
    return {"state": "ENABLED"}


KINDS: dict[str, Kind] = {
    "gcp:eventarc/trigger:Trigger": kept("trigger", _trigger, _triggered, name="name", outputs=("uid", "etag")),
    "gcp:cloudscheduler/job:Job": kept("job", _job, _enabled, name="name", outputs=("state",)),
    "gcp:cloudtasks/queue:Queue": kept("queue", _queue, name="name"),
}
"""Pulumi's token to what makes it."""
