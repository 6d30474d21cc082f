"""A call to a URL by a service of Google, with the token that the resource asks for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpcore

from tests.emulators.gcp.calls import Answer, Header, Request, UnansweredError, pool, post, send, split
from tests.emulators.gcp.tokens import Tokens

Headers = Sequence[tuple[str, str]]

UNANSWERED = 0
"""The status of a call that got no answer, or none in time."""


class Caller:
    """Calls URLs in the name of service accounts."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._connections: httpcore.AsyncConnectionPool = pool()

    def oidc(self, token: Mapping[str, Any] | None, url: str) -> Headers:
        """Return the header with the identity token that an `oidcToken` asks for; its audience is `url` by default."""
        if not token:
            return ()
        signed = self._tokens.identity(token["serviceAccountEmail"], token.get("audience") or url)
        return (("authorization", f"Bearer {signed}"),)

    async def call(self, url: str, headers: Headers, body: bytes, timeout: float, method: str = "POST") -> Answer:
        """Return the answer; one of the status `UNANSWERED` where there is none."""
        asked = post("/", headers, body)._replace(method=method)
        return await self.pass_on(url, asked, asked.headers, timeout)

    async def pass_on(self, url: str, request: Request, headers: list[Header], timeout: float) -> Answer:
        """Return the answer of a URL to a request that has these headers instead of its own."""
        origin, target = split(url)
        request = request._replace(target=target.encode("latin-1"), headers=headers)
        try:
            return await send(self._connections, origin, request, timeout)
        except UnansweredError as error:
            return Answer(UNANSWERED, str(error).encode())
