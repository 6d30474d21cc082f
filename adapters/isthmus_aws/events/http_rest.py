"""Requests of payload 1.0, which a REST API sends, and an HTTP API where it is told to.

https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.http.multi import MultiDict
from isthmus.http.percent import decode
from isthmus.http.response import HttpResponse
from isthmus_aws.events import http_answer
from isthmus_aws.events.http_path import PERCENT, below, encoded, query_string, within
from isthmus_aws.events.http_request import AwsRequest


class RestRequest(AwsRequest):
    """A request of a REST API: the path and its parameters are as the client sent them, the query is decoded."""

    __slots__ = ()

    kind = "a REST API event"

    def __init__(self, event: dict[str, Any]) -> None:
        self.raw = event
        method = self._text("httpMethod")
        if not method:
            raise self.bad("it has no httpMethod")
        params = dict(self._single("pathParameters"))
        path = self._own(self._text("path"), self._resource(), params)
        super().__init__(method, path or "/", params=self._decoded(params), raw=event)

    def _resource(self) -> str:
        return self._text("resource") or self._text("requestContext", "resourcePath")

    def _own(self, path: str, resource: str, params: dict[str, str]) -> str:
        return below(path, resource, params)

    def _address(self) -> str:
        return self._text("requestContext", "path") or self.path

    def _decoded(self, params: dict[str, str]) -> dict[str, str]:
        return {name: _decoded(value) for name, value in params.items()}

    def respond(self, response: HttpResponse, correlation_id: str = "") -> dict[str, Any]:
        """Return a response of payload 1.0."""
        return http_answer.gateway_1(response, head=self.method == "HEAD", correlation_id=correlation_id)

    @property
    def route_key(self) -> str:
        """The method and the resource that the gateway has found, such as `GET /orders/{id}`."""
        resource = self._resource()
        return f"{self.method} {resource}" if resource.startswith("/") else resource

    def _read_query(self) -> MultiDict:
        return MultiDict(self._every("queryStringParameters"))

    def _read_query_string(self) -> str:
        try:
            return query_string(self._every("queryStringParameters"))
        except UnicodeError:
            raise self.bad("queryStringParameters holds half of a surrogate pair, which is no text") from None

    def _read_client_ip(self) -> str:
        return self._text("requestContext", "identity", "sourceIp")


class HttpApi1Request(RestRequest):
    """A request of an HTTP API in payload 1.0: the path, which names the stage, and its parameters are decoded."""

    __slots__ = ()

    kind = "an HTTP API event of payload 1.0"

    def _own(self, path: str, resource: str, params: dict[str, str]) -> str:
        routed = resource.startswith("/")
        own = below(path, resource, params) if routed else within(path, self._text("requestContext", "stage"))
        return self._encoded(own)

    def _address(self) -> str:
        return self._encoded(super()._address())

    def _encoded(self, path: str) -> str:
        try:
            return encoded(path)
        except UnicodeError:
            raise self.bad("path holds half of a surrogate pair, which is no text") from None

    def _decoded(self, params: dict[str, str]) -> dict[str, str]:
        return {name: value.replace(PERCENT, "%") for name, value in params.items()}


def _decoded(value: str) -> str:
    try:
        return decode(value) if "%" in value else value
    except ValueError:
        return value  # the path holds the same, and whoever checks the path answers 400
