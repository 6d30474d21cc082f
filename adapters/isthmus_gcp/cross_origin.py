"""CORS at the function that answers for an api: it is the one owner of the rules."""

from __future__ import annotations

from isthmus._typing import Any, Mapping
from isthmus.http.cors import CorsPolicy
from isthmus.http.response import HttpResponse
from isthmus_gcp.events.http_request import GcpRequest


class CrossOrigin:
    """The rules of one api, from the options of its `CorsPolicy`."""

    __slots__ = ("_policy",)

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._policy = CorsPolicy(**options)

    def is_preflight(self, request: GcpRequest) -> bool:
        """Tell whether a browser asks for leave."""
        environ = request.environ
        asks = "HTTP_ORIGIN" in environ and "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        return asks and request.method == "OPTIONS"

    def preflight(self, request: GcpRequest) -> HttpResponse:
        """Answer that."""
        return self._policy.preflight(request)

    def apply(self, request: GcpRequest, response: HttpResponse) -> None:
        """Put on an answer what the origin of its request may do with it."""
        self._policy.apply(request.environ.get("HTTP_ORIGIN", ""), response)
