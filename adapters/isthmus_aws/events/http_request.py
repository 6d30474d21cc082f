"""A request of any service that calls a function: what all of their events share."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.envelope import Envelope, from_headers
from isthmus.errors import BadEventError
from isthmus.http.headers import Headers
from isthmus.http.request import HttpRequest
from isthmus.http.response import HttpResponse
from isthmus_aws.events.shape import is_list, is_object


class AwsRequest(HttpRequest):
    """A request whose event is read as far as a handler asks; what is malformed in it raises `BadEventError` then."""

    __slots__ = ()

    kind = "an HTTP event"
    """How errors call such an event."""

    raw: dict[str, Any]

    def respond(self, response: HttpResponse, correlation_id: str = "") -> dict[str, Any]:
        """Return a response in the form that the service behind this event takes, with the id if it has none."""
        raise NotImplementedError

    def envelope(self) -> Envelope:
        """Return the correlation id and the trace context that came in the headers, if they are valid."""
        return from_headers(self.headers)

    @property
    def url(self) -> str:
        """The whole address as the client knows it, with the stage or the mapping that `path` is without."""
        query = f"?{self.query_string}" if self.query_string else ""
        address = self._address() + query
        return f"{self.scheme}://{self.host}{address}" if self.host else address

    def _address(self) -> str:
        return self.path

    @property
    def request_id(self) -> str:
        """The id that the service has given the request; "" where it gives none."""
        return self._text("requestContext", "requestId")

    @property
    def api_id(self) -> str:
        """The id of the api, or of the function URL; "" where there is none."""
        return self._text("requestContext", "apiId")

    @property
    def route_key(self) -> str:
        """The route that the service has found, such as `GET /orders/{id}`; "" where it has none."""
        return self._text("routeKey")

    def bad(self, what: str) -> BadEventError:
        """Return the error that says what is wrong with the event."""
        return BadEventError(f"{self.kind}: {what}")

    def _text(self, *names: str) -> str:
        """Return the text at a place in the event; "" where nothing is."""
        value: Any = self.raw
        for name in names:
            if value is None:
                return ""
            if not is_object(value):
                raise self.bad(f"what should hold {name} is {type(value).__name__}, not an object")
            value = value.get(name)
        return self._checked(value, ".".join(names))

    def _checked(self, value: Any, name: str) -> str:
        if value is None:
            return ""
        if not isinstance(value, str):
            raise self.bad(f"{name} is {type(value).__name__}, not text")
        return value

    def _single(self, name: str) -> list[tuple[str, str]]:
        """Return the pairs of an object of texts; none where it is missing."""
        value: Any = self.raw.get(name) or {}
        try:
            "".join(value.values())  # the quickest way to see that each is text
            return list(value.items())
        except (AttributeError, TypeError):
            raise self.bad(f"{name} is not an object of texts") from None

    def _multiple(self, name: str) -> list[tuple[str, str]]:
        """Return the pairs of an object of lists of texts; none where it is missing."""
        value: Any = self.raw.get(name) or {}
        try:
            pairs: list[tuple[str, str]] = [(key, text) for key, texts in value.items() for text in _listed(texts)]
            "".join([text for _, text in pairs])
        except (AttributeError, TypeError):
            raise self.bad(f"{name} is not an object of lists of texts") from None
        return pairs

    def _every(self, name: str) -> list[tuple[str, str]]:
        """Return the pairs of `headers` or `queryStringParameters`: of the multi-value form, and what is not in it.

        https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
        """
        several = self._multiple(f"multiValue{name[0].upper()}{name[1:]}")
        if not several:
            return self._single(name)
        known = {key for key, _ in several}
        return several + [pair for pair in self._single(name) if pair[0] not in known]

    def _read_headers(self) -> Headers:
        return Headers(self._every("headers"))

    def _read_host(self) -> str:
        return self.headers.get("host") or self._text("requestContext", "domainName")

    def _read_body(self) -> bytes:
        body = self.raw.get("body")
        if not body:
            return b""
        flag = self.raw.get("isBase64Encoded")
        if flag is not None and not isinstance(flag, bool):
            raise self.bad(f"isBase64Encoded is {type(flag).__name__}, not true or false")
        return self._binary(body) if flag else self._plain(body)

    def _plain(self, body: Any) -> bytes:
        try:
            return self._checked(body, "body").encode()
        except UnicodeEncodeError:
            raise self.bad("body holds half of a surrogate pair, which is no text") from None

    def _binary(self, body: Any) -> bytes:
        from binascii import a2b_base64

        try:
            return a2b_base64(self._checked(body, "body"), strict_mode=True)
        except BadEventError:
            raise
        except ValueError as error:
            raise self.bad(f"body is not the base64 that isBase64Encoded promises: {error}") from None


def _listed(texts: Any) -> Any:
    if not is_list(texts):
        raise TypeError
    return texts
