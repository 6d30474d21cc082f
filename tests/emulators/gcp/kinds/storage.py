"""Buckets, objects of a program's own, and notifications."""

from __future__ import annotations

from base64 import b64encode
from hashlib import md5
from pathlib import Path
from typing import Any

from tests.emulators.gcp.resources import within
from tests.emulators.gcp.session import Session
from tests.emulators.realiser.assets import zipped
from tests.emulators.realiser.kind import Inputs, Kind, Made

PUBLISH = "roles/pubsub.publisher"


class NotGrantedError(PermissionError):
    """Storage's own account may not publish to the topic of a notification.

    https://cloud.google.com/storage/docs/reporting-changes#prereqs
    """


def _bucket(google: Session, inputs: Inputs) -> Made:
    bucket = google.storage.bucket(inputs["name"])
    bucket.versioning_enabled = bool(within(inputs, "versioning").get("enabled"))
    google.storage.create_bucket(bucket, project=google.of(inputs), location=inputs["location"])
    name = inputs["name"]
    return Made(name, {"url": f"gs://{name}", "selfLink": f"https://www.googleapis.com/storage/v1/b/{name}"})


def _change_bucket(google: Session, id_: str, inputs: Inputs) -> dict[str, Any]:
    bucket = google.storage.get_bucket(id_)
    bucket.versioning_enabled = bool(within(inputs, "versioning").get("enabled"))
    bucket.patch()
    return {"url": f"gs://{id_}", "selfLink": f"https://www.googleapis.com/storage/v1/b/{id_}"}


def _delete_bucket(google: Session, id_: str, state: Inputs) -> None:
    """A bucket goes only when it is empty, unless `forceDestroy` empties it."""
    bucket = google.storage.get_bucket(id_)
    if state.get("forceDestroy"):
        for blob in google.storage.list_blobs(id_, versions=True):
            bucket.blob(blob.name, generation=blob.generation).delete()
    bucket.delete()


def _read_bucket(google: Session, id_: str, state: Inputs) -> dict[str, Any]:
    enabled = bool(google.storage.get_bucket(id_).versioning_enabled)
    known = bool(within(state, "versioning").get("enabled"))
    return {} if enabled == known else {"versioning": {"enabled": enabled}}


def _object(google: Session, inputs: Inputs) -> Made:
    data = _data(inputs)
    blob = google.storage.bucket(inputs["bucket"]).blob(inputs["name"])
    blob.upload_from_string(data, content_type=inputs.get("contentType") or "application/octet-stream")
    digest = b64encode(md5(data, usedforsecurity=False).digest()).decode()
    outputs = {"md5hash": digest, "generation": int(blob.generation or 0), "outputName": inputs["name"]}
    return Made(f"{inputs['bucket']}-{inputs['name']}", outputs)


def _data(inputs: Inputs) -> bytes:
    source = inputs.get("source")
    if source is None:
        return str(inputs.get("content") or "").encode()
    if "$text" in source:
        return str(source["$text"]).encode()
    path = Path(source.get("$path") or ".")
    return path.read_bytes() if path.is_file() else zipped(source)


def _delete_object(google: Session, _id: str, state: Inputs) -> None:
    google.storage.bucket(state["bucket"]).blob(state["name"]).delete()


def _read_object(google: Session, _id: str, state: Inputs) -> dict[str, Any] | None:
    return {} if google.storage.bucket(state["bucket"]).blob(state["name"]).exists() else None


def _notification(google: Session, inputs: Inputs) -> Made:
    project, topic = _topic(google, str(inputs["topic"]))
    agent = f"serviceAccount:service-{google.number}@gs-project-accounts.iam.gserviceaccount.com"
    if not any(google.granted(PUBLISH, agent, topic=name) for name in (topic, f"projects/{project}/topics/{topic}")):
        raise NotGrantedError(f"{agent} may not publish to {topic}: 403")
    made = google.storage.bucket(inputs["bucket"]).notification(
        topic_name=topic,
        topic_project=project,
        payload_format=inputs["payloadFormat"],
        event_types=inputs.get("eventTypes"),
        blob_name_prefix=inputs.get("objectNamePrefix"),
        custom_attributes=inputs.get("customAttributes"),
    )
    made.create()
    id_ = f"{inputs['bucket']}/notificationConfigs/{made.notification_id}"
    return Made(id_, {"notificationId": made.notification_id, "selfLink": made.self_link or ""})


def _topic(google: Session, given: str) -> tuple[str, str]:
    """Return the project and the name of a topic."""
    parts = given.removeprefix("//pubsub.googleapis.com/").split("/")
    return (parts[1], parts[3]) if len(parts) == 4 else (google.project, given)


def _delete_notification(google: Session, id_: str, state: Inputs) -> None:
    google.storage.bucket(state["bucket"]).notification(notification_id=id_.rpartition("/")[2]).delete()


KINDS = {
    "gcp:storage/bucket:Bucket": Kind(
        create=_bucket,
        change=_change_bucket,
        delete=_delete_bucket,
        read=_read_bucket,
        name="name",
        fixed=("project", "location"),
        outputs=("url", "selfLink"),
    ),
    "gcp:storage/bucketObject:BucketObject": Kind(
        create=_object,
        delete=_delete_object,
        read=_read_object,
        name="name",
        outputs=("md5hash", "generation", "outputName"),
    ),
    "gcp:storage/notification:Notification": Kind(
        create=_notification, delete=_delete_notification, outputs=("notificationId", "selfLink")
    ),
}
"""Pulumi's token to what makes it."""
