"""The calls of `google.firestore.v1.Firestore`, each a coroutine that takes and gives raw messages.

https://cloud.google.com/firestore/docs/reference/rpc/google.firestore.v1#firestore
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator

from tests.emulators.gcp.firestore import aggregations, messages, queries
from tests.emulators.gcp.firestore.clock import microseconds, timestamp
from tests.emulators.gcp.firestore.database import Database, View
from tests.emulators.gcp.firestore.databases import Databases
from tests.emulators.gcp.firestore.fields import masked
from tests.emulators.gcp.firestore.listing import collection_ids, document_page
from tests.emulators.gcp.firestore.messages import Empty, Message, Status
from tests.emulators.gcp.firestore.names import check_id, document_name
from tests.emulators.gcp.firestore.refusals import RefusalError, invalid, not_found
from tests.emulators.gcp.firestore.writes import written

BATCH_WRITES = 500


class Service:
    """The service over all databases."""

    def __init__(self, databases: Databases) -> None:
        self._databases = databases

    async def get_document(self, request: Message) -> Message:
        """Return one document."""
        database = self._databases.of(request.name)
        view, _ = _view(database, request)
        (found,) = await database.read([document_name(request.name)], view)
        if found is None:
            raise not_found(f'Document "{request.name}" not found.')
        return masked(found, _paths(request))

    async def batch_get_documents(self, request: Message) -> AsyncIterator[Message]:
        """Yield documents, and the names of those that are missing."""
        database = self._databases.of(request.database)
        view, begun = _view(database, request)
        names = list(dict.fromkeys(map(document_name, request.documents)))
        response = messages.BatchGetDocumentsResponse
        if begun:
            yield response(transaction=begun)
        documents = await database.read(names, view)
        read_time = timestamp(view.at or database.clock.now())
        for name, document in zip(names, documents, strict=True):
            if document is None:
                yield response(missing=name, read_time=read_time)
            else:
                yield response(found=masked(document, _paths(request)), read_time=read_time)

    async def run_query(self, request: Message) -> AsyncIterator[Message]:
        """Yield the documents that a query finds."""
        database = self._databases.of(request.parent)
        query = queries.parse(request.parent, request.structured_query)
        view, begun = _view(database, request)
        response = messages.RunQueryResponse
        if begun:
            yield response(transaction=begun)
        documents = await database.find(query, view)
        read_time = timestamp(view.at or database.clock.now())
        for document in documents:
            yield response(document=masked(document, query.projection), read_time=read_time)
        if not documents:
            yield response(read_time=read_time, skipped_results=query.offset)

    async def run_aggregation_query(self, request: Message) -> AsyncIterator[Message]:
        """Yield counts, sums and averages over what a query finds."""
        database = self._databases.of(request.parent)
        aggregation = aggregations.parse(request.parent, request.structured_aggregation_query)
        view, begun = _view(database, request)
        documents = await database.find(aggregation.query, view, aggregation.paths)
        read_time = timestamp(view.at or database.clock.now())
        yield messages.RunAggregationQueryResponse(
            transaction=begun, read_time=read_time, result={"aggregate_fields": aggregation.over(documents)}
        )

    async def begin_transaction(self, request: Message) -> Message:
        """Begin a transaction."""
        transaction = self._databases.of(request.database).begin(request.options)
        return messages.BeginTransactionResponse(transaction=transaction.identity)

    async def commit(self, request: Message) -> Message:
        """Apply writes, all or none."""
        batch = await self._databases.of(request.database).commit(request.writes, request.transaction)
        return messages.CommitResponse(write_results=batch.results, commit_time=timestamp(batch.at))

    async def rollback(self, request: Message) -> Message:
        """End a transaction without its writes."""
        self._databases.of(request.database).transactions.roll_back(request.transaction)
        return Empty()

    async def batch_write(self, request: Message) -> Message:
        """Apply each write by itself."""
        database = self._databases.of(request.database)
        if len(request.writes) > BATCH_WRITES:
            raise invalid(f"A batch has at most {BATCH_WRITES} writes.")
        if len({written(write) for write in request.writes}) < len(request.writes):
            raise invalid("A batch may write each document only once.")
        response = messages.BatchWriteResponse()
        for write in request.writes:
            result, status = await _written(database, write)
            response.write_results.append(result)
            response.status.append(status)
        return response

    async def create_document(self, request: Message) -> Message:
        """Create a document, under a name of the server's choice where none is given."""
        name = f"{request.parent}/{request.collection_id}/{request.document_id or uuid.uuid4().hex[:20]}"
        write = messages.Write(update=request.document)
        write.update.name = name
        write.current_document.exists = False
        return await self._stored(name, write, request)

    async def update_document(self, request: Message) -> Message:
        """Update a document, or create it."""
        write = messages.Write(update=request.document)
        if request.HasField("update_mask"):
            write.update_mask.CopyFrom(request.update_mask)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        return await self._stored(request.document.name, write, request)

    async def delete_document(self, request: Message) -> Message:
        """Delete a document."""
        write = messages.Write(delete=request.name)
        if request.HasField("current_document"):
            write.current_document.CopyFrom(request.current_document)
        await self._databases.of(request.name).commit([write])
        return Empty()

    async def list_documents(self, request: Message) -> Message:
        """Return a page of a collection's documents."""
        check_id(request.collection_id)
        database = self._databases.of(request.parent)
        view, _ = _view(database, request)
        return document_page(database.documents, request, view.at, _paths(request))

    async def list_collection_ids(self, request: Message) -> Message:
        """Return the ids of the collections below a document."""
        found = collection_ids(self._databases.of(request.parent).documents, request.parent)
        return messages.ListCollectionIdsResponse(collection_ids=found)

    async def partition_query(self, request: Message) -> Message:
        """Return no partition points: as for any collection that is small, the whole is one partition."""
        self._databases.of(request.parent)
        return messages.PartitionQueryResponse()

    async def _stored(self, name: str, write: Message, request: Message) -> Message:
        batch = await self._databases.of(name).commit([write])
        return masked(batch.after[name], request.mask.field_paths if request.HasField("mask") else None)


def _view(database: Database, request: Message) -> tuple[View, bytes]:
    """Return what a request sees, and the id of the transaction that it has begun."""
    consistency = request.WhichOneof("consistency_selector")
    if consistency == "new_transaction":
        transaction = database.begin(request.new_transaction)
        return View(transaction, transaction.at), transaction.identity
    if consistency == "read_time":
        return database.view(at=microseconds(request.read_time)), b""
    return database.view(request.transaction), b""


def _paths(request: Message) -> tuple[str, ...] | None:
    return tuple(request.mask.field_paths) if request.HasField("mask") else None


async def _written(database: Database, write: Message) -> tuple[Message, Message]:
    try:
        batch = await database.commit([write])
    except RefusalError as refusal:
        return messages.WriteResult(), Status(code=refusal.code.value[0], message=refusal.message)
    return batch.results[0], Status()
