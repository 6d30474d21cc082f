"""What `http.*` sends, and what it makes of the answer.

- https://cloud.google.com/workflows/docs/http-requests
- https://cloud.google.com/workflows/docs/reference/stdlib/http/post: without `Content-Type` bytes are sent as
  `application/octet-stream`, anything else as JSON; with one the body is encoded as it says. A timeout above 1800
  seconds, or a URL that is none, is a `ValueError`; a status of 400 and more an `HttpError`.
- `User-Agent` ends with `GoogleCloudWorkflows; (+https://cloud.google.com/workflows/docs)`.
- A body is decoded where the answer says it is JSON, is text where it says so, and bytes otherwise.
- An answer has 2 MB at most. https://cloud.google.com/workflows/quotas#resource_limits
- An OAuth 2 token goes to `*.googleapis.com` only. https://cloud.google.com/workflows/docs/authenticate-from-workflow
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from tests.emulators.gcp.workflows.failures import Raised, failure
from tests.emulators.gcp.workflows.library.helpers import to_text
from tests.emulators.gcp.workflows.values import decoded, encoded, is_list, is_map, kind

AGENT = "GoogleCloudWorkflows; (+https://cloud.google.com/workflows/docs)"
LONGEST = 1800
LARGEST = 2 * 1024 * 1024
_URL = re.compile(r"https?://[^/\s?#]+[^\s]*")
_GOOGLE = re.compile(r"https://[^/?#]*\.googleapis\.com(?=[/:?#]|$)")


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request as it is sent, with the `auth` that it asks for: who sends it adds the token."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None
    timeout: float = 300.0
    auth: Mapping[str, Any] | None = None

    def json(self) -> Any:
        """Return what the body says in JSON."""
        return decoded((self.body or b"").decode())


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer; `seconds` is how long it took, in virtual time."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    seconds: float = 0.0


class NotConnectedError(Exception):
    """No connection could be made."""


class BrokenError(Exception):
    """The connection broke before there was a whole answer."""


class TooLateError(Exception):
    """There was no answer in time."""


Http = Callable[[HttpRequest], HttpResponse]
"""Sends a request; it may raise the three errors above."""


def json_response(value: Any, status: int = 200, *, seconds: float = 0.0) -> HttpResponse:
    """Return an answer in JSON, for a test that answers."""
    return HttpResponse(status, encoded(value).encode(), {"content-type": "application/json"}, seconds)


def request(method: str, arguments: Mapping[str, Any]) -> HttpRequest:
    """Return the request that arguments of `http.*` ask for."""
    url, timeout = arguments["url"], arguments["timeout"]
    if not isinstance(url, str):
        raise failure("TypeError", f"url must be a string; got: {kind(url)}")
    if not _URL.fullmatch(url):
        raise failure("ValueError", f"invalid URL: {url}")
    if type(timeout) not in (int, float):
        raise failure("TypeError", f"timeout must be a number; got: {kind(timeout)}")
    if not 0 < timeout <= LONGEST:
        raise failure("ValueError", f"timeout must be at most {LONGEST} seconds; got: {timeout}")
    for refused in ("private_service_name", "ca_certificate"):
        if arguments[refused] is not None:
            raise failure("SystemError", f"the double has no {refused}")
    headers = _headers(arguments["headers"])
    body = _body(arguments["body"], headers)
    return HttpRequest(method, _with_query(url, arguments["query"]), headers, body, timeout, _auth(arguments, url))


def answer(response: HttpResponse) -> dict[str, Any]:
    """Return what the workflow gets of an answer, or raise it."""
    if len(response.body) > LARGEST:
        raise failure("ResourceLimitError", f"HTTP response is too large: at most {LARGEST} bytes")
    headers = {_canonical(name): value for name, value in response.headers.items()}
    told = {"body": _decoded(response.body, headers), "code": response.status, "headers": headers}
    if response.status >= 400:
        raise failure("HttpError", f"HTTP server responded with error code {response.status}", **told)
    return told


def unanswered(error: Exception) -> Raised:
    """Return the error of a request that got no answer."""
    if isinstance(error, TooLateError):
        return failure("TimeoutError", "request timed out", "OSError")
    if isinstance(error, BrokenError):
        return failure("ConnectionError", f"connection broken: {error}")
    return failure("ConnectionFailedError", f"connection failed: {error}")


def _headers(given: Any) -> dict[str, str]:
    headers: Any = {} if given is None else given
    if not is_map(headers):
        raise failure("TypeError", f"headers must be a map; got: {kind(given)}")
    found: dict[str, str] = {}
    for name, value in headers.items():
        if not isinstance(value, str):
            raise failure("TypeError", f"header {name} must be a string; got: {kind(value)}")
        found[_canonical(name)] = value
    found["User-Agent"] = f"{found.get('User-Agent', '')} {AGENT}".strip()
    return found


def _canonical(name: str) -> str:
    return "-".join(part.capitalize() for part in name.split("-"))


def _body(given: Any, headers: dict[str, str]) -> bytes | None:
    """Encode a body, and say in the headers what it is where they do not."""
    if given is None:
        return None
    if "Content-Type" not in headers:
        raw = isinstance(given, bytes)
        headers["Content-Type"] = "application/octet-stream" if raw else "application/json; charset=utf-8"
    if isinstance(given, bytes):
        return given
    media = _media(headers)
    if _is_json(media):
        return encoded(given).encode()
    if media == "application/x-www-form-urlencoded" and is_map(given):
        return urlencode(_pairs("body", given)).encode()
    if isinstance(given, str):
        return given.encode()
    raise failure("TypeError", f"a body of type {kind(given)} cannot be sent as {media}")


def _media(headers: Mapping[str, str]) -> str:
    return headers.get("Content-Type", "").partition(";")[0].strip().lower()


def _is_json(media: str) -> bool:
    return media == "application/json"


def _with_query(url: str, query: Any) -> str:
    if query is None:
        return url
    if not is_map(query):
        raise failure("TypeError", f"query must be a map; got: {kind(query)}")
    pairs = _pairs("query", query)
    return f"{url}{'&' if '?' in url else '?'}{urlencode(pairs)}" if pairs else url


def _pairs(what: str, given: Mapping[str, Any]) -> list[tuple[str, str]]:
    pairs = [(key, one) for key, value in given.items() for one in (value if is_list(value) else [value])]
    for key, value in pairs:
        if value is None or isinstance(value, dict | list | bytes):
            raise failure("TypeError", f"{what} {key} must be a string, a number or a boolean; got: {kind(value)}")
    return [(key, to_text(value)) for key, value in sorted(pairs, key=lambda pair: pair[0])]


def _auth(arguments: Mapping[str, Any], url: str) -> Mapping[str, Any] | None:
    auth = arguments["auth"]
    if auth is None:
        return None
    if not is_map(auth) or auth.get("type") not in ("OIDC", "OAuth2"):
        raise failure("ValueError", "auth must be a map with type OIDC or OAuth2")
    if set(auth) - {"type", "audience", "scope", "scopes"}:
        raise failure("ValueError", f"unknown key of auth in {sorted(auth)}")
    if auth["type"] == "OAuth2" and not _GOOGLE.match(url):
        raise failure("ValueError", f"an OAuth 2 token cannot be sent to {url}")
    return auth


def _decoded(body: bytes, headers: Mapping[str, str]) -> Any:
    media = _media(headers)
    if _is_json(media):
        return _json(body)
    return body.decode(errors="replace") if media.startswith("text/") else body


def _json(body: bytes) -> Any:
    """Decode; what becomes of a body that is no JSON although it should be is not documented (text here)."""
    try:
        return decoded(body.decode()) if body else None
    except (ValueError, RecursionError):
        return body.decode(errors="replace")
