"""The requests of an execution, as they go out: to the loopback, or to a service of Google that stands in for it.

- `auth` of type OIDC adds an identity token of the workflow's account, whose audience is the URL by default; of type
  OAuth2 an access token. https://cloud.google.com/workflows/docs/authenticate-from-workflow
- Pub/Sub and the executions of workflows are reached at their own hosts; nothing else of the outside is.
"""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from http.client import HTTPConnection, HTTPException
from typing import Any
from urllib.parse import urlsplit

from tests.emulators.gcp.resources import Resources
from tests.emulators.gcp.tokens import Tokens
from tests.emulators.gcp.workflows.connectors import EXECUTIONS_API
from tests.emulators.gcp.workflows.http_calls import (
    BrokenError,
    HttpRequest,
    HttpResponse,
    NotConnectedError,
    TooLateError,
    json_response,
)
from tests.emulators.gcp.workflows.permissions import PUBLISH, allowed

Publish = Callable[[str, Sequence[Mapping[str, Any]]], Awaitable[Sequence[str]]]
"""Publishes messages, as the REST API has them, to a topic, and returns their ids."""

_PUBLISH = re.compile(r"https://(?:[a-z0-9-]+-)?pubsub\.googleapis\.com/v1/(projects/([^/]+)/topics/([^/:]+)):publish")
_LOOPBACK = ("127.0.0.1", "localhost")


class Outside:
    """What can be reached from here; `origin` is where the executions' API is."""

    def __init__(self, resources: Resources, tokens: Tokens, publish: Publish, origin: str) -> None:
        self.resources = resources
        self.tokens = tokens
        self.origin = origin
        self._publish = publish
        self._loop = asyncio.get_running_loop()

    def published(self, topic: str, messages: Sequence[Mapping[str, Any]]) -> Sequence[str]:
        """Publish from another thread."""
        work: Any = self._publish(topic, messages)
        identifiers: Sequence[str] = asyncio.run_coroutine_threadsafe(work, self._loop).result(60)
        return identifiers


class Sender:
    """Sends requests in the name of an account; a callable of any thread."""

    def __init__(self, outside: Outside, email: str) -> None:
        self._outside = outside
        self._email = email

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Send a request and return the answer."""
        topic = _PUBLISH.fullmatch(request.url)
        if topic and request.method == "POST":
            return self._to_topic(request, *topic.groups())
        url = request.url.replace(EXECUTIONS_API, self._outside.origin, 1)
        host = urlsplit(url)
        if host.scheme != "http" or host.hostname not in _LOOPBACK:
            raise NotConnectedError(f"{request.url} is not to be reached from here")
        return _sent(request, url, {**request.headers, **self._token(request)})

    def _token(self, request: HttpRequest) -> Mapping[str, str]:
        auth = request.auth
        if auth is None:
            return {}
        tokens = self._outside.tokens
        if auth["type"] == "OIDC":
            signed = tokens.identity(self._email, auth.get("audience") or request.url)
            return {"Authorization": f"Bearer {signed}"}
        return {"Authorization": f"Bearer {tokens.access(self._email)}"}

    def _to_topic(self, request: HttpRequest, path: str, project: str, topic: str) -> HttpResponse:
        """Publish, where the account may: https://cloud.google.com/pubsub/docs/access-control."""
        if not (request.auth and allowed(self._outside.resources, self._email, project, PUBLISH, topic=topic)):
            return refusal(403, "PERMISSION_DENIED", f"User not authorized to publish to {path}.")
        try:
            messages = json.loads(request.body or b"")["messages"]
            checked = [base64.b64decode(message.get("data", ""), validate=True) for message in messages]
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            return refusal(400, "INVALID_ARGUMENT", f"Invalid JSON payload received: {error!r}")
        if not all(data or message.get("attributes") for data, message in zip(checked, messages, strict=True)):
            return refusal(400, "INVALID_ARGUMENT", "A message has data or attributes.")
        return self._published(path, messages)

    def _published(self, path: str, messages: Sequence[Mapping[str, Any]]) -> HttpResponse:
        try:
            return json_response({"messageIds": list(self._outside.published(path, messages))})
        except Exception as error:
            code = getattr(error, "code", None)
            if code is None:
                raise
            missing = "NOT_FOUND" in str(code())
            return refusal(404 if missing else 400, "NOT_FOUND" if missing else "INVALID_ARGUMENT", str(error))


def refusal(status: int, code: str, message: str) -> HttpResponse:
    """Return an error as Google's REST APIs answer it."""
    return json_response({"error": {"code": status, "message": message, "status": code}}, status)


def _sent(request: HttpRequest, url: str, headers: Mapping[str, str]) -> HttpResponse:
    host = urlsplit(url)
    target = f"{host.path or '/'}{'?' + host.query if host.query else ''}"
    connection = HTTPConnection(host.netloc, timeout=request.timeout)
    try:
        _connected(connection, url)
        connection.request(request.method, target, request.body, dict(headers))
        response = connection.getresponse()
        return HttpResponse(response.status, response.read(), dict(response.getheaders()))
    except TimeoutError as error:
        raise TooLateError(f"{request.method} {request.url}: {error}") from None
    except (OSError, HTTPException) as error:
        raise BrokenError(f"{request.method} {request.url}: {error}") from None
    finally:
        connection.close()


def _connected(connection: HTTPConnection, url: str) -> None:
    try:
        connection.connect()
    except OSError as error:
        raise NotConnectedError(f"{url}: {error}") from None
