"""HTTP calls: one request, whose answer is bounded in size and time, and is never followed elsewhere."""

from __future__ import annotations

import http.client
import json
import ssl
import time
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from isthmus.shapes import is_list, is_mapping, shown
from isthmus.workflows.integrations.limits import DATA_BYTES, HTTP_SECONDS
from isthmus.workflows.integrations.refusals import RefusedError, check_known, mapping, text
from isthmus.workflows.states_error import DATA_LIMIT, StatesError

KNOWN = frozenset(("ApiEndpoint", "Method", "Headers", "QueryParameters", "RequestBody"))
"""The arguments that it takes."""

METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD")

JSON = "application/json"
SOCKET = "States.Http.Socket"
"""The error of a call that got no answer, or none in time."""

SUCCESS = range(200, 300)
CHUNK = 16_384


def run(arguments: Any) -> dict[str, Any]:
    """Make the request; `States.Http.StatusCode.<code>` where the answer is not a success."""
    if not is_mapping(arguments):
        raise RefusedError(f"an HTTP call takes an object, not {shown(arguments)}")
    check_known(arguments, KNOWN)
    method = text(arguments, "Method").upper()
    if method not in METHODS:
        raise RefusedError(f"Method is one of {', '.join(METHODS)}, not {shown(method)}")
    url = _address(text(arguments, "ApiEndpoint"), mapping(arguments, "QueryParameters"))
    body, headers = _request(arguments)
    try:
        answer = _exchange(url, method, body, headers)
    except (OSError, http.client.HTTPException, UnicodeError) as error:
        raise StatesError(SOCKET, f"{method} {_shown(url)}: {error or type(error).__name__}") from error
    if answer["StatusCode"] not in SUCCESS:
        raise StatesError(f"States.Http.StatusCode.{answer['StatusCode']}", json.dumps(answer, ensure_ascii=False))
    return answer


def _address(endpoint: str, query: Mapping[str, Any]) -> str:
    try:
        parts = urlsplit(endpoint)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
        user = "@" in parts.netloc
    except ValueError:
        valid = user = False
    if not valid or not endpoint.isascii() or not endpoint.isprintable() or " " in endpoint:
        raise RefusedError(f"ApiEndpoint is an address that starts with http:// or https://, not {shown(endpoint)}")
    if user:  # which is left out of what is asked, and would be told with what goes wrong
        raise RefusedError("ApiEndpoint has a user or a password in it: say them in Headers, as Authorization")
    given = urlencode([(name, value) for name, held in query.items() for value in (held if is_list(held) else [held])])
    address = endpoint.partition("#")[0]
    return f"{address}{'&' if '?' in address else '?'}{given}" if given else address


def _request(arguments: Mapping[str, Any]) -> tuple[bytes | None, dict[str, str]]:
    headers = {str(name).lower(): _header(str(name), value) for name, value in mapping(arguments, "Headers").items()}
    if arguments.get("RequestBody") is None:
        return None, headers
    given = arguments["RequestBody"]
    kind = headers.setdefault("content-type", JSON)
    if isinstance(given, str) and JSON not in kind:
        return given.encode(), headers
    return json.dumps(given).encode(), headers


def _header(name: str, value: Any) -> str:
    written = ", ".join(map(str, value)) if is_list(value) else str(value)
    if not (name + written).isprintable() or not (name + written).isascii() or not name.strip():
        raise RefusedError(f"the header {shown(name)} is printable ASCII text")
    return written


def _exchange(url: str, method: str, body: bytes | None, headers: Mapping[str, str]) -> dict[str, Any]:
    parts = urlsplit(url)
    end = time.monotonic() + HTTP_SECONDS
    connection = _connection(parts.scheme, str(parts.hostname), parts.port)
    try:
        target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
        connection.request(method, target, body, dict(headers))
        with connection.getresponse() as response:
            return _answer(response, end)
    finally:
        connection.close()


def _answer(response: http.client.HTTPResponse, end: float) -> dict[str, Any]:
    content = _content(response, end)
    fields: dict[str, list[str]] = {}
    for name, value in response.getheaders():
        fields.setdefault(name.lower(), []).append(value)
    return {
        "Headers": fields,
        "ResponseBody": _parsed(content, response.headers.get_content_type()),
        "StatusCode": response.status,
        "StatusText": response.reason,
    }


def _connection(scheme: str, host: str, port: int | None) -> http.client.HTTPConnection:
    if scheme == "http":
        return http.client.HTTPConnection(host, port, timeout=HTTP_SECONDS)
    return http.client.HTTPSConnection(host, port, timeout=HTTP_SECONDS, context=ssl.create_default_context())


def _content(response: http.client.HTTPResponse, end: float) -> bytes:
    """Read an answer, as it comes: one that comes by drops must come in time as well."""
    content = b""
    while chunk := response.read1(CHUNK):
        content += chunk
        if len(content) > DATA_BYTES:
            raise StatesError(DATA_LIMIT, f"the answer of the HTTP call is over {DATA_BYTES:,} bytes")
        if time.monotonic() > end:
            raise TimeoutError(f"no whole answer within {HTTP_SECONDS:.0f} seconds")
    return content


def _parsed(content: bytes, kind: str) -> Any:
    written = content.decode(errors="replace")
    if kind != JSON and not kind.endswith("+json"):
        return written
    try:
        return json.loads(written) if written else ""
    except (ValueError, RecursionError):
        return written


def _shown(url: str) -> str:
    """Return an address without what may be secret in it."""
    return url.partition("?")[0]
