"""Firestore's messages as raw protobuf classes: several times quicker than the wrappers that its client hands out."""

from __future__ import annotations

from importlib import import_module
from typing import Any

_TYPES: Any = import_module("google.cloud.firestore_v1.types")  # its classes have no types of their own

# None of these has types that both checkers know.
grpc: Any = import_module("grpc")
aio: Any = import_module("grpc.aio")

StatusCode: Any = grpc.StatusCode
Timestamp: Any = import_module("google.protobuf.timestamp_pb2").Timestamp
DecodeError: Any = import_module("google.protobuf.message").DecodeError
Empty: Any = import_module("google.protobuf.empty_pb2").Empty
Status: Any = import_module("google.rpc.status_pb2").Status

Message = Any
"""An instance of any class below."""


def raw(name: str) -> Any:
    """Return the protobuf class of that name, `Outer.Inner` for one within another."""
    found = _TYPES
    for part in name.split("."):
        found = getattr(found, part)
    return found.pb()


Document = raw("Document")
Value = raw("Value")
Write = raw("Write")
WriteResult = raw("WriteResult")
StructuredQuery = raw("StructuredQuery")
TargetChange = raw("TargetChange")
ListenResponse = raw("ListenResponse")
BatchGetDocumentsResponse = raw("BatchGetDocumentsResponse")
BatchWriteResponse = raw("BatchWriteResponse")
BeginTransactionResponse = raw("BeginTransactionResponse")
CommitResponse = raw("CommitResponse")
ListCollectionIdsResponse = raw("ListCollectionIdsResponse")
ListDocumentsResponse = raw("ListDocumentsResponse")
PartitionQueryResponse = raw("PartitionQueryResponse")
RunAggregationQueryResponse = raw("RunAggregationQueryResponse")
RunQueryResponse = raw("RunQueryResponse")
