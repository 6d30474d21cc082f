"""A REST API of Google's, for services of which one call is needed: their libraries take half a second to import."""

from __future__ import annotations

import json
import time

from isthmus._typing import Any, Callable, Mapping

TYPE_CHECKING = False
if TYPE_CHECKING:
    from urllib3 import PoolManager

DEADLINE = 30.0
"""In how many seconds a call is answered, retries included."""

CONNECT_TIMEOUT = 5.0
"""In how many seconds a connection is made."""

_FIRST_PAUSE = 0.1
_MOST_PAUSE = 4.0
_TRANSIENT = (429, 500, 502, 503, 504)


class RestError(Exception):
    """A service refused: the HTTP `status`, Google's `code` for it ("NOT_FOUND"), and what it said.

    https://cloud.google.com/apis/design/errors#http_mapping
    """

    def __init__(self, status: int, code: str, said: str) -> None:
        super().__init__(f"{status} {code}: {said}")
        self.status = status
        self.code = code
        self.said = said


class Rest:
    """One API at `base` ("https://cloudtasks.googleapis.com"); `token` returns an access token, None asks without.

    `deadline` is in how many seconds a call is answered, retries included, unless it has one of its own.
    """

    __slots__ = ("_base", "_deadline", "_http", "_token")

    def __init__(
        self, base: str, http: PoolManager, *, token: Callable[[], str] | None, deadline: float = DEADLINE
    ) -> None:
        self._base = base
        self._deadline = deadline
        self._http = http
        self._token = token

    def get(self, path: str, *, deadline: float | None = None) -> Any:
        """Return the document at `path` ("/v1/projects/…")."""
        return self._call("GET", path, None, deadline)

    def post(
        self,
        path: str,
        document: Mapping[str, Any],
        *,
        deadline: float | None = None,
        known: Callable[[float], Any] | None = None,
    ) -> Any:
        """Return what a service answers to `document`; `RestError` where it refuses, urllib3's where nobody answers.

        What may pass (a broken connection, 429, 5xx) is tried again until the deadline, so that a call that creates
        something may do so twice; unless `known`, asked before with the seconds that are left, returns what is made.
        """
        body = json.dumps(document, separators=(",", ":")).encode()
        return self._call("POST", path, body, deadline, known)

    def _call(
        self,
        method: str,
        path: str,
        body: bytes | None,
        deadline: float | None,
        known: Callable[[float], Any] | None = None,
    ) -> Any:
        until = time.monotonic() + (deadline or self._deadline)
        attempt = 0
        while True:
            try:
                return (known(until - time.monotonic()) if attempt and known else None) or self._once(
                    method, path, body, until
                )
            except Exception as error:
                wait = pause(attempt)
                if not _may_pass(error) or time.monotonic() + wait >= until:
                    raise
            time.sleep(wait)
            attempt += 1

    def _once(self, method: str, path: str, body: bytes | None, until: float) -> Any:
        from urllib3 import Timeout

        headers = {"content-type": "application/json"} if body is not None else {}
        if self._token is not None:
            headers["authorization"] = f"Bearer {self._token()}"
        left = max(until - time.monotonic(), 0.1)
        timeout = Timeout(connect=min(CONNECT_TIMEOUT, left), total=left)
        answer = self._http.request(method, self._base + path, body=body, headers=headers, timeout=timeout)
        return _document(answer.status, answer.data)


def pause(attempt: int) -> float:
    """Return the seconds to wait before the next attempt, after number `attempt` (from 0): at random, and doubled."""
    from random import uniform

    return uniform(0.5, 1) * float(min(_MOST_PAUSE, _FIRST_PAUSE * 2 ** min(attempt, 16)))


def error_of(data: bytes) -> Mapping[str, Any]:
    """Return the member `error` of an answer, as Google writes it, and a function of ours; {} where there is none."""
    try:
        told: Mapping[str, Any] = {**json.loads(data)["error"]}
    except (ValueError, TypeError, KeyError, RecursionError):
        return {}
    return told


def _document(status: int, data: bytes) -> Any:
    if status // 100 == 2:
        return _json(data)
    told = error_of(data)
    said = str(told.get("message") or data.decode(errors="replace")[:500] or "no reason given")
    raise RestError(status, str(told.get("status") or ""), said)


def _json(data: bytes) -> Any:
    try:
        return json.loads(data or b"{}")
    except (ValueError, RecursionError) as error:  # what stands between, a proxy say, has answered
        raise RestError(502, "", f"the answer is not JSON: {error}") from error


def _may_pass(error: Exception) -> bool:
    if isinstance(error, RestError):
        return error.status in _TRANSIENT
    from urllib3.exceptions import HTTPError, LocationParseError

    return isinstance(error, HTTPError) and not isinstance(error, LocationParseError)
