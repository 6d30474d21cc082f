"""Requests of an application load balancer whose target is a function.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.http.response import HttpResponse
from isthmus_aws.events import http_answer
from isthmus_aws.events.http_request import AwsRequest


class BalancerRequest(AwsRequest):
    """A request of a load balancer, which decodes neither the path nor the query."""

    __slots__ = ()

    kind = "a load balancer event"

    def __init__(self, event: dict[str, Any]) -> None:
        self.raw = event
        method = self._text("httpMethod")
        if not method:
            raise self.bad("it has no httpMethod")
        super().__init__(method, self._text("path") or "/", raw=event)

    def respond(self, response: HttpResponse, correlation_id: str = "") -> dict[str, Any]:
        """Return a response for a load balancer: with multi-value headers where the request has them."""
        head = self.method == "HEAD"
        if self.raw.get("multiValueHeaders"):
            return http_answer.balancer_multiple(response, head=head, correlation_id=correlation_id)
        return http_answer.balancer_single(response, head=head, correlation_id=correlation_id)

    def _read_query_string(self) -> str:
        return "&".join(f"{name}={value}" for name, value in self._every("queryStringParameters"))

    def _read_scheme(self) -> str:
        return self.headers.get("x-forwarded-proto") or "https"

    def _read_client_ip(self) -> str:
        """Return who has connected to the load balancer, which it appends to what the client may have made up.

        https://docs.aws.amazon.com/elasticloadbalancing/latest/application/x-forwarded-headers.html
        """
        lines = self.headers.get_all("x-forwarded-for")
        last = lines[-1].rpartition(",")[2].strip() if lines else ""
        return _without_port(last)


def _without_port(address: str) -> str:
    """Return an address without the client's port, which a load balancer may be told to add."""
    if address.startswith("["):
        return address[1:].partition("]")[0]
    return address.partition(":")[0] if address.count(":") == 1 else address
