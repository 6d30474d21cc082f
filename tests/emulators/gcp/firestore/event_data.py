"""`google.events.cloud.firestore.v1.DocumentEventData`, made here from its schema: no registry has its package.

Field numbers: https://github.com/googleapis/google-cloudevents/blob/main/proto/google/events/cloud/firestore/v1/data.proto
(`value` 1, `old_value` 2, `update_mask` 3, whose `field_paths` are 1). Its `Document` and `Value` have the numbers of
`google.firestore.v1`, so those stand in for them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from tests.emulators.gcp.firestore.feed import Change
from tests.emulators.gcp.firestore.fields import changed
from tests.emulators.gcp.firestore.messages import Document, Message

_PACKAGE = "google.events.cloud.firestore.v1"
descriptor_pb2: Any = import_module("google.protobuf.descriptor_pb2")
_FIELD = descriptor_pb2.FieldDescriptorProto


@cache
def event_class() -> Any:
    """Return the class `DocumentEventData`."""
    file = descriptor_pb2.FileDescriptorProto(
        name="google/events/cloud/firestore/v1/data_of_tests.proto",
        package=_PACKAGE,
        syntax="proto3",
        dependency=[Document.DESCRIPTOR.file.name],
    )
    mask = file.message_type.add(name="DocumentMask")
    mask.field.add(name="field_paths", number=1, type=_FIELD.TYPE_STRING, label=_FIELD.LABEL_REPEATED)
    data = file.message_type.add(name="DocumentEventData")
    for number, name, kind in _PARTS:
        data.field.add(name=name, number=number, type=_FIELD.TYPE_MESSAGE, type_name=kind, label=_FIELD.LABEL_OPTIONAL)
    pool: Any = import_module("google.protobuf.descriptor_pool").Default()
    pool.Add(file)
    return import_module("google.protobuf.message_factory").GetMessageClass(
        pool.FindMessageTypeByName(f"{_PACKAGE}.DocumentEventData")
    )


_DOCUMENT = f".{Document.DESCRIPTOR.full_name}"
_PARTS = (
    (1, "value", _DOCUMENT),
    (2, "old_value", _DOCUMENT),
    (3, "update_mask", f".{_PACKAGE}.DocumentMask"),
)


def encode(change: Change) -> bytes:
    """Return a change as the bytes that Eventarc sends; the mask is there only for updates."""
    data: Message = event_class()()
    if change.after is not None:
        data.value.CopyFrom(change.after)
    if change.before is not None:
        data.old_value.CopyFrom(change.before)
    if change.before is not None and change.after is not None:
        data.update_mask.field_paths.extend(changed(change.before.fields, change.after.fields))
    body: bytes = data.SerializeToString()
    return body
