"""What a worker does with an event: decode it, let the handler have it, and send what came of it."""

from __future__ import annotations

from isthmus import handler as handlers
from isthmus import serve
from isthmus._typing import Any, Callable, Iterator
from isthmus.context import Context
from isthmus.envelope import CORRELATION_HEADER, TRACEPARENT_HEADER, Envelope, from_headers, incoming
from isthmus.errors import BadEventError
from isthmus.http import serving
from isthmus.http.request import HttpRequest
from isthmus.invocations import Invocations
from isthmus.links import Identity
from isthmus_local.channel import REPORT, RESULT, pack
from isthmus_local.events.http import HttpCodec, encode_response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from isthmus_local.transport import SocketTransport

_HTTP = HttpCodec()
_NOTHING = Envelope()
_CARRIERS = frozenset((CORRELATION_HEADER.encode(), TRACEPARENT_HEADER.encode()))


class Service:
    """One function that serves events: `send` takes the frames of what came of them."""

    def __init__(self, identity: Identity, handler: serve.Handle, send: Callable[[bytes], None]) -> None:
        self._invocations = Invocations(identity)
        self._handler = handler
        self._send = send

    def invoke(self, id: int, event: tuple[Any, ...]) -> None:
        """Serve one event of any kind."""
        kind, *rest = event
        if kind == "http":
            self._http(id, *rest)
        elif kind == "batch":
            self._batch(id, *rest)
        else:
            self._task(id, *rest)

    def _http(self, id: int, raw: Any) -> None:
        request = _HTTP.decode(raw)
        context = self._invocations.context(_envelope(request), request_id=raw[7])
        response = serving.http(self._handler, request, context)
        self._send(pack(id, RESULT, encode_response(response, head=raw[0] == "HEAD")))

    def _batch(self, id: int, kind: str, records: list[Any], ordered: bool) -> None:
        codec = _codec(kind)
        pending = iter(records)
        current: list[Any] = []

        def events() -> Iterator[Any]:
            for record in pending:
                current[:] = [record]
                yield _decode(codec, record)

        def context_of(_event: Any) -> Context:
            return self._context_of(current[0])

        def done(index: int, failure: serve.Failure | None) -> None:
            news = (failure.type, failure.message, failure.tried) if failure else None
            self._send(pack(id, REPORT, (index, news)))

        serve.batch(self._handler, events(), context_of, done, ordered=ordered)
        self._send(pack(id, RESULT, None))

    def _context_of(self, record: Any) -> Context:
        envelope = incoming(record[2])[1]
        return self._invocations.context(envelope, request_id=record[0], attempt=record[3], raw=record)

    def _task(self, id: int, payload: Any, meta: dict[str, Any]) -> None:
        envelope = incoming(meta.get("attributes"))[1]
        context = self._invocations.context(envelope, request_id=meta.get("id", ""), attempt=meta.get("attempt", 1))
        try:
            frame = pack(id, RESULT, (True, serve.task(self._handler, payload, context)))
        except KeyboardInterrupt:
            raise
        except BaseException as error:
            serve.log_fault(error, context)
            frame = pack(id, RESULT, (False, type(error).__name__, serve.message_of(error)))
        self._send(frame)


def _decode(codec: Any, record: Any) -> Any:
    try:
        return codec.decode(record)
    except Exception as error:
        return serve.Malformed(BadEventError(f"record {record[0]} is malformed: {error!r}"), group=record[5])


def _codec(kind: str) -> Any:
    from isthmus_local.events.codecs import codecs

    return codecs[kind]


def _envelope(request: HttpRequest) -> Envelope:
    """Return what the request brings; its headers are left alone where they bring nothing."""
    names = [name for name, _ in request.raw[3]]
    return from_headers(request.headers) if _CARRIERS.intersection(names) else _NOTHING


def load(identity: Identity, transport: SocketTransport) -> Service:
    """Load the handler of `identity` and make its links usable; whatever its module raises passes."""
    from isthmus import resource
    from isthmus_local.linked import factories

    resource.activate(resource.Scope(identity, factories(transport)))
    return Service(identity, handlers.load(identity.handler), transport.send)
