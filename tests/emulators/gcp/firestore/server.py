"""The gRPC server: each call's name, how its messages are read and written, and how refusals become statuses."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from tests.emulators.gcp.firestore.databases import Databases
from tests.emulators.gcp.firestore.limits import REQUEST_BYTES
from tests.emulators.gcp.firestore.listening import listen
from tests.emulators.gcp.firestore.messages import DecodeError, Message, aio, grpc, raw
from tests.emulators.gcp.firestore.refusals import RefusalError, invalid
from tests.emulators.gcp.firestore.service import Service

SERVICE = "google.firestore.v1.Firestore"

_OPTIONS = (
    ("grpc.max_receive_message_length", 64 << 20),  # what is too large is refused by us, with the cloud's words
    ("grpc.max_send_message_length", -1),
    ("grpc.so_reuseport", 0),
)

Unary = Callable[[Message], Awaitable[Message]]
Stream = Callable[[Message], AsyncIterator[Message]]
Context = Any


async def serve(databases: Databases, port: int) -> tuple[Any, int]:
    """Start a server on a port of the loopback, 0 for a free one; return it and the port."""
    server = aio.server(options=_OPTIONS)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, _handlers(databases)),))
    bound = server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    return server, bound


def _handlers(databases: Databases) -> dict[str, Any]:
    service = Service(databases)
    unary: dict[str, Unary] = {
        "GetDocument": service.get_document,
        "ListDocuments": service.list_documents,
        "CreateDocument": service.create_document,
        "UpdateDocument": service.update_document,
        "DeleteDocument": service.delete_document,
        "BeginTransaction": service.begin_transaction,
        "Commit": service.commit,
        "Rollback": service.rollback,
        "BatchWrite": service.batch_write,
        "ListCollectionIds": service.list_collection_ids,
        "PartitionQuery": service.partition_query,
    }
    streams: dict[str, Stream] = {
        "BatchGetDocuments": service.batch_get_documents,
        "RunQuery": service.run_query,
        "RunAggregationQuery": service.run_aggregation_query,
    }
    return {
        **{
            name: grpc.unary_unary_rpc_method_handler(_unary(call), _reader(name), _write)
            for name, call in unary.items()
        },
        **{
            name: grpc.unary_stream_rpc_method_handler(_stream(call), _reader(name), _write)
            for name, call in streams.items()
        },
        "Listen": grpc.stream_stream_rpc_method_handler(
            _stream(lambda requests: listen(databases, requests)), _reader("Listen"), _write
        ),
    }


def _reader(name: str) -> Callable[[bytes], Message]:
    """Return what reads a call's request; in the place of one that cannot be taken it gives the refusal of it."""
    read: Callable[[bytes], Message] = raw(f"{name}Request").FromString

    def request(body: bytes) -> Message:
        if len(body) > REQUEST_BYTES:
            return invalid(f"Request payload size exceeds the limit: {REQUEST_BYTES} bytes.")
        try:
            return read(body)
        except DecodeError:
            return invalid("The request is no message of this call.")

    return request


def _write(message: Message) -> bytes:
    body: bytes = message.SerializeToString()
    return body


def _unary(call: Unary) -> Callable[[Message, Context], Awaitable[Message]]:
    async def answer(request: Message, context: Context) -> Message:
        try:
            return await call(_checked(request))
        except RefusalError as refusal:
            await context.abort(refusal.code, refusal.message)

    return answer


def _stream(call: Stream) -> Callable[[Message, Context], AsyncIterator[Message]]:
    async def answer(request: Message, context: Context) -> AsyncIterator[Message]:
        try:
            async for message in call(_checked(request)):
                yield message
        except RefusalError as refusal:
            await context.abort(refusal.code, refusal.message)

    return answer


def _checked(request: Message) -> Message:
    if isinstance(request, RefusalError):
        raise request
    return request
