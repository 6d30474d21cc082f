"""CORS at the gateway: the policy of the core, worked out once for each origin."""

from __future__ import annotations

from isthmus.declarations.api import Cors
from isthmus.http.cors import CorsPolicy
from isthmus.http.response import HttpResponse
from isthmus_local.events.http import LocalRequest, ResponseFrame, encode_response

_REMEMBERED = 100  # origins; whatever somebody sends, this stays small
_OWNED = b"access-control-"


class CrossOrigin:
    """An api's rules; `rules` is None where it has none, and then nothing is to be done."""

    def __init__(self, cors: Cors | None) -> None:
        self.rules = (
            CorsPolicy(
                origins=cors.origins,
                methods=cors.methods,
                headers=cors.headers,
                expose=cors.expose,
                credentials=cors.credentials,
                max_age=cors.max_age,
            )
            if cors
            else None
        )
        self._answers: dict[str, list[tuple[bytes, bytes]]] = {}

    def is_preflight(self, headers: list[tuple[bytes, bytes]]) -> bool:
        """Tell whether an OPTIONS request asks for leave, and this api has rules to give it by."""
        names = {name for name, _ in headers}
        return self.rules is not None and b"origin" in names and b"access-control-request-method" in names

    def preflight(self, path: str, headers: list[tuple[bytes, bytes]]) -> ResponseFrame:
        """Answer such a request."""
        assert self.rules is not None
        request = LocalRequest(("OPTIONS", path, b"", headers, b"", {}, "", ""))
        return encode_response(self.rules.preflight(request), head=False)

    def apply(self, headers: list[tuple[bytes, bytes]], answer: ResponseFrame) -> ResponseFrame:
        """Return the answer to a request with what its origin may do with it: the gateway alone says so."""
        origin = next((value.decode("latin-1") for name, value in headers if name == b"origin"), "")
        status, given, body = answer
        kept = [header for header in given if not header[0].startswith(_OWNED)]
        return status, kept + self._headers(origin), body

    def _headers(self, origin: str) -> list[tuple[bytes, bytes]]:
        known = self._answers.get(origin)
        if known is None:
            assert self.rules is not None
            response = HttpResponse.empty()
            self.rules.apply(origin, response)
            known = encode_response(response, head=False)[1]
            if len(self._answers) < _REMEMBERED:
                self._answers[origin] = known
        return known
