"""HTTP: which service an event is of, and requests and responses in its form."""

from __future__ import annotations

from isthmus._typing import Any
from isthmus.errors import BadEventError
from isthmus.http.response import HttpResponse
from isthmus_aws.events import http_answer
from isthmus_aws.events.http_api import FunctionUrlRequest, HttpApiRequest
from isthmus_aws.events.http_request import AwsRequest
from isthmus_aws.events.shape import is_object

URL_DOMAIN = ".lambda-url."
"""What is in the domain of every function URL: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html."""


class HttpCodec:
    """Requests of HTTP and REST APIs, function URLs and load balancers, and the responses to them."""

    __slots__ = ()

    def decode(self, raw: Any, /) -> AwsRequest:
        """Return the request of an event; `BadEventError` where the event is of none of these services."""
        if not is_object(raw) or "type" in raw:
            raise _refusal(raw)
        event: dict[str, Any] = raw
        if event.get("version") != "2.0":
            return _other(event)
        try:
            url = URL_DOMAIN in event["requestContext"]["domainName"]
        except (KeyError, TypeError):
            url = False
        return FunctionUrlRequest(event) if url else HttpApiRequest(event)

    def encode(self, result: Any, request: AwsRequest | None = None, /) -> dict[str, Any]:
        """Return a response in the form that fits the request's event, or of payload 2.0 where none is given."""
        response: HttpResponse = result
        return http_answer.gateway_2(response, head=False) if request is None else request.respond(response)


def _other(event: dict[str, Any]) -> AwsRequest:
    """Return the request of an event that is not of payload 2.0."""
    context: Any = event.get("requestContext")
    if not is_object(context) or "httpMethod" not in event:
        raise _refusal(event)
    if "connectionId" in context:
        raise _refusal(event)
    if "elb" in context:
        from isthmus_aws.events.http_balancer import BalancerRequest

        return BalancerRequest(event)
    from isthmus_aws.events.http_rest import HttpApi1Request, RestRequest

    return HttpApi1Request(event) if event.get("version") == "1.0" else RestRequest(event)


def _refusal(event: Any) -> BadEventError:
    """Return the error for an event that is of none of the services."""
    if not is_object(event):
        what = f"it is {type(event).__name__}, not an object"
    elif "type" in event:
        what = f"it has a type, {event['type']!r:.40}; an authorizer's event has one, a request has none"
    elif "httpMethod" not in event:
        what = "it has neither the version 2.0 nor an httpMethod"
    elif not is_object(event.get("requestContext")):
        what = "it has no requestContext"
    else:
        what = "it is of a WebSocket connection"
    return BadEventError(f"not an HTTP event of an API Gateway, a function URL or a load balancer: {what}")
