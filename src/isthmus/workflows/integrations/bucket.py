"""The integrations of buckets: objects of text, as large as a state's data may be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from isthmus.errors import ObjectNotFoundError
from isthmus.object_info import ObjectInfo
from isthmus.shapes import shown
from isthmus.workflows.integrations.limits import DATA_BYTES
from isthmus.workflows.integrations.message import text_of
from isthmus.workflows.integrations.refusals import RefusedError, mapping, required, text
from isthmus.workflows.states_error import DATA_LIMIT, StatesError
from isthmus.workflows.tasks import Task

KNOWN: Mapping[str, frozenset[str]] = {
    "getObject": frozenset(("Bucket", "Key")),
    "putObject": frozenset(("Bucket", "Key", "Body", "ContentType", "Metadata", "IfNoneMatch")),
}
"""The arguments that each action takes."""


def run(task: Task, arguments: Mapping[str, Any], client: Any) -> dict[str, Any]:
    """Get or put the object that the arguments say."""
    return _get(arguments, client) if task.action == "getObject" else _put(arguments, client)


def _get(arguments: Mapping[str, Any], client: Any) -> dict[str, Any]:
    key = text(arguments, "Key")
    info: ObjectInfo | None = client.head(key)
    if info is None:
        raise ObjectNotFoundError(client.name, key)
    if info.size > DATA_BYTES:
        raise StatesError(DATA_LIMIT, f"the object {shown(key)} has {info.size:,} bytes, over {DATA_BYTES:,}")
    return {
        "Body": _decoded(key, client.get(key)),
        "ContentLength": info.size,
        "ContentType": info.content_type,
        "ETag": f'"{info.etag}"',
        "LastModified": datetime.fromtimestamp(int(info.modified), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "Metadata": dict(info.metadata),
    }


def _put(arguments: Mapping[str, Any], client: Any) -> dict[str, Any]:
    absent = arguments.get("IfNoneMatch")
    if absent not in (None, "*"):
        raise RefusedError(f'IfNoneMatch is "*", not {shown(absent)}')
    info: ObjectInfo = client.put(
        text(arguments, "Key"),
        text_of(required(arguments, "Body")),
        content_type=arguments.get("ContentType"),
        metadata=dict(mapping(arguments, "Metadata")) or None,
        if_absent=absent == "*",
    )
    return {"ETag": f'"{info.etag}"'}


def _decoded(key: str, body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise RefusedError(f"the object {shown(key)} is no text in UTF-8, which a state could hold") from None
