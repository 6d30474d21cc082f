"""Requests of payload 2.0, which an HTTP API and a function URL send.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.envelope import (
    CORRELATION_HEADER,
    TRACEPARENT_HEADER,
    Envelope,
    valid_correlation_id,
    valid_traceparent,
)
from isthmus.errors import BadEventError
from isthmus.http.body import read_json
from isthmus.http.headers import Headers
from isthmus.http.response import HttpResponse
from isthmus_aws.events import http_answer
from isthmus_aws.events.http_path import PERCENT, encoded, within
from isthmus_aws.events.http_request import AwsRequest
from isthmus_aws.events.shape import is_list, is_object

_NOTHING = Envelope()


class HttpApiRequest(AwsRequest):
    """A request of an HTTP API. Names of headers are in lower case, repeated headers are joined with commas."""

    __slots__ = ()

    kind = "an HTTP API event of payload 2.0"

    _sent = staticmethod(encoded)
    """What makes of a path in the event the one that the client sent."""

    def __init__(self, event: dict[str, Any]) -> None:
        try:
            context: Any = event["requestContext"]
            method: Any = context["http"]["method"]
            path: Any = event["rawPath"]
            if context.get("stage") != "$default":
                path = within(path, context.get("stage"))
            path = self._sent(path) or "/"
            params: Any = event.get("pathParameters")
            if params and PERCENT in "".join(params.values()):
                params = {name: value.replace(PERCENT, "%") for name, value in params.items()}
        except (AttributeError, KeyError, TypeError, ValueError) as error:
            raise self._fault(error) from None
        if type(method) is not str:
            raise self.bad(f"requestContext.http.method is {type(method).__name__}, not text")
        self._receive(method, path, params or {}, event)

    def _fault(self, error: Exception) -> BadEventError:
        if isinstance(error, KeyError):
            return self.bad(f"it has no {error.args[0]}")
        if isinstance(error, UnicodeError):
            return self.bad("rawPath holds half of a surrogate pair, which is no text")
        return self.bad(
            "requestContext and requestContext.http should be objects, rawPath text, "
            f"and pathParameters an object of texts: {error}"
        )

    def _address(self) -> str:
        return self._sent(self.raw["rawPath"]) or "/"

    def respond(self, response: HttpResponse, correlation_id: str = "") -> dict[str, Any]:
        """Return a response of payload 2.0."""
        return http_answer.gateway_2(response, head=self.method == "HEAD", correlation_id=correlation_id)

    def envelope(self) -> Envelope:
        """Return the correlation id and the trace context that came in the headers, if they are valid."""
        headers: Any = self.raw.get("headers")
        if not is_object(headers):
            return super().envelope()
        if CORRELATION_HEADER not in headers and TRACEPARENT_HEADER not in headers:
            return _NOTHING
        return Envelope(
            correlation_id=valid_correlation_id(headers.get(CORRELATION_HEADER)),
            traceparent=valid_traceparent(headers.get(TRACEPARENT_HEADER)),
        )

    def _read_headers(self) -> Headers:
        pairs = self._single("headers")
        if self.raw.get("cookies") and not any(name == "cookie" for name, _ in pairs):
            pairs.append(("cookie", "; ".join(self._cookie_lines())))
        return Headers(pairs)

    def _cookie_lines(self) -> list[str]:
        lines: Any = self.raw.get("cookies")
        if not is_list(lines) or not all(isinstance(line, str) for line in lines):
            raise self.bad("cookies is not a list of texts")
        found: list[str] = lines
        return found

    def _read_cookies(self) -> dict[str, str]:
        from isthmus.http.cookies import parse_cookies

        return parse_cookies(self._cookie_lines()) if self.raw.get("cookies") else super()._read_cookies()

    def _read_content_type(self) -> str:
        # What all who read a body ask for, without the price of reading every header.
        headers: Any = self.raw.get("headers")
        value: Any = headers.get("content-type") if is_object(headers) else None
        return value if type(value) is str else self.headers.get("content-type", "")

    def json(self) -> Any:
        """Return the body parsed from JSON; 415 for another content type, 400 for what is not JSON."""
        # The usual body is text already: no need to make bytes of it, and text of those again.
        body: Any = self.raw.get("body")
        if type(body) is str and body and body.isascii() and self.raw.get("isBase64Encoded") is False:
            content_type = self._read_content_type()
            if content_type == "application/json":
                return read_json(body, content_type)
        return super().json()

    def _read_query_string(self) -> str:
        query: Any = self.raw.get("rawQueryString")
        return query if type(query) is str else self._text("rawQueryString")

    def _read_client_ip(self) -> str:
        return self._text("requestContext", "http", "sourceIp")


class FunctionUrlRequest(HttpApiRequest):
    """A request of a function URL, whose path is as the client sent it, and which finds no routes."""

    __slots__ = ()

    kind = "a function URL event"

    @staticmethod
    def _sent(path: str) -> str:
        if type(path) is not str:
            raise TypeError("rawPath is not text")
        return path
