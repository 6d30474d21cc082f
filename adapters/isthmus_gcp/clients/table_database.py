"""One Firestore database, as tables ask it: few requests, on plain protobuf messages, tried again where that helps.

The clients of Google's library try some errors again by themselves, but not ABORTED, and for minutes: here nothing is
left to them. https://cloud.google.com/firestore/docs/transaction-data-contention
"""

from __future__ import annotations

from isthmus._typing import Any, Callable, Iterator, Mapping, Sequence, TypeVar
from isthmus_gcp.clients.table_patience import Patience

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_gcp.services import Services

T = TypeVar("T")

REQUEST_SECONDS = 30.0
"""How long one request may take."""

PASSING = ("UNAVAILABLE", "RESOURCE_EXHAUSTED", "INTERNAL", "DEADLINE_EXCEEDED")
"""What may be over a moment later: https://cloud.google.com/firestore/docs/understand-error-codes."""

CONTENDED = "ABORTED"
"""That another write was in the way."""


class Database:
    """Firestore's requests for one database; `path` is its full name."""

    __slots__ = ("_name", "_services", "path")

    def __init__(self, services: Services, name: str) -> None:
        self._services = services
        self._name = name
        self.path = f"projects/{services.project}/databases/{name}"

    def get(
        self, names: Sequence[str], *, begin: bool = False, retried: bytes = b""
    ) -> tuple[Mapping[str, Any], bytes]:
        """Return the documents that there are, by name, and the transaction that was begun for it, if one was.

        `retried` is the transaction that this one is another attempt at.
        """
        types = _types()
        request = types.BatchGetDocumentsRequest.pb(types.BatchGetDocumentsRequest())
        request.database = self.path
        request.documents.extend(names)
        if begin:
            request.new_transaction.read_write.SetInParent()
            request.new_transaction.read_write.retry_transaction = retried
        found: dict[str, Any] = {}
        transaction: bytes = b""
        for answer in self._stream("batch_get_documents", types.BatchGetDocumentsRequest, request):
            transaction = answer.transaction or transaction
            if answer.WhichOneof("result") == "found":
                found[answer.found.name] = answer.found
        return found, transaction

    def commit(self, writes: Sequence[Any], transaction: bytes = b"") -> None:
        """Apply all writes or none."""
        types = _types()
        request = types.CommitRequest.pb(types.CommitRequest())
        request.database = self.path
        request.writes.extend(writes)
        request.transaction = transaction
        self._ask("commit", types.CommitRequest.wrap(request))

    def roll_back(self, transaction: bytes) -> None:
        """End a transaction without its writes."""
        types = _types()
        self._ask("rollback", types.RollbackRequest(database=self.path, transaction=transaction))

    def write_each(self, writes: Sequence[Any]) -> Sequence[Any]:
        """Apply each write by itself; returns the status of each."""
        types = _types()
        request = types.BatchWriteRequest.pb(types.BatchWriteRequest())
        request.database = self.path
        request.writes.extend(writes)
        answer = self._ask("batch_write", types.BatchWriteRequest.wrap(request))
        statuses: Sequence[Any] = types.BatchWriteResponse.pb(answer).status
        return statuses

    def run(self, query: Any) -> Iterator[Any]:
        """Yield the documents of a structured query."""
        types = _types()
        request = types.RunQueryRequest.pb(types.RunQueryRequest())
        request.parent = f"{self.path}/documents"
        request.structured_query.CopyFrom(query)
        for answer in self._stream("run_query", types.RunQueryRequest, request):
            if answer.HasField("document"):
                yield answer.document

    def _stream(self, operation: str, kind: Any, request: Any) -> Iterator[Any]:
        answers = self._ask(operation, kind.wrap(request))
        try:
            for answer in answers:
                yield answer.__class__.pb(answer)
        finally:
            answers.cancel()

    def _ask(self, operation: str, request: Any) -> Any:
        client: Any = self._services.firestore(self._name)
        metadata = client._rpc_metadata
        return getattr(client._firestore_api, operation)(
            request=request, retry=None, timeout=REQUEST_SECONDS, metadata=metadata
        )


def new_write() -> Any:
    """Return an empty write, to be filled."""
    types = _types()
    return types.Write.pb(types.Write())


def new_query() -> Any:
    """Return an empty structured query, to be filled."""
    types = _types()
    return types.StructuredQuery.pb(types.StructuredQuery())


def persistently(attempt: Callable[[], T], *, through_contention: bool = True) -> T:
    """Return what an attempt comes to, made again while its error is one that passes."""
    patience = Patience()
    while True:
        try:
            return attempt()
        except Exception as error:
            contended = is_contended(error)
            if (
                not is_passing(error)
                or (contended and not through_contention)
                or not patience.wait(contended=contended)
            ):
                raise


def is_passing(error: Exception) -> bool:
    """Say whether the same request may succeed a moment later."""
    return is_contended(error) or _code(error) in PASSING


def is_contended(error: Exception) -> bool:
    """Say whether another write was in the way."""
    return _code(error) == CONTENDED


def _code(error: Exception) -> str:
    from isthmus_gcp.clients.errors import code_of

    return code_of(error)


def _types() -> Any:
    from google.cloud.firestore_v1 import types

    return types
