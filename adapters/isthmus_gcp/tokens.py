"""Who a function is to others: tokens for Google's APIs, and for other functions."""

from __future__ import annotations

import time
from _thread import allocate_lock

from isthmus._typing import Any, Callable

SCOPE = "https://www.googleapis.com/auth/cloud-platform"
"""What an access token is good for: everything that IAM grants."""

SPARE = 225.0
"""How many seconds before its end a token is not used any more: the metadata server hands one out until 300 before."""


class Tokens:
    """The credentials of this instance, found by google-auth; `http` returns the connections to ask through.

    In a function they come from the metadata server; elsewhere from what `gcloud auth application-default login` left.
    https://cloud.google.com/docs/authentication/application-default-credentials
    """

    __slots__ = ("_credentials", "_http", "_id_tokens", "_lock")

    def __init__(self, http: Callable[[], Any]) -> None:
        self._http = http
        self._credentials: Any = None
        self._id_tokens: dict[str, Any] = {}
        self._lock = allocate_lock()

    def credentials(self) -> Any:
        """Return the credentials that Google's clients take."""
        request = self._request()
        with self._lock:
            return self._found(request)

    def anonymous(self) -> Any:
        """Return the credentials of nobody, for an emulator."""
        from importlib import import_module

        credentials: Any = import_module("google.auth.credentials").AnonymousCredentials
        return credentials()

    def access_token(self) -> str:
        """Return a token for Google's APIs that is good for some minutes at least."""
        request = self._request()
        with self._lock:
            return _fresh(self._found(request), request)

    def id_token(self, audience: str) -> str:
        """Return a token that proves who this function is to `audience`, an address."""
        request = self._request()
        with self._lock:
            if audience not in self._id_tokens:
                from importlib import import_module

                library: Any = import_module("google.oauth2.id_token")
                self._id_tokens[audience] = library.fetch_id_token_credentials(audience, request)
            return _fresh(self._id_tokens[audience], request)

    def _found(self, request: Any) -> Any:
        if self._credentials is None:
            from importlib import import_module

            library: Any = import_module("google.auth")
            self._credentials, _ = library.default(scopes=[SCOPE], request=request)
        return self._credentials

    def _request(self) -> Any:
        """Return what google-auth asks through; never within the lock, since whoever makes it has a lock of its own."""
        from importlib import import_module

        import_module("packaging")  # google-auth imports both of these here, and requires neither:
        import_module("requests")  # without the second it says only that there are no credentials
        request: Any = import_module("google.auth.transport.urllib3").Request
        return request(self._http())


def _fresh(credentials: Any, request: Any) -> str:
    expiry = credentials.expiry
    if not credentials.token or (expiry is not None and _epoch(expiry) < time.time() + SPARE):
        credentials.refresh(request)
    token: str = credentials.token
    return token


def _epoch(expiry: Any) -> float:
    """Return the epoch seconds of google-auth's expiry, which is a time of UTC that does not say so."""
    from calendar import timegm

    return float(timegm(expiry.utctimetuple()))
