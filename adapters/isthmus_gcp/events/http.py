"""HTTP as the functions framework brings it: a Flask request, and the answer that Flask sends."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.http.headers import CONNECTION_HEADERS
from isthmus.http.response import HttpResponse
from isthmus_gcp.events.http_request import GcpRequest

_LENGTH = "content-length"
_BODILESS = (204, 304)


class HttpCodec:
    """Requests and answers; `behind_gateway` where API Gateway is the only one that may call the function."""

    __slots__ = ("_answer", "_behind_gateway")

    def __init__(self, *, behind_gateway: bool = False) -> None:
        self._behind_gateway = behind_gateway
        self._answer: Any = None

    def decode(self, raw: Any, /) -> GcpRequest:
        """Return the request of a Flask request; nothing of it is read before somebody asks."""
        return GcpRequest(raw, behind_gateway=self._behind_gateway)

    def encode(self, result: HttpResponse, request: GcpRequest | None = None, /) -> Any:
        """Return the Flask response of an answer to `request`; one to HEAD keeps the length that it tells."""
        if self._answer is None:
            self._answer = _answer_class()
        status = int(result.status)
        head = request is not None and request.method == "HEAD"
        headers = [
            (name, value)
            for name, value in result.wire_headers()
            if (folded := name.lower()) not in CONNECTION_HEADERS or (head and folded == _LENGTH)
        ]
        return self._answer([] if head or status in _BODILESS else result.body, status, headers)


def _answer_class() -> Any:
    """Return a Flask response that says what it was given; Flask is there already, where one is sent."""
    from flask import Response

    class Answer(Response):
        """An answer with no content type of Flask's own."""

        default_mimetype = None

        def __call__(self, environ: Any, start_response: Any) -> Any:
            """Send what there is: nothing is left to be filled in or left out, encoded or closed."""
            start_response(self.status, self.headers.to_wsgi_list())
            return self.response

    return Answer
